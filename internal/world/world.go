// Package world is a ledger with all that acts on it, and a clock that the test
// turns: what the tests of the scheduler's rooms share.
package world

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"duban/internal/engines"
	"duban/ledger"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler"
	"duban/scheduler/delivery"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// Monthly is a rhythm: June is due on 2017-07-21.
const Monthly = "every=\"month\"\nwithin=\"15 working days\"\npolicy=\"standard\""

// Asked starts a clock, and Closed is the step after "e".
const (
	Asked  = "event=\"asked\"\nwithin=\"10 working days\"\npausable=true\nextendable=\"30 working days\"\npolicy=\"standard\""
	Closed = "after=\"e\"\nwithin=\"5 working days\"\npolicy=\"standard\""
)

// World is a daemon that does nothing by itself.
type World struct {
	T      testing.TB
	Dir    string
	Now    time.Time
	Ledger ledger.Store
	Daemon *scheduler.Scheduler
	Desk   *desk.Desk
	Editor *editor.Editor
	Mail   *Mailbox

	// These may be changed at any time.
	Transport mail.Transport   // the mailbox, at first
	Clock     func() time.Time // Now, at first
	Log       io.Writer        // nil: nothing is logged

	byServer bool // the daemon goes by the clock of a server that it shares with others

	// What Reopen begins with.
	Sending delivery.Settings
}

// New is a world in which nothing has happened yet: "2017-07-12 09:00".
func New(t testing.TB, set *rules.Set, now string) *World {
	t.Helper()
	w := Empty(t, t.TempDir())
	w.At(now)
	w.With(engines.Open(t, filepath.Join(w.Dir, "ledger.db")), set)
	return w
}

// Chained is a world in which "u" comes after "s", and that after "e", which an
// event starts.
func Chained(t testing.TB) *World {
	t.Helper()
	last := strings.Replace(Closed, `"e"`, `"s"`, 1)
	w := New(t, Rules(t, Ob("e", `["a"]`, Asked)+Ob("s", `["a"]`, Closed)+Ob("u", `["a"]`, last)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-11-20 09:00")
	return w
}

// Empty is a world without a ledger.
func Empty(t testing.TB, dir string) *World {
	w := &World{T: t, Dir: dir, Mail: &Mailbox{}}
	w.Transport = w.Mail
	w.Clock = func() time.Time { return w.Now }
	return w
}

// With makes what acts on a ledger.
func (w *World) With(l ledger.Store, set *rules.Set) {
	w.Ledger = l
	log := zerolog.New(logTo{w})
	options := scheduler.Options{Settings: Settings(), Delivery: w.Sending}
	if !w.byServer {
		options.Machine = time.Now // what is evaluated is the world's time, also where a server has another
	}
	w.Daemon = scheduler.New(options, set, l, mail.NewChannel(sending{w}, nil), log, func() time.Time { return w.Clock() })
	w.Desk = desk.New(l, w.View, log)
	w.Editor = editor.New(l, w.View, nil, nil, log)
}

// Reopen is a new daemon on the same ledger, with the same rules and settings.
func (w *World) Reopen() {
	settings := *w.Settings()
	w.With(w.Ledger, w.Daemon.Rules())
	*w.Settings() = settings
}

// View is what an operation that begins now goes by.
func (w *World) View() engine.View { return w.Daemon.View() }

// Settings are those in force, to be changed.
func (w *World) Settings() *engine.Settings { return &w.Daemon.Options.Settings }

// logTo and sending are the world's at the moment of asking.
type logTo struct{ w *World }

func (l logTo) Write(p []byte) (int, error) {
	if l.w.Log == nil {
		return len(p), nil
	}
	return l.w.Log.Write(p)
}

type sending struct{ w *World }

func (s sending) Send(ctx context.Context, m notify.Message) notify.Outcome {
	return s.w.Transport.Send(ctx, m)
}
func (s sending) Parallel() int { return s.w.Transport.Parallel() }
func (s sending) Close() error  { return nil }

// At turns the clock.
func (w *World) At(s string) *World { return w.AtIn(s, Settings().Timezone) }

// AtIn turns the clock to a time in another zone.
func (w *World) AtIn(s string, zone *time.Location) *World {
	w.T.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Now = now
	return w
}

// Tick turns the clock, evaluates and delivers.
func (w *World) Tick(s string) scheduler.Report {
	w.T.Helper()
	w.At(s)
	return w.TickNow()
}

// TickNow evaluates and delivers.
func (w *World) TickNow() scheduler.Report {
	w.T.Helper()
	r := w.Evaluate()
	if _, err := w.Daemon.Courier.Deliver(context.Background()); err != nil {
		w.T.Fatal(err)
	}
	return r
}

// Evaluate ticks and delivers nothing.
func (w *World) Evaluate() scheduler.Report {
	w.T.Helper()
	r, err := w.Daemon.Tick(context.Background(), w.Now)
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

// Deliver lets leave what may.
func (w *World) Deliver() delivery.Tally {
	w.T.Helper()
	d, err := w.Daemon.Courier.Deliver(context.Background())
	if err != nil {
		w.T.Fatal(err)
	}
	return d
}

// Days ticks once on each day, at nine.
func (w *World) Days(from, to string) {
	w.T.Helper()
	for d := Date(w.T, from); d <= Date(w.T, to); d++ {
		w.Tick(d.String() + " 09:00")
	}
}

// Set puts rules in force and ticks an hour later.
func (w *World) Set(set *rules.Set) {
	w.T.Helper()
	w.Daemon.SetRules(set)
	w.Now = w.Now.Add(time.Hour)
	w.TickNow()
}

// Event records one.
func (w *World) Event(name, unit, day, key string) {
	w.T.Helper()
	e := &ledger.Event{Name: name, Unit: unit, Key: key, Day: Date(w.T, day)}
	if _, _, err := w.Desk.AddEvent(context.Background(), e, "test"); err != nil {
		w.T.Fatal(err)
	}
}

// Done reports an occurrence; day may be empty: now.
func (w *World) Done(key string, day string) {
	w.T.Helper()
	in := desk.Act{By: "test"}
	if day != "" {
		in.Date = Date(w.T, day)
	}
	if _, err := w.Desk.Do(context.Background(), desk.Done, key, in); err != nil {
		w.T.Fatal(err)
	}
}

// Find is the occurrence of that name.
func (w *World) Find(key string) *ledger.Occurrence {
	w.T.Helper()
	o, err := w.Ledger.Find(context.Background(), key)
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

// Open are the occurrences that are.
func (w *World) Open() []*ledger.Occurrence {
	w.T.Helper()
	open, err := ledger.AllOccurrences(context.Background(), w.Ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		w.T.Fatal(err)
	}
	return open
}

// Stands wants an occurrence to be in that state, due on that day.
func (w *World) Stands(key string, state ledger.State, due string) {
	w.T.Helper()
	if o := w.Find(key); o.State != state || o.Due != Date(w.T, due) {
		w.T.Errorf("%s is %s (%s), due %s; want %s, due %s", key, o.State, o.Reason, o.Due, state, due)
	}
}

// Listed are the notices in that state, whole; empty: all of them.
func (w *World) Listed(state ledger.MailState) []*ledger.Notice {
	w.T.Helper()
	all, err := ledger.AllNotices(context.Background(), w.Ledger, state)
	if err != nil {
		w.T.Fatal(err)
	}
	for i, n := range all {
		if all[i], err = w.Ledger.Notice(context.Background(), n.ID); err != nil {
			w.T.Fatal(err)
		}
	}
	return all
}

// NoticeTo is the first one to that unit.
func (w *World) NoticeTo(unit string) *ledger.Notice {
	w.T.Helper()
	for _, n := range w.Listed("") {
		if n.Unit == unit {
			return n
		}
	}
	w.T.Fatalf("no notice to %s", unit)
	return nil
}

// States counts the notices by state.
func (w *World) States() map[ledger.MailState]int {
	w.T.Helper()
	out := map[ledger.MailState]int{}
	for _, n := range w.Listed("") {
		out[n.State]++
	}
	return out
}

// Notices are all that were made: day, kind, unit, what they carry.
func (w *World) Notices(states ...ledger.MailState) []string {
	w.T.Helper()
	var out []string
	for _, n := range w.Listed("") {
		if len(states) > 0 && !slices.Contains(states, n.State) {
			continue
		}
		var items []string
		for _, it := range n.Items {
			items = append(items, w.carried(it))
		}
		slices.Sort(items)
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s", n.Day, n.Kind, n.Unit, strings.Join(items, " "))))
	}
	return out
}

func (w *World) carried(it ledger.Item) string {
	what := it.Obligation
	if it.Occurrence != 0 {
		o, err := w.Ledger.Occurrence(context.Background(), it.Occurrence)
		if err != nil {
			w.T.Fatal(err)
		}
		what = o.Key() + "=" + it.Kind
	}
	if it.Occurrence != 0 && it.New {
		what += " (new)"
	}
	if it.Kind == string(notify.Relieved) {
		what = "-" + what
	}
	return what
}

// Since leaves out the notices of earlier days.
func Since(notices []string, day string) []string {
	return slices.DeleteFunc(notices, func(s string) bool { return s < day })
}

// Want compares, in whatever order.
func (w *World) Want(got []string, want ...string) {
	w.T.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.T.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// Verify proves the ledger.
func (w *World) Verify() {
	w.T.Helper()
	v, err := engine.Verify(context.Background(), w.Ledger, w.View(), "", "")
	if err != nil || len(v.Problems) > 0 {
		w.T.Errorf("verify: %v %v", v.Problems, err)
	}
}

// Behind changes the ledger behind its back.
func (w *World) Behind(statements ...string) {
	w.T.Helper()
	db := engines.Behind(w.T, w.Ledger)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			w.T.Fatal(err)
		}
	}
}

// Date reads a day.
func Date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
