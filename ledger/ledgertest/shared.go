package ledgertest

import (
	"errors"
	"fmt"
	"time"

	"duban/ledger"
)

// shared is what daemons need that have one ledger.
var shared = map[string]func(*world){
	"a fence lets only the task's owner through": func(w *world) {
		w.update(func(tx ledger.Tx) error {
			return tx.TakeLease("t", ledger.Lease{Owner: "a", Until: later(10)}, noon)
		})
		for _, c := range []struct {
			task, owner string
			ok          bool
		}{{"t", "a", true}, {"t", "b", false}, {"u", "a", false}} {
			err := w.Update(ctx, func(tx ledger.Tx) error {
				return errors.Join(tx.SetFact(c.task+c.owner, "came"), tx.Fence(c.task, c.owner))
			})
			if (err == nil) != c.ok || err != nil && !errors.Is(err, ledger.ErrTaken) {
				w.Errorf("%s of %s: %v", c.owner, c.task, err)
			}
			want := ""
			if c.ok {
				want = "came"
			}
			same(w, c.task+c.owner, must(w.Fact(ctx, c.task+c.owner)), want)
		}
		l := must(w.LeaseOf(ctx, "t"))
		same(w, "the lease", fmt.Sprint(l.Owner, l.Until.Equal(later(10))), "atrue") // as it was
		w.update(func(tx ledger.Tx) error { return tx.Fence("t", "a") })             // also when it has ended
	},
	"leases by how their tasks begin": func(w *world) {
		for i, task := range []string{"daemon a", "daemon b", "slot 1", "daemons"} {
			w.update(func(tx ledger.Tx) error {
				return tx.TakeLease(task, ledger.Lease{Owner: task, Until: later(i + 1)}, noon)
			})
		}
		of := must(w.Leases(ctx, "daemon "))
		same(w, "how many", len(of), 2)
		same(w, "one", fmt.Sprint(of["daemon b"].Owner, of["daemon b"].Until.Equal(later(2))), "daemon btrue")
		w.update(func(tx ledger.Tx) error { return tx.ForgetLeases("daemon ", later(2)) })
		same(w, "left", len(must(w.Leases(ctx, "daemon "))), 1)
		same(w, "others", len(must(w.Leases(ctx, ""))), 3)
	},
	"a breaker is as it was left": func(w *world) {
		same(w, "at first", must(w.Breaker(ctx, "mail")), ledger.Breaker{})
		w.update(func(tx ledger.Tx) error { return tx.SetBreaker("mail", ledger.Breaker{Trips: 2, Until: later(30)}) })
		b := must(w.Breaker(ctx, "mail"))
		same(w, "then", fmt.Sprint(b.Trips, b.Until.Equal(later(30))), "2 true")
		same(w, "another's", must(w.Breaker(ctx, "oa")), ledger.Breaker{})
		w.update(func(tx ledger.Tx) error { return tx.SetBreaker("mail", ledger.Breaker{}) })
		same(w, "reset", must(w.Breaker(ctx, "mail")), ledger.Breaker{})
	},
	"a webhook is where it was left, with its last posts": func(w *world) {
		_, known, err := w.Webhook(ctx, "oa")
		same(w, "at first", fmt.Sprint(known, err), "false <nil>")
		at := ledger.Webhook{Name: "oa", Seq: 7, Since: noon, Tries: 3, NextTry: later(10), Paused: later(20), Reason: "answered 410"}
		for _, want := range []ledger.Webhook{at, {Name: "oa", Seq: 8}} {
			w.update(func(tx ledger.Tx) error { return tx.SaveWebhook(want) })
			got, known, err := w.Webhook(ctx, "oa")
			same(w, "then", fmt.Sprint(got.Seq, got.Since.Equal(want.Since), got.Tries, got.NextTry.Equal(want.NextTry), got.Paused.Equal(want.Paused), got.Reason, known, err),
				fmt.Sprint(want.Seq, true, want.Tries, true, true, want.Reason, true, nil))
		}
		for some := range (ledger.MostTries + 5) / 41 {
			w.update(func(tx ledger.Tx) error {
				for i := 41 * some; i < 41*(some+1); i++ {
					t := ledger.WebhookTry{At: later(i), Entry: int64(i), What: "made", About: "p:m/a/2017-07", Outcome: "sent", Detail: "200"}
					if err := tx.AddWebhookTry("oa", t); err != nil {
						return err
					}
				}
				return nil
			})
		}
		w.update(func(tx ledger.Tx) error { return tx.AddWebhookTry("other", ledger.WebhookTry{At: noon}) })
		tries := must(w.WebhookTries(ctx, "oa", 1000))
		same(w, "the last", len(tries), ledger.MostTries)
		same(w, "the newest", fmt.Sprintln(tries[0].Number, tries[0].Entry, tries[0].What, tries[0].About, tries[0].Outcome, tries[0].Detail, tries[0].At.Equal(later(204))), "205 204 made p:m/a/2017-07 sent 200 true\n")
		same(w, "two", len(must(w.WebhookTries(ctx, "oa", 2))), 2)
		same(w, "another's", len(must(w.WebhookTries(ctx, "other", 9))), 1)
	},
	"the journal tells what was made before an entry, and the outbox who was first": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)), occurrence("b", "2017-07", day(7, 21)))[0]
		var of ledger.Entry
		w.update(func(tx ledger.Tx) error {
			e := acting("plan adopted")
			e.Subject = ledger.Subject{Kind: ledger.AboutPlan, Ref: "p"}
			return tx.Journal(e)
		})
		w.owed(occurrence("c", "2017-07", day(7, 21))) // in the same second, and after it
		same(w, "the entry", w.Entries(ctx, ledger.Subject{Kind: ledger.AboutPlan, Ref: "p"}, func(e ledger.Entry) error { of = e; return nil }), nil)
		same(w, "before it", must(w.MadeBefore(ctx, "p", of)), 2)
		same(w, "of another plan", must(w.MadeBefore(ctx, "o", of)), 0)
		of.At = later(1)
		same(w, "in another second", must(w.MadeBefore(ctx, "p", of)), 0)

		same(w, "nobody is told", must(w.FirstNotice(ctx, o.ID, "upcoming")), 0)
		first := w.notice("m1", o)
		second := w.notice("m2", o)
		same(w, "the first", must(w.FirstNotice(ctx, o.ID, "upcoming")), first)
		same(w, "of another kind", must(w.FirstNotice(ctx, o.ID, "overdue")), 0)
		w.update(func(tx ledger.Tx) error {
			return tx.MoveNotice(must(tx.Notice(ctx, first)), ledger.Dropped, time.Time{}, time.Time{}, by)
		})
		same(w, "the first that was not dropped", must(w.FirstNotice(ctx, o.ID, "upcoming")), second)
	},
	"turns come one after the other": func(w *world) {
		turn := func(channel string, now time.Time) (at time.Time) {
			w.update(func(tx ledger.Tx) (err error) {
				at, err = tx.TakeTurn(channel, now, 1500*time.Millisecond)
				return err
			})
			return at
		}
		for i, c := range []struct {
			channel  string
			now, off time.Duration
		}{
			{"mail", 0, 0},
			{"mail", 0, 1500 * time.Millisecond},
			{"oa", 0, 0},
			{"mail", time.Second, 3000 * time.Millisecond},
			{"mail", time.Minute, time.Minute}, // nothing is saved up
			{"mail", time.Minute, time.Minute + 1500*time.Millisecond},
		} {
			if at := turn(c.channel, noon.Add(c.now)); !at.Equal(noon.Add(c.off)) {
				w.Errorf("%d: %s", i, at.Sub(noon))
			}
		}
		w.update(func(tx ledger.Tx) error { return tx.SetBreaker("mail", ledger.Breaker{Trips: 1, Until: later(30)}) })
		same(w, "with a breaker", turn("mail", noon.Add(time.Minute)).Sub(noon), time.Minute+3*time.Second)
	},
	"what is reserved another passes over": func(w *world) {
		first := w.notice("m1", nil)
		w.notice("m2", nil)
		w.notice("m3", nil)
		w.notice("later", nil, func(n *ledger.Notice) { n.NextTry = later(60) })
		w.notice("oa", nil, func(n *ledger.Notice) { n.Channel = "oa" })
		reserve := func(owner string, now, limit int) (out string) {
			w.update(func(tx ledger.Tx) error {
				found, err := tx.Reserve(ledger.ByMail, later(now), limit, ledger.Lease{Owner: owner, Until: later(now + 10)})
				out = names(found, messageID)
				if len(found) > 0 && len(found[0].Recipients) == 0 {
					w.Error("not whole")
				}
				return err
			})
			return out
		}
		same(w, "a", reserve("a", 0, 2), " m1 m2")
		same(w, "b", reserve("b", 0, 5), " m3")
		same(w, "a again", reserve("a", 1, 5), " m1 m2")
		same(w, "c", reserve("c", 2, 5), "")
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{Owner: "a", Until: later(12)}, first) })
		same(w, "a has the other", reserve("a", 3, 5), " m2")
		same(w, "b's has ended", reserve("c", 11, 5), " m3")
		same(w, "due they all are", names(must(w.DueNotices(ctx, ledger.ByMail, later(1), 5)), messageID), " m2 m3")
	},
	"claims are kept by whose they are": func(w *world) {
		mine, back, theirs, sent, fresh := w.notice("mine", nil), w.notice("back", nil), w.notice("theirs", nil), w.notice("sent", nil), w.notice("new", nil)
		first, others := ledger.Lease{Owner: "a", Until: later(10)}, ledger.Lease{Owner: "b", Until: later(30)}
		w.update(func(tx ledger.Tx) error { return claim(tx, ledger.Lease{Owner: "a", Until: later(20)}, mine) })
		w.update(func(tx ledger.Tx) error { return claim(tx, first, back, theirs, sent) })
		w.settle(sent, "sent", sentWell)
		w.update(func(tx ledger.Tx) error { return second(tx.ResumeSending("", later(11))) })
		w.update(func(tx ledger.Tx) error { return claim(tx, others, theirs) })
		for owner, has := range map[string][]int64{"a": {mine}, "b": {theirs}, "c": nil} {
			w.update(func(tx ledger.Tx) error {
				claimed, err := tx.Claimed([]int64{mine, back, theirs, sent, fresh}, owner)
				same(w, owner+" has claimed", fmt.Sprint(claimed), fmt.Sprint(has))
				return err
			})
		}
		var kept []int64
		w.update(func(tx ledger.Tx) (err error) {
			kept, err = tx.KeepClaims([]int64{mine, back, theirs, sent, fresh}, ledger.Lease{Owner: "a", Until: later(25)})
			return err
		})
		same(w, "kept", fmt.Sprint(kept), fmt.Sprint([]int64{mine, back}))
		same(w, "put back, and taken again", w.stands(back), "sending 1 pending pending may have arrived bytes of back")
		same(w, "another's", w.stands(theirs), "sending 2 pending pending may have arrived bytes of theirs")
		w.update(func(tx ledger.Tx) error { return second(tx.ResumeSending("", later(24))) })
		same(w, "it lasts", w.stands(mine), "sending 1 pending pending bytes of mine")
		w.update(func(tx ledger.Tx) error { return second(tx.ResumeSending("", later(26))) })
		same(w, "until then", w.stands(mine), "pending 1 pending pending may have arrived bytes of mine")
		same(w, "what was never claimed", w.stands(fresh), "pending 0 pending pending ")
	},
	"rule files, each by its version": func(w *world) {
		save := func(path, text string, version int64) (int64, error) {
			f := &ledger.RuleFile{Path: path, Text: []byte(text), Changed: noon, By: "li"}
			err := w.Update(ctx, func(tx ledger.Tx) error {
				f.Version = version // another try begins anew
				return tx.SaveRuleFile(f)
			})
			return f.Version, err
		}
		remove := func(path string, version int64) error {
			return w.Update(ctx, func(tx ledger.Tx) error { return tx.RemoveRuleFile(path, version, "li", noon) })
		}
		moved := func(what string, err error) {
			w.Helper()
			if !errors.Is(err, ledger.ErrMoved) {
				w.Errorf("%s: %v", what, err)
			}
		}
		same(w, "at first", must(w.RuleFilesVersion(ctx)), 0)
		a := must(save("plans/p/plan.toml", "一\n", 0))
		b := must(save("calendar/2018.toml", "", 0))
		same(w, "versions", fmt.Sprint(a, b, must(w.RuleFilesVersion(ctx))), "1 2 2")
		moved("new again", second(save("plans/p/plan.toml", "x", 0)))
		moved("of another version", second(save("plans/p/plan.toml", "x", b)))
		again := must(save("plans/p/plan.toml", "二\n", a))
		same(w, "changed", again, 3)
		path := func(f *ledger.RuleFile) string { return f.Path + ":" + string(f.Text) }
		same(w, "all", names(must(w.RuleFiles(ctx)), path), " calendar/2018.toml: plans/p/plan.toml:二\n")
		f := must(w.RuleFile(ctx, "plans/p/plan.toml"))
		same(w, "one", fmt.Sprint(f.Version, f.By, f.Changed.Equal(noon)), "3litrue")
		moved("taken away by who read another", remove("plans/p/plan.toml", a))
		if err := remove("plans/p/plan.toml", again); err != nil {
			w.Error(err)
		}
		same(w, "taken away", must(w.RuleFilesVersion(ctx)), 4)
		moved("taken away twice", remove("plans/p/plan.toml", again))
		moved("changed when it is gone", second(save("plans/p/plan.toml", "x", again)))
		if _, err := w.RuleFile(ctx, "plans/p/plan.toml"); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("one that is gone: %v", err)
		}
		same(w, "new once more", must(save("plans/p/plan.toml", "三\n", 0)), 5)
		same(w, "all then", names(must(w.RuleFiles(ctx)), path), " calendar/2018.toml: plans/p/plan.toml:三\n")
	},
}
