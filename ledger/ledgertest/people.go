package ledgertest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"duban/ledger"
)

var people = map[string]func(*world){
	"files": func(w *world) {
		o, other := w.owed(occurrence("a", "2017-07", day(7, 21)))[0], w.owed(occurrence("b", "2017-07", day(7, 21)))[0]
		content := strings.Repeat("0123456789", ledger.PieceSize/4)
		sum := sha256.Sum256([]byte(content))
		a := ledger.Attachment{Name: "x.pdf", Type: "application/pdf", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), With: "done", By: "甲局", At: noon}
		w.update(func(tx ledger.Tx) error { return tx.AddAttachment(&a, o, strings.NewReader(content), by) })
		same(w, "it", *must(w.Attachment(ctx, a.ID)), a)
		same(w, "of its occurrence", len(must(w.Attachments(ctx, o.ID))), 1)
		same(w, "all bytes", must(w.AttachedBytes(ctx)), a.Size)
		read := func() string {
			var b bytes.Buffer
			if err := ledger.CopyAttachment(ctx, w, &a, &b); err != nil {
				w.Error(err)
			}
			return b.String()
		}
		same(w, "its bytes", read() == content, true)
		under := func(plan, period string) (n int) {
			err := w.AttachmentsUnder(ctx, plan, period, func(*ledger.Occurrence, *ledger.Attachment) error { n++; return nil })
			if err != nil {
				w.Error(err)
			}
			return n
		}
		same(w, "by plan and period", fmt.Sprint(under("p", ""), under("p", "2017-07"), under("p", "2017-08"), under("q", "")), "1 1 0 0")
		w.update(func(tx ledger.Tx) error { return tx.MoveAttachments(o.ID, other.ID) })
		same(w, "moved", fmt.Sprint(len(must(w.Attachments(ctx, o.ID))), len(must(w.Attachments(ctx, other.ID)))), "0 1")
		wrong := a
		wrong.SHA256 = "0"
		if err := w.Update(ctx, func(tx ledger.Tx) error { return tx.AddAttachment(&wrong, o, strings.NewReader(content), by) }); err == nil {
			w.Error("bytes that are not those of the hash are kept")
		}
		w.update(func(tx ledger.Tx) error {
			gone := *must(tx.Attachment(ctx, a.ID))
			gone.Removed, gone.RemovedBy, gone.Reason = later(1), "root", "r"
			return tx.RemoveAttachment(&gone, other, by)
		})
		same(w, "removed", fmt.Sprint(len(read()), must(w.AttachedBytes(ctx)), must(w.Attachment(ctx, a.ID)).Reason, under("p", "")), "0 0r0")
		if _, err := w.Attachment(ctx, 99); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("another: %v", err)
		}
	},
	"accounts": func(w *world) {
		save := func(name string, role ledger.Role) {
			w.update(func(tx ledger.Tx) error {
				return tx.SaveAccount(&ledger.Account{Name: name, Role: role, Password: "p", Created: noon}, acting("account saved"))
			})
		}
		all := func() string {
			return names(must(w.Accounts(ctx)), func(a *ledger.Account) string { return a.Name + "=" + string(a.Role) })
		}
		save("li", ledger.RoleViewer)
		save("an", ledger.RoleAdmin)
		same(w, "by name", all(), " an=admin li=viewer")
		save("li", ledger.RoleAdmin)
		same(w, "changed", all(), " an=admin li=admin")
		w.update(func(tx ledger.Tx) error { return tx.RemoveAccount("an", by) })
		same(w, "removed", all(), " li=admin")
		if _, err := w.Account(ctx, "an"); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("removed: %v", err)
		}
		save("an", ledger.RoleViewer)
		same(w, "back", must(w.Account(ctx, "an")).Role, ledger.RoleViewer)
		same(w, "the journal", len(must(w.LatestEntries(ctx, ledger.EntryQuery{Subject: "account an"}))), 3)
	},
	"tokens": func(w *world) {
		add := func(name, hash string, role ledger.Role) error {
			return w.Update(ctx, func(tx ledger.Tx) error {
				return tx.AddToken(&ledger.Token{Name: name, Role: role, Hash: hash, Created: noon}, by)
			})
		}
		all := func() string {
			return names(must(w.Tokens(ctx)), func(t *ledger.Token) string { return t.Name + "=" + string(t.Role) })
		}
		if err := errors.Join(add("oa", "1", ledger.RoleViewer), add("bot", "2", ledger.RoleAdmin)); err != nil {
			w.Fatal(err)
		}
		same(w, "by name", all(), " bot=admin oa=viewer")
		same(w, "by hash", *must(w.Token(ctx, "1")), ledger.Token{Name: "oa", Role: ledger.RoleViewer, Hash: "1", Created: noon})
		if add("oa", "3", ledger.RoleAdmin) == nil || add("third", "2", ledger.RoleAdmin) == nil {
			w.Error("a name or a hash is given twice")
		}
		w.update(func(tx ledger.Tx) error { return tx.RemoveToken("oa", by) })
		same(w, "removed", all(), " bot=admin")
		if _, err := w.Token(ctx, "1"); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("removed: %v", err)
		}
		if add("oa", "1", ledger.RoleAdmin) == nil {
			w.Error("what was removed is given again")
		}
		if err := add("oa", "4", ledger.RoleAdmin); err != nil {
			w.Errorf("its name is not free: %v", err)
		}
		same(w, "the journal", names(must(w.LatestEntries(ctx, ledger.EntryQuery{Subject: "token oa"})), func(e ledger.Entry) string { return e.Action + e.After }),
			` token added{"role":"admin"} token removed token added{"role":"viewer"}`)
	},
	"answers": func(w *world) {
		keep := func(token, key, body string, minutes, before, most int) error {
			return w.Update(ctx, func(tx ledger.Tx) error {
				return tx.KeepAnswer(&ledger.Answer{Token: token, Key: key, Asked: "?", Status: 200, Body: []byte(body), At: later(minutes)}, later(before), most)
			})
		}
		given := func(token, key string, since int) string {
			a, err := w.Answer(ctx, token, key, later(since))
			if errors.Is(err, ledger.ErrNotFound) {
				return "none"
			}
			return fmt.Sprintf("%s %s%d %t %v", a.Body, a.Asked, a.Status, a.At.Equal(later(0)), err)
		}
		if err := errors.Join(keep("t", "k", "1", 0, 0, 9), keep("u", "k", "2", 1, 0, 9)); err != nil {
			w.Fatal(err)
		}
		same(w, "kept", given("t", "k", 0), "1 ?200 true <nil>")
		same(w, "of another", given("u", "k", 0), "2 ?200 false <nil>")
		same(w, "too old", given("t", "k", 1), "none")
		same(w, "never given", given("t", "l", 0), "none")
		if err := keep("t", "k", "3", 0, 0, 9); !errors.Is(err, ledger.ErrMoved) {
			w.Errorf("a second under one key: %v", err)
		}
		same(w, "the first stays", given("t", "k", 0), "1 ?200 true <nil>")
		for i := range 4 {
			if err := keep("t", fmt.Sprint("n", i), "x", 2, 0, 2); err != nil {
				w.Fatal(err)
			}
		}
		same(w, "never many", given("t", "k", 0)+given("t", "n1", 0)+given("t", "n2", 0)[:1]+given("t", "n3", 0)[:1], "nonenonexx")
		same(w, "of the others all", given("u", "k", 0)[:1], "2")
		if err := keep("t", "z", "x", 99, 50, 9); err != nil {
			w.Fatal(err)
		}
		same(w, "not for ever", given("u", "k", 0)+given("t", "n3", 0)+given("t", "z", 0)[:1], "nonenonex")
	},
	"sessions": func(w *world) {
		session := func(token string, now int) string {
			data, found, err := w.Session(ctx, token, later(now))
			return fmt.Sprint(string(data), " ", found, " ", err)
		}
		w.update(func(tx ledger.Tx) error {
			return errors.Join(tx.SaveSession("x", []byte("1"), later(60), noon), tx.SaveSession("y", []byte("2"), later(90), noon))
		})
		same(w, "there", session("x", 0), "1 true <nil>")
		same(w, "expired", session("x", 60), " false <nil>")
		w.update(func(tx ledger.Tx) error { return tx.SaveSession("y", []byte("3"), later(120), later(60)) })
		same(w, "forgotten", session("x", 0), " false <nil>")
		same(w, "renewed", session("y", 100), "3 true <nil>")
		w.update(func(tx ledger.Tx) error { return tx.EndSession("y") })
		same(w, "ended", session("y", 0), " false <nil>")
	},
	"events": func(w *world) {
		record := func(name, unit, key string, d int) (e ledger.Event) {
			w.update(func(tx ledger.Tx) error {
				e = ledger.Event{Name: name, Unit: unit, Key: key, Day: day(7, d), Title: "T", Recorded: noon}
				return tx.AddEvent(&e, by)
			})
			return e
		}
		first := record("received", "a", "k2", 9)
		record("received", "b", "k1", 8)
		record("repealed", "a", "k1", 10)
		key := func(e *ledger.Event) string { return e.Name + "/" + e.Unit + "/" + e.Key }
		for want, q := range map[string]ledger.EventQuery{
			" received/b/k1 received/a/k2 repealed/a/k1": {},
			" received/b/k1 received/a/k2":               {Name: "received"},
			" received/a/k2 repealed/a/k1":               {Unit: "a"},
			" received/b/k1 repealed/a/k1":               {Key: "k1"},
			" repealed/a/k1":                             {After: must(w.Event(ctx, first.ID)), Limit: 5},
			" received/b/k1":                             {Limit: 1},
			" repealed/a/k1 received/a/k2":               {Latest: true, Limit: 2},
			"":                                           {Name: "x"},
		} {
			same(w, fmt.Sprint(q), names(must(w.Events(ctx, q)), key), want)
		}
		if err := second(w.Event(ctx, 999)); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("one that is not there: %v", err)
		}
		last := ledger.EventQuery{Latest: true, After: must(w.Event(ctx, first.ID))}
		same(w, "the latest first, after the second", names(must(w.Events(ctx, last)), key), " received/b/k1")
		w.update(func(tx ledger.Tx) error {
			e := first
			e.Withdrawn, e.Reason = later(1), "a slip"
			return tx.WithdrawEvent(&e, by)
		})
		got := must(w.Event(ctx, first.ID))
		same(w, "withdrawn", fmt.Sprint(got.Withdrawn.Equal(later(1)), " ", got.Reason), "true a slip")
		w.update(func(tx ledger.Tx) error {
			again := first
			again.Day, again.Title, again.Recorded = day(7, 12), "U", later(2)
			return tx.RecordAgain(&first, &again, by)
		})
		got = must(w.Event(ctx, first.ID))
		same(w, "in force again", fmt.Sprint(got.Withdrawn.IsZero(), got.Reason, got.Day, got.Title, got.Recorded.Equal(later(2))), fmt.Sprint(true, "", day(7, 12), "U", true))
		n := 0
		if err := w.Entries(ctx, first.Subject(), func(ledger.Entry) error { n++; return nil }); err != nil || n != 3 {
			w.Errorf("%d entries, %v", n, err)
		}
	},
	"requests": func(w *world) {
		made := w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)))
		ask := func(o *ledger.Occurrence, kind ledger.RequestKind) (r ledger.Request) {
			w.update(func(tx ledger.Tx) error {
				r = ledger.Request{Occurrence: o.ID, Kind: kind, To: day(8, 1), Reason: "因", By: "甲局", At: noon, State: ledger.RequestOpen}
				return tx.AddRequest(&r, o, by)
			})
			return r
		}
		first := ask(made[0], ledger.ExtensionRequest)
		ask(made[1], ledger.NotOursRequest)
		kind := func(r *ledger.Request) string { return string(r.Kind) + ":" + string(r.State) }
		same(w, "open", names(must(w.OpenRequests(ctx)), kind), " extension:open not-ours:open")
		w.update(func(tx ledger.Tx) error {
			r := first
			r.State, r.Answer, r.DecidedBy, r.DecidedAt = ledger.RequestGranted, "可", "府办", later(1)
			return tx.DecideRequest(&r, made[0], by)
		})
		got := *must(w.Request(ctx, first.ID))
		got.At, got.DecidedAt = got.At.UTC(), got.DecidedAt.UTC()
		want := first
		want.State, want.Answer, want.DecidedBy, want.DecidedAt = ledger.RequestGranted, "可", "府办", later(1)
		same(w, "answered", got, want)
		same(w, "open still", names(must(w.OpenRequests(ctx)), kind), " not-ours:open")
		same(w, "about one", names(must(w.RequestsAbout(ctx, made[0].ID)), kind), " extension:granted")
		w.update(func(tx ledger.Tx) error {
			after := *made[1]
			after.State = ledger.StateClosed
			return tx.SaveOccurrence(made[1], &after, acting("closed"))
		})
		same(w, "about one that has ended", names(must(w.OpenRequests(ctx)), kind), "")
		if _, err := w.Request(ctx, 99); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("another: %v", err)
		}
	},
}
