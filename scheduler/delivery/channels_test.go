package delivery_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/scheduler/delivery"
)

// reached is a world in which a is reached by mail, chat and hook, b by mail alone
// and c by chat alone; three assignments are to be told.
func reached(t *testing.T, change ...func(*delivery.Way)) (w *world.World, chat *world.Chat, hook *world.Hook) {
	t.Helper()
	w, chat, hook = world.New(t, by(t, "chat", "hook"), "2017-06-09 09:00"), &world.Chat{}, &world.Hook{}
	ways := []delivery.Way{{Name: "chat", Channel: chat}, {Name: "hook", Channel: hook}}
	for _, f := range change {
		f(&ways[0])
	}
	w.Beside(ways...)
	w.Evaluate()
	return w, chat, hook
}

// by are the rules of that world, with a reached by these channels besides mail.
func by(t *testing.T, names ...string) *rules.Set {
	t.Helper()
	set := world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly))
	set.Unit("a").Channels = names
	set.Unit("c").Channels, set.Unit("c").Mail = []string{"chat"}, nil
	return set
}

// stand says how the notices to units stand: channel, unit, state.
func stand(w *world.World) string {
	var out []string
	for _, n := range w.Listed("") {
		if n.Kind != ledger.Admin {
			out = append(out, fmt.Sprint(n.Channel, " ", n.Unit, " ", n.State))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func wantStand(t *testing.T, w *world.World, want string) {
	t.Helper()
	if got := stand(w); got != want {
		t.Errorf("stand: %s\nwant: %s", got, want)
	}
}

var down = &notify.DownError{Err: errors.New("no route")}

func TestAUnitIsToldByEachOfItsChannelsInItsOwnBytes(t *testing.T) {
	w, chat, hook := reached(t)
	if d := w.Deliver(); d != (delivery.Tally{Sent: 5}) {
		t.Fatalf("%+v", d)
	}
	wantStand(t, w, "chat a sent, chat c sent, hook a sent, mail a sent, mail b sent")
	var said struct{ ID, Title string }
	if err := json.Unmarshal(hook.Got()[0].Raw, &said); err != nil || !strings.HasPrefix(said.ID, "hook.") || said.Title == "" {
		t.Errorf("the hook got %s: %v", hook.Got()[0].Raw, err)
	}
	for _, m := range append(chat.Got(), hook.Got()...) {
		n := must(w.Ledger.NoticeByMessageID(t.Context(), m.Name))
		if string(n.Body) != string(m.Raw) || fmt.Sprint(m.To) != "["+n.Channel+"]" {
			t.Errorf("by %s left %s for %s, kept is %s", n.Channel, m.Raw, m.To, n.Body)
		}
	}
	if n := len(w.Mail.Mails()); n != 2 {
		t.Errorf("%d mails", n)
	}
	w.Verify()
}

func TestAChannelThatIsDownHoldsBackNoOther(t *testing.T) {
	w, chat, hook := reached(t)
	chat.Says(down)
	if d := w.Deliver(); d != (delivery.Tally{Sent: 3, Retried: 1}) {
		t.Errorf("%+v", d)
	}
	wantStand(t, w, "chat a pending, chat c pending, hook a sent, mail a sent, mail b sent")
	chat.Says(nil)
	if d := w.Deliver(); d.Any() {
		t.Errorf("its breaker lets at once through %+v", d)
	}
	w.Now = w.Now.Add(2 * time.Minute)
	if d := w.Deliver(); d.Sent != 2 || len(hook.Got()) != 1 {
		t.Errorf("when it is back: %+v", d)
	}

	w, chat, _ = reached(t)
	w.Mail.Answer(func(notify.Message) notify.Outcome { return notify.Outcome{Err: down} })
	w.Deliver()
	wantStand(t, w, "chat a sent, chat c sent, hook a sent, mail a pending, mail b pending")
	if n := len(chat.Got()); n != 2 {
		t.Errorf("%d to the chat while mail is down", n)
	}
}

func TestAChannelThatHangsHoldsBackNoOther(t *testing.T) {
	w, chat, _ := reached(t)
	lanes, answer, ended := w.Daemon.Courier.Lanes(), chat.Hang(), make(chan error)
	go func() {
		_, err := lanes[1].Deliver(t.Context())
		ended <- err
	}()
	for _, lane := range []*delivery.Lane{lanes[0], lanes[2]} {
		if d, err := lane.Deliver(t.Context()); err != nil || d.Sent == 0 {
			t.Errorf("%s: %+v, %v", lane.Name(), d, err)
		}
	}
	wantMail(t, w, "mail a sent", "mail b sent", "hook a sent")
	answer()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	wantStand(t, w, "chat a sent, chat c sent, hook a sent, mail a sent, mail b sent")
}

func wantMail(t *testing.T, w *world.World, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(stand(w), want) {
			t.Errorf("%s is not among %s", want, stand(w))
		}
	}
}

func TestEachChannelHasItsOwnPace(t *testing.T) {
	w, chat, _ := reached(t, func(way *delivery.Way) { way.MaxPerMinute = 600 })
	began := time.Now()
	w.Deliver()
	if took := time.Since(began); len(chat.Got()) != 2 || took < 80*time.Millisecond {
		t.Errorf("%d by chat within %s, at one each 100 ms", len(chat.Got()), took)
	}
}

func TestARefusalByAChannelIsItsOwnAndToldOnceADay(t *testing.T) {
	w, chat, _ := reached(t)
	chat.Says(&notify.DownError{Err: errors.New("bad token"), Ours: true})
	for range 3 {
		w.Deliver()
		w.Now = w.Now.Add(20 * time.Minute)
	}
	var told []string
	for _, n := range w.Listed("") {
		if n.Kind == ledger.Admin && strings.Contains(n.Text, "bad token") {
			told = append(told, n.Subject)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "chat") {
		t.Errorf("told: %q", told)
	}
	wantStand(t, w, "chat a held, chat c held, hook a sent, mail a sent, mail b sent")
	chat.Says(&notify.RefusedError{Err: errors.New("too long")})
	if n := must(w.Desk.ReleaseChannel(t.Context(), "hook", "admin")); n != 0 {
		t.Errorf("of another channel %d are released", n)
	}
	if n := must(w.Desk.ReleaseChannel(t.Context(), "chat", "admin")); n != 2 {
		t.Errorf("%d released", n)
	}
	w.Now = w.Now.Add(time.Hour)
	w.Deliver()
	wantStand(t, w, "chat a failed, chat c failed, hook a sent, mail a sent, mail b sent")
}

func TestWhatWasBeingSentGoesAgainByItsChannelAsTheSameBytes(t *testing.T) {
	engines.InFiles(t)
	w, chat, _ := reached(t)
	chat.Says(errors.New("a broken connection"))
	w.Deliver()
	n := byChannel(w, "chat")
	sent := string(n.Body)
	w.Behind(fmt.Sprintf(`UPDATE notice SET state = 'sending', owner = '' WHERE id = %d`, n.ID)) // as a crash leaves it
	if again := must(w.Daemon.Courier.Resume(t.Context())); again != 1 {
		t.Fatalf("%d go again", again)
	}
	chat.Says(nil)
	w.Now = w.Now.Add(time.Hour)
	w.Deliver()
	got := slices.IndexFunc(chat.Got(), func(m notify.Message) bool { return m.Name == n.MessageID })
	if got < 0 || string(chat.Got()[got].Raw) != sent || !chat.Got()[got].Again {
		t.Errorf("came: %v, was %s", chat.Got(), sent)
	}
}

// byChannel is the first notice that leaves by it.
func byChannel(w *world.World, name string) *ledger.Notice {
	for _, n := range w.Listed("") {
		if n.Channel == name {
			return n
		}
	}
	w.T.Fatalf("nothing leaves by %s", name)
	return nil
}

func TestAChannelThatIsGoneFailsWhatWaitsForIt(t *testing.T) {
	w, _, hook := reached(t)
	w.Beside(delivery.Way{Name: "hook", Channel: hook})
	w.Deliver()
	wantStand(t, w, "chat a failed, chat c failed, hook a sent, mail a sent, mail b sent")
	if n := byChannel(w, "chat"); !strings.Contains(n.Error, "[channel.chat]") {
		t.Errorf("it says %q", n.Error)
	}
	if raw, err := w.Daemon.Courier.Bytes(t.Context(), byChannel(w, "hook")); err != nil || !strings.HasPrefix(string(raw), "{") {
		t.Errorf("the hook's bytes: %s, %v", raw, err)
	}
	w.Tick("2017-06-12 09:00")
	if n := w.NoticeTo(""); !strings.Contains(n.Text, "[channel.chat]") {
		t.Errorf("the administrators hear %q", n.Text)
	}
}

func TestAUnitThatLeftAChannelIsNotToldByIt(t *testing.T) {
	w, chat, hook := reached(t)
	w.Daemon.SetRules(by(t, "chat"))
	if d := w.Deliver(); d.Dropped != 1 || len(hook.Got()) != 0 || len(chat.Got()) != 2 {
		t.Errorf("%+v", d)
	}
	wantStand(t, w, "chat a sent, chat c sent, hook a dropped, mail a sent, mail b sent")
}

func TestADigestTakesOverWhatItsOwnChannelHasNotTold(t *testing.T) {
	w, chat, _ := reached(t)
	w.Deliver()
	chat.Says(down)
	w.Tick("2017-07-12 09:00") // seven working days before the 21st
	w.Tick("2017-07-18 09:00") // three before
	want := "chat a dropped, chat a pending, chat a sent, chat c dropped, chat c pending, chat c sent, hook a sent, hook a sent, hook a sent, mail a sent, mail a sent, mail a sent, mail b sent, mail b sent, mail b sent"
	wantStand(t, w, want)
}

// A robot that refused for two weeks is mended: what it was not told is told as it is
// now, once each, at the channel's pace; what a newer reminder carries, and what was closed
// since, is not.
func TestWhatAMendedRobotHearsIsTheLatestAtItsPace(t *testing.T) {
	w, chat, _ := reached(t, func(way *delivery.Way) { way.MaxPerMinute = 600 })
	chat.Says(&notify.DownError{Err: errors.New("bad token"), Ours: true})
	w.Deliver()
	for _, day := range []string{"07-12", "07-18", "07-21", "07-24", "07-25", "07-26"} {
		w.Tick("2017-" + day + " 09:00")
	}
	w.Done("m/c/2017-06", "2017-07-26")
	held, reminders := w.Listed(ledger.Held), 0
	for _, n := range held {
		if n.Kind == ledger.Reminder && n.Unit == "a" {
			reminders++
		}
	}
	if reminders < 3 {
		t.Fatalf("%d reminders of a are held: too few for this test", reminders)
	}
	chat.Says(nil)
	w.At("2017-07-27 08:00")
	if n := must(w.Desk.ReleaseChannel(t.Context(), "chat", "li")); n != len(held) {
		t.Errorf("%d of %d released", n, len(held))
	}
	w.At("2017-07-27 09:00")
	began := time.Now()
	w.Deliver()
	took := time.Since(began)
	var got []string
	for _, m := range chat.Got() {
		n := must(w.Ledger.NoticeByMessageID(t.Context(), m.Name))
		got = append(got, fmt.Sprint(n.Unit, " ", n.Kind, " ", n.Day))
	}
	slices.Sort(got)
	if want := "a assignment 2017-06-09, a reminder 2017-07-26, c assignment 2017-06-09"; strings.Join(got, ", ") != want {
		t.Errorf("it heard %s, want %s", strings.Join(got, ", "), want)
	}
	if least := time.Duration(len(got)-1) * 90 * time.Millisecond; took < least {
		t.Errorf("%d messages within %s, at one each 100 ms", len(got), took)
	}
	if dropped := len(w.Listed(ledger.Dropped)); dropped != len(held)-len(got) {
		t.Errorf("of %d that were held %d came and %d are dropped", len(held), len(got), dropped)
	}
	w.Verify()
}
