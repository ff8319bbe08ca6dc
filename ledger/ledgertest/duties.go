package ledgertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"duban/ledger"
)

// later is so many seconds after noon.
func later(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func duty(unit string, rule int64) *ledger.Duty {
	return &ledger.Duty{Plan: "p", Obligation: "m", Unit: unit, Rule: rule, From: noon, MadeTo: day(7, 1), Wake: day(8, 1)}
}

func dutyName(d *ledger.Duty) string { return d.Obligation + "/" + d.Unit }

var duties = map[string]func(*world){
	"saved, woken, told, retired": func(w *world) {
		w.update(func(tx ledger.Tx) error {
			id, err := tx.Rule(rule("T"), noon)
			if err != nil {
				return err
			}
			b := duty("b", id)
			b.Wake = 0 // events make what it owes
			return errors.Join(tx.SaveDuty(b, noon), tx.SaveDuty(duty("a", id), noon))
		})
		same(w, "of the obligation", names(must(w.Duties(ctx, "p", "m")), dutyName), " m/a m/b")
		same(w, "of another", names(must(w.Duties(ctx, "q", "m")), dutyName), "")
		got := *must(w.Duty(ctx, "p", "m", "a"))
		same(w, "asked for since", got.Changed.UTC(), got.From.UTC())
		got.From, got.Changed = got.From.UTC(), time.Time{}
		same(w, "one", got, *duty("a", got.Rule))
		if _, err := w.Duty(ctx, "p", "m", "x"); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("none: %v", err)
		}
		same(w, "asleep", names(must(w.WakingDuties(ctx, "p", day(7, 31))), dutyName), "")
		same(w, "awake", names(must(w.WakingDuties(ctx, "p", day(8, 1))), dutyName), " m/a")
		same(w, "awake elsewhere", names(must(w.WakingDuties(ctx, "q", day(8, 1))), dutyName), "")
		w.update(func(tx ledger.Tx) error {
			d := duty("a", 0)
			d.MadeTo, d.Wake = day(8, 1), day(9, 1)
			return tx.DutyMade(d)
		})
		same(w, "made", must(w.Duty(ctx, "p", "m", "a")).MadeTo, day(8, 1))
		same(w, "asleep again", names(must(w.WakingDuties(ctx, "p", day(8, 31))), dutyName), "")
		same(w, "untold", names(must(w.UntoldDuties(ctx)), dutyName), " m/a m/b")
		w.update(func(tx ledger.Tx) error { return tx.DutyTold(duty("a", 0)) })
		same(w, "told", names(must(w.UntoldDuties(ctx)), dutyName), " m/b")
		w.update(func(tx ledger.Tx) error { return tx.DutyUntold("p", "m", "a", false) })
		same(w, "to be told again", names(must(w.UntoldDuties(ctx)), dutyName), " m/a m/b")
		w.update(func(tx ledger.Tx) error {
			d, err := tx.Duty(ctx, "p", "m", "a")
			if err != nil {
				return err
			}
			d.Retired = true
			return tx.SaveDuty(d, later(60))
		})
		same(w, "retired before anybody heard of it", names(must(w.UntoldDuties(ctx)), dutyName), " m/b")
		same(w, "not asked for since", must(w.Duty(ctx, "p", "m", "a")).Changed.UTC(), later(60))
		w.update(func(tx ledger.Tx) error { return tx.DutyUntold("p", "m", "a", true) })
		same(w, "retired, and its unit took it for its own", names(must(w.UntoldDuties(ctx)), dutyName), " m/a m/b")
		w.update(func(tx ledger.Tx) error { return tx.DutyTold(duty("a", 0)) })
		same(w, "and heard of that", names(must(w.UntoldDuties(ctx)), dutyName), " m/b")
		same(w, "and it sleeps", names(must(w.WakingDuties(ctx, "p", day(12, 31))), dutyName), "")
		another := rule("U")
		first := must(w.Duty(ctx, "p", "m", "a")).Rule
		same(w, "together", fmt.Sprint(must(w.Standings(ctx, "p"))), fmt.Sprint([]ledger.Standing{{Obligation: "m", Duties: 2, Retired: 1, Rule: first}}))
		w.update(func(tx ledger.Tx) error {
			id, err := tx.Rule(another, noon)
			if err != nil {
				return err
			}
			return tx.SaveDuty(duty("c", id), noon)
		})
		same(w, "of others", fmt.Sprint(must(w.Standings(ctx, "p", "x", "y"))), "[]")
		same(w, "of one", len(must(w.Standings(ctx, "p", "x", "m"))), 1)
		same(w, "with several rules", fmt.Sprint(must(w.Standings(ctx, "p"))), "[{m 3 1 0}]")
		same(w, "but stays", must(w.Duty(ctx, "p", "m", "a")).Retired, true)
	},
	"saved by five hundreds: what is saved or made last counts": func(w *world) {
		if _, breaks := w.Store.(faulty); breaks {
			return // it breaks at each of a hundred calls, and these are thousands
		}
		r := rand.New(rand.NewPCG(14, 48))
		stand := map[string]ledger.Duty{}
		for range 8 {
			var all []*ledger.Duty
			obligation, known := r.IntN(4), []int{1 << 30, 700}[r.IntN(2)]
			for n := 500 * (1 + r.IntN(3)); len(all) < n; {
				if r.IntN(400) == 0 {
					obligation = r.IntN(4)
				}
				d := duty(fmt.Sprint("u", r.IntN(known)), 0)
				d.Obligation, d.Told, d.Wake = fmt.Sprint("m", obligation), r.IntN(2) == 0, day(8, 1+r.IntN(20))
				all = append(all, d)
			}
			w.update(func(tx ledger.Tx) error {
				id, err := tx.Rule(rule("T"), noon)
				for _, d := range all {
					d.Rule = id
					err = errors.Join(err, tx.SaveDuty(d, noon))
				}
				for _, d := range all[:3] { // the third wakes once more
					d.Wake = day(9, 1)
					err = errors.Join(err, tx.DutyMade(d), tx.DutyMade(all[2]))
				}
				return err
			})
			for _, d := range all {
				stand[dutyName(d)] = *d
			}
			for _, d := range all[:3] {
				last := stand[dutyName(d)]
				last.Wake = d.Wake
				stand[dutyName(d)] = last
			}
		}
		for i := range 4 {
			for _, d := range must(w.Duties(ctx, "p", fmt.Sprint("m", i))) {
				was, had := stand[dutyName(d)]
				delete(stand, dutyName(d))
				if !had || d.Told != was.Told || d.Wake != was.Wake {
					w.Errorf("%s: %+v, saved %+v", dutyName(d), d, was)
				}
			}
		}
		same(w, "lost", len(stand), 0)
		w.proved()
	},
	"saved by five hundreds, with text that no engine keeps": func(w *world) {
		if _, breaks := w.Store.(faulty); breaks {
			return
		}
		for range 2 {
			w.update(func(tx ledger.Tx) error {
				id, err := tx.Rule(rule("T"), noon)
				if err != nil {
					return err
				}
				var all []*ledger.Occurrence
				for i := range 1000 {
					broken := fmt.Sprintf("u\xff\x00%d", i%500)
					o := occurrence(broken, "2017-07", day(7, 21))
					o.Rule = id
					all = append(all, &o)
					if err := tx.SaveDuty(duty(broken, id), noon); err != nil {
						return err
					}
				}
				_, err = tx.AddOccurrences(all, by)
				return err
			})
		}
		same(w, "duties", len(must(w.Duties(ctx, "p", "m"))), 500)
		same(w, "occurrences", len(must(ledger.AllOccurrences(ctx, w, ledger.Query{}))), 500)
	},
	"what was followed": func(w *world) {
		o := rule("T")
		w.update(func(tx ledger.Tx) error {
			id, err := tx.Rule(o, noon)
			if err != nil {
				return err
			}
			d := duty("a", id)
			for _, end := range []int{10, 20, 20, 90} { // the same second twice: it was followed at no moment
				if err := tx.EndFollowed(d, later(end)); err != nil {
					return err
				}
				d.From = later(end)
			}
			return tx.SaveDuty(d, noon)
		})
		followed := func() string {
			return names(must(w.Followed(ctx, "p", "m"))["a"], func(f ledger.Followed) string {
				same(w, "the extent", f.Extent, o.Extent())
				return fmt.Sprint(f.From.Sub(noon).Seconds(), "-", f.To.Sub(noon).Seconds())
			})
		}
		same(w, "the latest first", followed(), " 20-90 10-20 0-10")
		w.update(func(tx ledger.Tx) error { return tx.FollowedBy(later(30)) })
		same(w, "by a clock that was set back", followed(), " 20-30 10-20 0-10")
		same(w, "since", must(w.Duty(ctx, "p", "m", "a")).From.Sub(noon), 30*time.Second)
	},
	"plans and their rules": func(w *world) {
		signature := func() string {
			s, met, err := w.PlanSignature(ctx, "p")
			return fmt.Sprintf("%q %v %v", s, met, err)
		}
		same(w, "never met", signature(), `"" false <nil>`)
		for _, s := range []string{"one", "two"} {
			w.update(func(tx ledger.Tx) error { return tx.SavePlan("p", s, noon) })
			same(w, "adopted", signature(), fmt.Sprintf("%q true <nil>", s))
		}
		same(w, "in force", fmt.Sprint(must(w.Plans(ctx))), "[p]")
		w.update(func(tx ledger.Tx) error { return tx.SavePlan("p", "", noon) })
		same(w, "retired", signature(), `"" true <nil>`)
		same(w, "none in force", fmt.Sprint(must(w.Plans(ctx))), "[]")
		ids := map[int64]bool{}
		for _, title := range []string{"T", "U", "T"} {
			var id int64
			w.update(func(tx ledger.Tx) (err error) { id, err = tx.Rule(rule(title), noon); return err })
			ids[id] = true
			same(w, "the text", must(w.RuleText(ctx, id)), ledger.RuleText{Ref: "1.1", Title: title, Basis: "text", Source: "title = " + title})
			same(w, "the extent", must(w.Extent(ctx, id)), rule(title).Extent())
		}
		same(w, "rules", len(ids), 2)
	},
}
