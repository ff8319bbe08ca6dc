package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// notice puts a pending one into the outbox, to two addresses, about an occurrence.
func (w *world) notice(id string, o *ledger.Occurrence, change ...func(*ledger.Notice)) int64 {
	w.Helper()
	var n ledger.Notice
	w.update(func(tx ledger.Tx) error {
		n = ledger.Notice{
			Kind: ledger.Reminder, Unit: "a", Day: day(7, 14), MessageID: id, Subject: "S", State: ledger.Pending, Created: noon, NextTry: noon, GiveUp: later(3600),
			Recipients: []ledger.Recipient{{Address: "a@x.example", State: ledger.Pending}, {Address: "c@x.example", Copy: true, State: ledger.Pending}},
		}
		if o != nil {
			n.Items = []ledger.Item{{Kind: "upcoming", Plan: o.Plan, Obligation: o.Obligation, Occurrence: o.ID, New: true}}
		}
		for _, f := range change {
			f(&n)
		}
		return tx.AddNotice(&n, by)
	})
	return n.ID
}

// claim takes notices to be sent.
func claim(tx ledger.Tx, l ledger.Lease, ids ...int64) error {
	var all []*ledger.Notice
	for _, id := range ids {
		n, err := tx.Notice(ctx, id)
		if err != nil {
			return err
		}
		n.Body = []byte("bytes of " + n.MessageID)
		all = append(all, n)
	}
	return tx.Claim(all, l)
}

// settle writes what an attempt came to; change sets it in a notice as it stands.
func (w *world) settle(id int64, outcome string, change func(*ledger.Settled)) {
	w.Helper()
	w.update(func(tx ledger.Tx) error {
		n, err := tx.Notice(ctx, id)
		if err != nil {
			return err
		}
		s := ledger.Settled{Notice: n, Outcome: outcome, Detail: "said"}
		change(&s)
		return tx.Settle([]ledger.Settled{s}, by)
	})
}

func sentWell(s *ledger.Settled) { s.State, s.SentAt = ledger.Sent, noon }

func refused(s *ledger.Settled) {
	s.State, s.Error, s.Refused = ledger.Failed, "550", []ledger.Recipient{{Address: "a@x.example", State: ledger.Failed, Error: "550 no"}}
	s.Recipients = s.Refused
}

// saidSince is what newer notices say of what one carries.
func (w *world) saidSince(of *ledger.Notice) string {
	return fmt.Sprint(must(w.CarriedSince(ctx, of)))
}

func messageID(n *ledger.Notice) string { return n.MessageID }

// stands is what the outbox says of a notice.
func (w *world) stands(id int64) string {
	n := must(w.Notice(ctx, id))
	s := fmt.Sprint(n.State, " ", n.Attempts)
	for _, r := range n.Recipients {
		s += " " + string(r.State)
	}
	if n.MayHave {
		s += " may have arrived"
	}
	return s + " " + string(n.Body)
}

var outbox = map[string]func(*world){
	"what newer notices say": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		first := must(w.Notice(ctx, w.notice("m1", o)))
		said, not := fmt.Sprint(map[int64]bool{o.ID: true}), fmt.Sprint(map[int64]bool{})
		same(w, "none is newer", w.saidSince(first), not)
		w.notice("kind", o, func(n *ledger.Notice) { n.Kind = ledger.Escalation })
		w.notice("channel", o, func(n *ledger.Notice) { n.Channel = "chat" })
		w.notice("unit", o, func(n *ledger.Notice) { n.Unit = "b" })
		w.notice("held", o, func(n *ledger.Notice) { n.State = ledger.Held })
		same(w, "others, and what is held", w.saidSince(first), not)
		newer := w.notice("newer", o)
		same(w, "one that leaves", w.saidSince(first), said)
		same(w, "not the older of the newer", w.saidSince(must(w.Notice(ctx, newer))), not)
		w.settle(newer, "sent", sentWell)
		same(w, "one that was sent", w.saidSince(first), said)
		w.update(func(tx ledger.Tx) error {
			return second(tx.Bounced(must(w.Notice(ctx, newer)), "a@x.example", "550 no", by))
		})
		same(w, "one that has come back", w.saidSince(first), not)
	},
	"put in once, whole": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		id := w.notice("m1", o)
		same(w, "again", w.notice("m1", o, func(n *ledger.Notice) { n.Subject = "T" }), id)
		n := must(w.Notice(ctx, id))
		same(w, "it", strings.TrimSpace(fmt.Sprintln(n.Kind, n.Unit, n.Day, n.MessageID, n.Subject, n.State, n.Created.Equal(noon), n.NextTry.Equal(noon), n.GiveUp.Equal(later(3600)))), "reminder a 2017-07-14 m1 S pending true true true")
		same(w, "its items", fmt.Sprint(n.Items), fmt.Sprint([]ledger.Item{{Kind: "upcoming", Plan: "p", Obligation: "m", Occurrence: o.ID, New: true}}))
		same(w, "its recipients", fmt.Sprint(n.Recipients), fmt.Sprint([]ledger.Recipient{{Address: "a@x.example", State: "pending"}, {Address: "c@x.example", Copy: true, State: "pending"}}))
		same(w, "by its Message-ID", must(w.NoticeByMessageID(ctx, "m1")).ID, id)
		same(w, "about the occurrence", names(must(w.NoticesAbout(ctx, o.ID)), messageID), " m1")
		same(w, "keys", fmt.Sprint(must(w.ItemKeys(ctx, []*ledger.Notice{n}))[id]), "[m/a/2017-07]")
		same(w, "addresses", fmt.Sprint(must(w.Addresses(ctx, []*ledger.Notice{n}))[id]), "[a@x.example c@x.example]")
		for _, err := range []error{second(w.Notice(ctx, 99)), second(w.NoticeByMessageID(ctx, "x"))} {
			if !errors.Is(err, ledger.ErrNotFound) {
				w.Errorf("another: %v", err)
			}
		}
	},
	"selected and in pages": func(w *world) {
		var ids []int64 // an engine may leave out the numbers of transactions that failed
		for i := range 5 {
			ids = append(ids, w.notice(fmt.Sprint("m", i+1), nil, func(n *ledger.Notice) {
				if i%2 == 1 {
					n.State = ledger.Held
				}
			}))
		}
		for _, c := range []struct {
			q    ledger.NoticeQuery
			want string
		}{
			{ledger.NoticeQuery{}, " m1 m2 m3 m4 m5"},
			{ledger.NoticeQuery{Limit: 2}, " m1 m2"},
			{ledger.NoticeQuery{After: ids[1], Limit: 2}, " m3 m4"},
			{ledger.NoticeQuery{Newest: true, Limit: 2}, " m5 m4"},
			{ledger.NoticeQuery{Newest: true, Before: ids[3]}, " m3 m2 m1"},
			{ledger.NoticeQuery{State: ledger.Held}, " m2 m4"},
		} {
			same(w, fmt.Sprint(c.q), names(must(w.Notices(ctx, c.q)), messageID), c.want)
		}
		same(w, "all", names(must(ledger.AllNotices(ctx, w, ledger.Pending)), messageID), " m1 m3 m5")
		counts := must(w.OutboxCounts(ctx, ledger.Pending, ledger.Held, ledger.Failed))
		same(w, "counted", fmt.Sprint(counts[ledger.Pending], counts[ledger.Held], counts[ledger.Failed]), "3 2 0")
		w.notice("m6", nil, func(n *ledger.Notice) { n.Channel = "chat" })
		same(w, "by channel", fmt.Sprint(must(w.ChannelCounts(ctx))), "map[chat:map[pending:1] mail:map[held:2 pending:3]]")
		same(w, "held", must(w.CountHeld(ctx, noon)), 2)
		same(w, "held by a clock ahead of now", must(w.CountHeld(ctx, later(-1))), 0)
	},
	"many at once": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		there := w.notice("m2", o)
		var all []*ledger.Notice
		for _, id := range []string{"m1", "m2", "m3"} {
			all = append(all, &ledger.Notice{
				Kind: ledger.Reminder, Unit: "b", Day: day(7, 14), MessageID: id, Subject: id, State: ledger.Pending, Created: noon, NextTry: noon, GiveUp: later(3600),
				Items:      []ledger.Item{{Kind: "upcoming", Plan: "p", Obligation: "m", Occurrence: o.ID}, {Kind: "assignment", Plan: "p", Obligation: id, New: true}},
				Recipients: []ledger.Recipient{{Address: id + "@x.example", State: ledger.Pending}},
			})
		}
		w.update(func(tx ledger.Tx) error { return tx.AddNotices(all, by) })
		same(w, "the number of what was there", all[1].ID, there)
		same(w, "who has it", must(w.Notice(ctx, there)).Unit, "a")
		for _, n := range []*ledger.Notice{all[0], all[2]} {
			got := must(w.Notice(ctx, n.ID))
			same(w, "its words", got.Subject, n.MessageID)
			same(w, "what it carries", fmt.Sprint(got.Items), fmt.Sprint(n.Items))
			same(w, "whom it goes to", fmt.Sprint(got.Recipients), fmt.Sprint(n.Recipients))
		}
		same(w, "unsent of two units", names(must(w.Unsent(ctx, ledger.Reminder, "b", "a")), messageID), " m2 m1 m3")
		same(w, "and what these carry", len(must(w.Unsent(ctx, ledger.Reminder, "b"))[1].Items), 2)
		same(w, "of none", len(must(w.Unsent(ctx, ledger.Reminder))), 0)
		w.proved()
	},
	"what is due": func(w *world) {
		same(w, "an empty outbox", must(w.NextTry(ctx, ledger.ByMail)), time.Time{})
		w.notice("later", nil, func(n *ledger.Notice) { n.NextTry, n.Created = later(60), later(-5) })
		w.notice("now", nil)
		w.notice("held", nil, func(n *ledger.Notice) { n.State = ledger.Held })
		same(w, "now", names(must(w.DueNotices(ctx, ledger.ByMail, noon, 9)), messageID), " now")
		same(w, "in a minute", names(must(w.DueNotices(ctx, ledger.ByMail, later(60), 9)), messageID), " now later")
		same(w, "one at a time", names(must(w.DueNotices(ctx, ledger.ByMail, later(60), 1)), messageID), " now")
		same(w, "the next", must(w.NextTry(ctx, ledger.ByMail)).Equal(noon), true)
		same(w, "the oldest that waits", must(w.OldestWaiting(ctx)).Equal(later(-5)), true)
		same(w, "unsent", names(must(w.Unsent(ctx, ledger.Reminder, "a")), messageID), " later now")
		same(w, "unsent of another kind", names(must(w.Unsent(ctx, ledger.Escalation, "a")), messageID), "")
		same(w, "that day", len(must(w.HaveNotice(ctx, []string{"a", "b"}, day(7, 14), noon, ledger.Reminder, ledger.Assignment))), 1)
		same(w, "of another kind", must(w.HaveNotice(ctx, []string{"a"}, day(7, 14), noon, ledger.Escalation))["a"], false)
		same(w, "another day", must(w.HaveNotice(ctx, []string{"a"}, day(7, 15), noon, ledger.Reminder))["a"], false)
		same(w, "made later than that", must(w.HaveNotice(ctx, []string{"a"}, day(7, 14), later(-60), ledger.Reminder))["a"], false)
	},
	"each channel on its own": func(w *world) {
		chat := func(n *ledger.Notice) { n.Channel, n.NextTry = "chat", later(30) }
		w.notice("mail", nil)
		id := w.notice("chat", nil, chat, func(n *ledger.Notice) { n.Recipients = []ledger.Recipient{{Address: "chat"}} })
		same(w, "mail without saying so", must(w.NoticeByMessageID(ctx, "mail")).Channel, ledger.ByMail)
		same(w, "the other", must(w.Notice(ctx, id)).Channel, "chat")
		same(w, "mail that is due", names(must(w.DueNotices(ctx, ledger.ByMail, later(60), 9)), messageID), " mail")
		same(w, "what is due by the other", names(must(w.DueNotices(ctx, "chat", later(60), 9)), messageID), " chat")
		same(w, "by none such", names(must(w.DueNotices(ctx, "hook", later(60), 9)), messageID), "")
		same(w, "mail's next", must(w.NextTry(ctx, ledger.ByMail)).Equal(noon), true)
		same(w, "the other's next", must(w.NextTry(ctx, "chat")).Equal(later(30)), true)
		same(w, "those that something waits for", fmt.Sprint(must(w.WaitingChannels(ctx))), "[chat mail]")
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, id) })
		w.settle(id, "sent", sentWell)
		same(w, "when one has left", fmt.Sprint(must(w.WaitingChannels(ctx))), "[mail]")
		same(w, "the mail", w.stands(must(w.NoticeByMessageID(ctx, "mail")).ID), "pending 0 pending pending ")
	},
	"joined while it waits": func(w *world) {
		o, more := w.owed(occurrence("a", "2017-07", day(7, 21)))[0], w.owed(occurrence("a", "2017-08", day(8, 21)))[0]
		id := w.notice("m", o)
		join := func() error {
			return w.Update(ctx, func(tx ledger.Tx) error {
				n, err := tx.Notice(ctx, id)
				if err != nil {
					return err
				}
				n.Subject, n.Letter = "two", "{}"
				return tx.Join(n, []ledger.Item{{Kind: "urge", Plan: "p", Obligation: "m", Occurrence: more.ID}}, by)
			})
		}
		if err := join(); err != nil {
			w.Fatal(err)
		}
		n := must(w.Notice(ctx, id))
		same(w, "what it says", fmt.Sprint(n.Subject, n.Letter, len(n.Items), n.Items[len(n.Items)-1].Occurrence), fmt.Sprint("two{}", 2, more.ID))
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{Owner: "a", Until: later(15)}, id) })
		if err := join(); !errors.Is(err, ledger.ErrMoved) {
			w.Errorf("joined while it leaves: %v", err)
		}
	},
	"claimed by one": func(w *world) {
		one, two := w.notice("m1", nil), w.notice("m2", nil)
		mine, other := ledger.Lease{Owner: "a", Until: later(15)}, ledger.Lease{Owner: "b", Until: later(20)}
		claimed := ""
		w.update(func(tx ledger.Tx) error {
			n, err := tx.Notice(ctx, one)
			if err != nil {
				return err
			}
			n.Body = []byte("bytes of m1")
			err = tx.Claim([]*ledger.Notice{n}, mine)
			claimed = fmt.Sprint(n.State, " ", n.Attempts)
			return err
		})
		same(w, "what the claim says of it", claimed, "sending 1")
		same(w, "being sent", w.stands(one), "sending 1 pending pending bytes of m1")
		err := w.Update(ctx, func(tx ledger.Tx) error { return claim(tx, other, two, one) })
		if !errors.Is(err, ledger.ErrMoved) {
			w.Errorf("claimed again: %v", err)
		}
		same(w, "the other with it", w.stands(two), "pending 0 pending pending ")
		resume := func(owner string, now int) (n int) {
			w.update(func(tx ledger.Tx) (err error) { n, err = tx.ResumeSending(owner, later(now)); return err })
			return n
		}
		same(w, "while the lease lasts", resume("b", 14), 0)
		same(w, "when it has ended", resume("b", 15), 1)
		same(w, "it goes again", w.stands(one), "pending 1 pending pending may have arrived bytes of m1")
		w.update(func(tx ledger.Tx) error { return claim(tx, other, one) })
		same(w, "who begins anew goes on at once", resume("b", 1), 1)
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{Owner: "a", Until: later(3600)}, one) })
		same(w, "by a clock that was wrong", resume("b", 2), 1)
		w.update(func(tx ledger.Tx) error { return claim(tx, mine, two) })
		w.update(func(tx ledger.Tx) error {
			n, err := tx.Notice(ctx, two)
			return errors.Join(err, tx.Unclaim(n, later(30)))
		})
		same(w, "given back", w.stands(two), "pending 0 pending pending bytes of m2")
		same(w, "for later", must(w.Notice(ctx, two)).NextTry.Equal(later(30)), true)
	},
	"what became of it": func(w *world) {
		good, bad, again := w.notice("m1", nil), w.notice("m2", nil), w.notice("m3", nil)
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, good, bad, again) })
		w.settle(good, "sent", sentWell)
		w.settle(bad, "failed", refused)
		w.settle(again, "retry", func(s *ledger.Settled) { s.State, s.NextTry, s.MayHave = ledger.Pending, later(60), true })
		same(w, "sent", w.stands(good), "sent 1 sent sent bytes of m1")
		same(w, "failed", w.stands(bad), "failed 1 failed pending bytes of m2")
		same(w, "tried again", w.stands(again), "pending 1 pending pending may have arrived bytes of m3")
		same(w, "unsent, though a server has seen it", len(must(w.Unsent(ctx, ledger.Reminder, "a"))), 0)
		tries := must(w.Attempts(ctx, again))
		same(w, "attempts", strings.TrimSpace(fmt.Sprintln(len(tries), tries[0].Number, tries[0].Outcome, tries[0].Detail, tries[0].At.Equal(noon))), "1 1 retry said true")
		same(w, "what the journal tells of the first", w.toldOf(good), " notice made notice sent")
		same(w, "and of one that goes on", w.toldOf(again), " notice made")
		w.update(func(tx ledger.Tx) error {
			n, err := tx.Notice(ctx, bad)
			return errors.Join(err, tx.MoveNotice(n, ledger.Pending, later(5), later(900), acting("")))
		})
		same(w, "sent again by hand", w.stands(bad), "pending 1 pending pending bytes of m2")
		drop := func(before time.Time, most int) (n int) {
			w.update(func(tx ledger.Tx) (err error) { n, err = tx.DropBodies(before, most, by); return err })
			return n
		}
		same(w, "too young to be forgotten", drop(noon, 9), 0)
		same(w, "forgotten", drop(later(1), 9), 1)
		same(w, "its story stays", w.stands(good), "sent 1 sent sent ")
	},
	"what was changed goes out": func(w *world) {
		id := w.notice("m1", nil)
		w.update(func(tx ledger.Tx) error {
			n, err := tx.Notice(ctx, id)
			if err != nil {
				return err
			}
			n.Subject, n.Resubject, n.Readdress, n.Body = "T", true, true, []byte("b")
			n.Recipients = []ledger.Recipient{{Address: "d@x.example"}}
			return tx.Claim([]*ledger.Notice{n}, ledger.Lease{})
		})
		n := must(w.Notice(ctx, id))
		same(w, "it", n.Subject+fmt.Sprint(n.Recipients), "T"+fmt.Sprint([]ledger.Recipient{{Address: "d@x.example", State: ledger.Pending}}))
	},
	"threads": func(w *world) {
		made := w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)))
		both := func(n *ledger.Notice) {
			n.Items = append(n.Items, ledger.Item{Kind: "due", Plan: "p", Obligation: "m", Occurrence: made[1].ID})
		}
		var last int64
		for _, m := range []struct {
			id     string
			change func(*ledger.Notice)
		}{{"m1", func(*ledger.Notice) {}}, {"m2", both}, {"m3", func(*ledger.Notice) {}}, {"m4", func(*ledger.Notice) {}}} {
			if m.id == "m3" { // what leaves by another channel is no mail to refer to
				other := w.notice("chat", made[0], func(n *ledger.Notice) { n.Channel = "chat" })
				w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, other) })
				w.settle(other, "sent", sentWell)
			}
			last = w.notice(m.id, made[0], m.change)
			w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, last) })
			w.settle(last, "sent", sentWell)
		}
		thread := func(o *ledger.Occurrence, unit string, before int64) string {
			return strings.Join(must(w.PreviousMessages(ctx, o.ID, unit, before)), " ")
		}
		same(w, "up to the one about several", thread(made[0], "a", last+1), "m2 m3 m4")
		same(w, "before the last", thread(made[0], "a", last), "m2 m3")
		same(w, "of the other", thread(made[1], "a", last+1), "m2")
		same(w, "of another unit", thread(made[0], "b", last+1), "")
		same(w, "last told", must(w.LastTold(ctx, made[1], "a", noon)), day(7, 14))
		same(w, "told by then", must(w.LastTold(ctx, made[1], "a", later(-1))), calendar.Date(0))
	},
	"failures are told once": func(w *world) {
		id := w.notice("m1", nil)
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, id) })
		w.settle(id, "failed", refused)
		untold := func(d calendar.Date) string {
			found := must(w.UntoldFailures(ctx, d))
			same(w, "any", must(w.AnyUntoldFailure(ctx, d)), len(found) > 0)
			return names(found, func(f ledger.Failure) string { return f.Address + "=" + f.Error })
		}
		same(w, "untold", untold(day(7, 14)), " a@x.example=550 no")
		toAdmins := func(n *ledger.Notice) {
			n.Kind, n.Unit, n.Recipients = ledger.Admin, "", []ledger.Recipient{{Address: "admin@x.example"}}
		}
		told := w.notice("m2", nil, toAdmins)
		w.update(func(tx ledger.Tx) error {
			found, err := tx.UntoldFailures(ctx, day(7, 14))
			return errors.Join(err, tx.ToldOfFailures(found, told, day(7, 14), by))
		})
		same(w, "told", untold(day(7, 14)), "")
		same(w, "the day after, where that has not left", untold(day(7, 15)), " a@x.example=550 no")
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, told) })
		w.settle(told, "failed", func(s *ledger.Settled) {
			s.State = ledger.Failed
			s.Refused = []ledger.Recipient{{Address: "admin@x.example", State: ledger.Failed, Error: "552"}}
			s.Recipients = s.Refused
		})
		same(w, "that reached nobody", untold(day(7, 14)), " a@x.example=550 no admin@x.example=552")
		admins := func() string {
			return names(must(w.AdminFailures(ctx)), func(f ledger.Failure) string { return f.Address })
		}
		same(w, "of which no mail can tell", admins(), " admin@x.example")
		next := w.notice("m3", nil, toAdmins)
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, next) })
		w.settle(next, "sent", sentWell)
		same(w, "until one arrives", admins(), "")
	},
	"bounces count once each": func(w *world) {
		id := w.notice("m1", nil)
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{}, id) })
		w.settle(id, "sent", sentWell)
		bounce := func(address string) (f ledger.FailingAddress) {
			w.update(func(tx ledger.Tx) error {
				n, err := tx.Notice(ctx, id)
				if err != nil {
					return err
				}
				f, err = tx.Bounced(n, address, "unknown", by)
				return err
			})
			return f
		}
		want := ledger.FailingAddress{Address: "a@x.example", Unit: "a", Bounces: 1, Error: "unknown"}
		same(w, "first", bounce("a@x.example"), want)
		same(w, "the same report again", bounce("a@x.example"), want)
		same(w, "nobody's", bounce("z@x.example").Bounces, 0)
		same(w, "the failure", len(must(w.UntoldFailures(ctx, day(7, 14)))), 1)
		w.update(func(tx ledger.Tx) error { return tx.ToldOfAddress("a@x.example") })
		want.Told = true
		same(w, "told", bounce("a@x.example"), want)
		w.update(func(tx ledger.Tx) error { return tx.AddressWorks("a@x.example", noon) })
		same(w, "put right", bounce("a@x.example").Bounces, 0)
	},
	"what is withheld does not leave": func(w *world) {
		made := w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)))
		ids := []int64{w.notice("m1", made[0]), w.notice("m2", made[1])}
		w.update(func(tx ledger.Tx) error {
			return errors.Join(tx.Withhold(made[0].ID), tx.Withhold(made[1].ID), tx.Withhold(made[1].ID))
		})
		withheld := func() string {
			var out []int64
			for id := range must(w.Withheld(ctx)) {
				out = append(out, id)
			}
			slices.Sort(out)
			return fmt.Sprint(out) + names(must(w.PendingAboutWithheld(ctx)), messageID)
		}
		same(w, "both", withheld(), fmt.Sprint([]int64{made[0].ID, made[1].ID})+" m1 m2")
		w.update(func(tx ledger.Tx) error { return tx.ReleaseWithheld(ids[1]) })
		same(w, "one let go", withheld(), fmt.Sprint([]int64{made[0].ID})+" m1")
		w.update(func(tx ledger.Tx) error { return tx.ReleaseWithheld(0) })
		same(w, "all let go", withheld(), "[]")
	},
	"what a clock ahead of now made": func(w *world) {
		w.notice("m1", nil)
		w.notice("m2", nil, func(n *ledger.Notice) { n.Created, n.Day = later(86400), day(7, 15) })
		same(w, "made after now", names(must(w.MadeAfter(ctx, noon)), messageID), " m2")
		w.update(func(tx ledger.Tx) error { return tx.MadeToday(day(7, 14), noon) })
		same(w, "its day", must(w.NoticeByMessageID(ctx, "m2")).Day, day(7, 14))
	},
}

// toldOf are the actions that the journal tells of a notice.
func (w *world) toldOf(id int64) (out string) {
	w.Helper()
	if err := w.Entries(ctx, ledger.NoticeSubject(id), func(e ledger.Entry) error { out += " " + e.Action; return nil }); err != nil {
		w.Error(err)
	}
	return out
}

func second[T any](_ T, err error) error { return err }
