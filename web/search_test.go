package web

import (
	"net/url"
	"strings"
	"testing"

	"duban/ledger"
	"duban/scheduler/desk"
)

func TestOccurrencesAreFoundByWhatPeopleSee(t *testing.T) {
	w := newWorld(t)
	w.write("plan/units.toml", strings.Replace(w.read("plan/units.toml"), `name = "乙镇"`, "name = \"乙镇\"\nalias = [\"老乙\"]", 1))
	w.s.TakeOver(t.Context(), w.load)
	// One has ended: those are found out of the ledger, not out of the picture.
	if _, err := w.desk.Do(t.Context(), desk.Done, "1.1-budget/b/2026-05", desk.Act{By: "b", Evidence: "https://x.example/"}); err != nil {
		t.Fatal(err)
	}
	b := w.chinese()
	all, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for search, has := range map[string]func(o *ledger.Occurrence) bool{
		"收支":      func(o *ledger.Occurrence) bool { return o.Obligation == "1.1-budget" },
		"FIGURES": func(o *ledger.Occurrence) bool { return o.Obligation == "1.1-budget" },
		"1.1":     func(o *ledger.Occurrence) bool { return o.Obligation == "1.1-budget" },
		"乙镇":      func(o *ledger.Occurrence) bool { return o.Unit == "b" },
		"老乙":      func(o *ledger.Occurrence) bool { return o.Unit == "b" },
		"没有这样的":   func(*ledger.Occurrence) bool { return false },
		"":        func(*ledger.Occurrence) bool { return true },
	} {
		want := 0
		for _, o := range all {
			if o.State != ledger.StateCancelled && has(o) {
				want++
			}
		}
		code, body := b.get("/occurrences?q=" + url.QueryEscape(search))
		wants(t, code, body, 200, "共"+itoa(want)+"项")
		if n := strings.Count(body, `href="/occurrence/`); n != want {
			t.Errorf("%q lists %d, want %d", search, n, want)
		}
	}
	code, body := b.get("/occurrences?q=" + url.QueryEscape("1.1-budget/a/2026-05"))
	wants(t, code, body, 303, "/occurrence/p/1.1-budget/a/2026-05")
	code, body = b.get("/occurrences?q=" + url.QueryEscape("1.1-budget/a/1999-05"))
	wants(t, code, body, 200, "共0项")
}

// A unit that acted is called by its name in the history; an account as it is.
func TestWhoeverActedIsCalledByName(t *testing.T) {
	w := newWorld(t)
	if _, err := w.desk.Do(t.Context(), desk.Done, "1.1-budget/a/2026-05", desk.Act{By: "a", Evidence: "https://x.example/"}); err != nil {
		t.Fatal(err)
	}
	b := w.chinese()
	for _, address := range []string{"/journal", "/occurrence/p/1.1-budget/a/2026-05"} {
		code, body := b.get(address)
		wants(t, code, body, 200)
		if !strings.Contains(body, ">甲局</td>") || strings.Contains(body, ">a</td>") {
			t.Errorf("%s does not call the unit by its name: %s", address, plain(body))
		}
	}
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	code, body := b.send("/edit/p/obligation", form, "note", "x", "do", "save")
	wants(t, code, body, 303)
	code, body = b.get("/journal")
	wants(t, code, body, 200, ">root</td>")
}
