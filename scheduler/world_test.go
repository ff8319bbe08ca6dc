package scheduler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// world is a scheduler with a clock that the test turns.
type world struct {
	*Scheduler
	desk   *desk.Desk
	editor *editor.Editor
	t      testing.TB
	now    time.Time
	mail   *mailbox
	dir    string
}

// mailbox takes every mail, unless it is told what else to say.
type mailbox struct {
	mu    sync.Mutex
	mails []mail.Message
	say   func(mail.Message) mail.Outcome
}

func (m *mailbox) Send(_ context.Context, sent mail.Message) mail.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.say != nil {
		out := m.say(sent)
		if out.Err != nil || len(out.Refused) == len(sent.To) {
			return out
		}
		m.mails = append(m.mails, sent)
		return out
	}
	m.mails = append(m.mails, sent)
	return mail.Outcome{Reply: "250 ok"}
}

// answer makes the mailbox say that from now on; nil: all is well.
func (m *mailbox) answer(say func(mail.Message) mail.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.say = say
}

func (m *mailbox) Parallel() int { return 2 }
func (m *mailbox) Close() error  { return nil }

const planHead = `id = "p"
title = "方案"
starts = 2017-06-09
[policy.standard]
remind = ["7 working days before", "3 working days before", "on the day"]
overdue = "every 2 working days"
escalate = "3 working days after"
[policy.plain]
remind = ["5 days before", "on the day"]
overdue = "every 7 days"
escalate = "2 days after"
[policy.tracked]
remind = []
`

const planUnits = `[[unit]]
id = "boss"
name = "市政府办公室"
mail = ["boss@x.example"]
[[unit]]
id = "a"
name = "甲局"
name_en = "Bureau A"
mail = ["a@x.example"]
supervisor = "boss"
[[unit]]
id = "b"
name = "乙局"
name_en = "Bureau B"
mail = ["b@x.example", "b2@x.example"]
cc = ["copy@x.example"]
supervisor = "boss"
language = "en"
[[unit]]
id = "c"
name = "丙镇"
mail = ["c@x.example"]
supervisor = "boss"
[[group]]
id = "all"
members = ["a", "b", "c"]
`

func settings() engine.Settings {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return engine.Settings{
		Language: "zh-CN", Timezone: shanghai, WindowFrom: 8*60 + 30, WindowTo: 17*60 + 30, MaxNoticesPerTick: 500,
		AssignOnStart: true, From: address.Must("督办提醒 <duban@x.example>"), Admins: []address.Address{address.Must("admin@x.example")},
	}
}

// rulesOf loads a plan made of these obligations.
func rulesOf(t testing.TB, obligations string, years ...calendar.Year) *rules.Set {
	return rulesWith(t, planHead, obligations, years...)
}

func rulesWith(t testing.TB, head, obligations string, years ...calendar.Year) *rules.Set {
	t.Helper()
	return rulesFrom(t, head, planUnits, obligations, years...)
}

func rulesFrom(t testing.TB, head, units, obligations string, years ...calendar.Year) *rules.Set {
	t.Helper()
	dir := t.TempDir()
	writeAll(t, dir, map[string]string{"plan.toml": head, "units.toml": units, "obligations/01.toml": obligations})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}, Years: years})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

func writeAll(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func ob(id, units, lines string) string {
	return fmt.Sprintf("[[obligation]]\nid=%q\nref=\"1.1\"\ntitle=\"事项%s\"\ntitle_en=\"Item %s\"\nunits=%s\n%s\n", id, id, id, units, lines)
}

func newWorld(t testing.TB, set *rules.Set, now string) *world {
	t.Helper()
	w := &world{t: t, mail: &mailbox{}, dir: t.TempDir()}
	w.at(now, settings().Timezone)
	l, err := sqlite.Open(context.Background(), filepath.Join(w.dir, "ledger.db"), sqlite.Options{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w.with(l, set)
	return w
}

// with makes what acts on a ledger.
func (w *world) with(l ledger.Store, set *rules.Set) {
	w.Scheduler = New(Options{Settings: settings()}, set, l, w.mail, zerolog.Nop(), func() time.Time { return w.now })
	w.desk = desk.New(l, w.View, zerolog.Nop())
	w.editor = editor.New(l, w.View, nil, nil, zerolog.Nop())
}

// at turns the clock: "2017-07-12 09:00".
func (w *world) at(s string, zone *time.Location) *world {
	w.t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = now
	return w
}

// tick turns the clock, evaluates and delivers.
func (w *world) tick(s string) Report {
	w.t.Helper()
	w.at(s, w.Settings.Timezone)
	return w.tickNow()
}

func (w *world) tickNow() Report {
	w.t.Helper()
	r, err := w.Tick(context.Background(), w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Deliver(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// days ticks once on each day, at nine.
func (w *world) days(from, to string) {
	w.t.Helper()
	for d := date(w.t, from); d <= date(w.t, to); d++ {
		w.tick(d.String() + " 09:00")
	}
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// notices are all that were made: day, kind, unit, what they carry.
func (w *world) notices(states ...ledger.MailState) []string {
	w.t.Helper()
	ctx := context.Background()
	all, err := ledger.AllNotices(ctx, w.Ledger, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, n := range all {
		if len(states) > 0 && !slices.Contains(states, n.State) {
			continue
		}
		whole, err := w.Ledger.Notice(ctx, n.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		var items []string
		for _, it := range whole.Items {
			what := it.Obligation
			if it.Occurrence != 0 {
				o, err := w.Ledger.Occurrence(ctx, it.Occurrence)
				if err != nil {
					w.t.Fatal(err)
				}
				what = o.Key() + "=" + it.Kind
			}
			if it.New {
				what += " (new)"
			}
			items = append(items, what)
		}
		slices.Sort(items)
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s", n.Day, n.Kind, n.Unit, strings.Join(items, " "))))
	}
	return out
}

// since leaves out the notices of earlier days.
func since(notices []string, day string) []string {
	return slices.DeleteFunc(notices, func(s string) bool { return s < day })
}

func (w *world) want(got []string, want ...string) {
	w.t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (w *world) find(key string) *ledger.Occurrence {
	w.t.Helper()
	o, err := w.Ledger.Find(context.Background(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) done(key string, day string) {
	w.t.Helper()
	in := desk.Act{By: "test"}
	if day != "" {
		in.Date = date(w.t, day)
	}
	if _, err := w.desk.Do(context.Background(), desk.Done, key, in); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) verify() {
	w.t.Helper()
	v, err := engine.Verify(context.Background(), w.Ledger, w.View(), "", "")
	if err != nil || len(v.Problems) > 0 {
		w.t.Errorf("verify: %v %v", v.Problems, err)
	}
}
