package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/ledger"
)

// What people, and programs that pretend to be people, write into fields.
var oddValues = []string{
	"", "1969-12-31", "1970-01-01", "2026-05-29", "2026-06-01", "2026-06-12", "2026-06-19", "2199-12-31", "2200-01-01", "9999-12-31", "12026-01-01", "0001-01-01", "next week",
	"0 days", "5 working days", "-3 days", "20000 days", "20000 working days", "50 years", "9999 years", "99999999999999999999 days",
	"系统检修", strings.Repeat("长", 3000), "a\nb", "\u202e", "\x00", "'; DROP TABLE occurrence; --", "<script>", "=1+1", "k", "a/b", "1", "-1", "https://x.example/a",
	"month", "day", "0 0 31 12 *", "0 0 29 2 *", "* * * * 7", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=DAILY;INTERVAL=9999", "request", "1.1-budget", "backward", "24:00",
}

// TestWhateverIsPostedEverythingCanBeReadAfterwards throws at every form and link
// what no form would send. The world lives on from one draw to the next, as a
// ledger does.
func TestWhateverIsPostedEverythingCanBeReadAfterwards(t *testing.T) {
	w := newWorld(t)
	admin := w.signedInAs("admin", ledger.RoleAdmin)
	stranger := w.browser()
	item := w.Links.Item(w.find("1.1-budget/a/2026-05"), w.now())
	boss := w.Links.Supervisor("boss", w.now())
	unit := w.Links.Unit("a", w.now())
	forms := map[string][]string{
		"/events":                    {"name", "unit", "date", "key", "title"},
		"/events/withdraw":           {"key", "reason"},
		"/edit/p/obligation":         {"id", "title", "units", "partners", "deadline", "said", "s-period", "s-when", "s-n", "s-unit", "pattern", "fix", "new-mail", "base", "starts", "ends", "policy", "remind", "overdue", "escalate", "extendable", "do", "text", "mode"},
		"/edit/p/policy":             {"id", "remind", "overdue", "escalate", "do"},
		"/calendar":                  {"text", "do"},
		item + "/done":               {"evidence", "note", "date", "to", "by"},
		item + "/extend":             {"to", "by", "reason", "date"},
		item + "/not-ours":           {"reason", "to"},
		boss + "/grant":              {"id", "to", "by", "reason", "date"},
		boss + "/refuse":             {"id", "reason"},
		unit + "/done":               {"id", "evidence", "note", "date"},
		"/requests/1/grant":          {"to", "by", "reason"},
		"/outbox/1/retry":            {"address"},
		"/edit/p/unit":               {"id", "name", "mail", "supervisor", "language", "away-from", "away-to", "away-mail", "do"},
		"/edit/p/plan":               {"id", "title", "issued", "issuer", "starts", "ends", "close_of_business", "base", "do"},
		"/edit/p/group/preview":      {"id", "name", "members"},
		"/edit/p/policy/preview":     {"id", "remind"},
		"/edit/p/obligation/preview": {"id", "title", "units", "partners", "deadline", "said", "s-period", "s-when", "s-n", "s-unit", "pattern", "fix", "new-mail", "base", "starts", "ends", "policy"},
	}
	for _, what := range []string{"done", "waive", "reopen", "extend", "pause", "resume", "accept", "return"} {
		for _, key := range []string{"1.1-budget/a/2026-05", "1.2-answer/a/k"} {
			forms["/occurrence/p/"+key+"/"+what] = []string{"date", "to", "by", "reason", "note", "evidence"}
		}
	}
	addresses := slices.Sorted(maps.Keys(forms)) // so that a seed draws the same
	pages := []string{"/", "/occurrences", "/occurrences?state=closed", "/events", "/work", "/outbox", "/webhooks", "/journal", "/rules", "/rules/p/obligation/1.1-budget", "/report", "/calendar", "/year/2026",
		"/occurrence/p/1.1-budget/a/2026-05", "/edit/p/obligation?id=1.1-budget", item, boss, unit, w.Links.Feed("a", lastDay(w.now()))}
	queries := []string{"/report?from=%s&to=%[1]s", "/occurrences?from=%s&to=%[1]s&light=%[1]s", "/journal?occurrence=%s&after=%[1]s", "/year/%s", "/edit/p/obligation?id=%s&copy=%[1]s", "/outbox/%s", "/outbox?state=%s", "/?plan=%s&unit=%[1]s"}
	// Something for every form to be about.
	admin.post("/events", "name", "request", "unit", "a", "date", "2026-05-29", "key", "k")
	admin.post(item+"/extend", "to", "2026-06-19", "reason", "r")
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.SampledFrom(addresses).Draw(t, "address")
		fields := []string{"name", "request", "unit", "a"}
		if address != "/events" {
			fields = nil
		}
		for _, f := range forms[address] {
			if rapid.Bool().Draw(t, f+" is there") {
				fields = append(fields, f, rapid.SampledFrom(oddValues).Draw(t, f))
			}
		}
		for i := 0; i < len(fields); i += 2 {
			if fields[i] == "do" {
				fields[i+1] = rapid.SampledFrom([]string{"save", "preview"}).Draw(t, "do")
			}
			if fields[i] == "id" && strings.HasPrefix(address, "/edit/") {
				fields[i+1] = rapid.SampledFrom([]string{"1.1-budget", "1.2-answer", "new", "standard", "a"}).Draw(t, "what is edited")
			}
		}
		who := admin
		if strings.HasPrefix(address, "http") {
			who = stranger
		}
		if code, body := who.post(address, fields...); code >= 500 {
			t.Fatalf("POST %s %q: %d %s", address, fields, code, plain(body))
		}
		odd := fmt.Sprintf(rapid.SampledFrom(queries).Draw(t, "query"), url.QueryEscape(rapid.SampledFrom(oddValues).Draw(t, "asked for")))
		if code, body := admin.get(odd); code >= 500 {
			t.Fatalf("GET %s: %d %s", odd, code, plain(body))
		}
		for range 3 {
			page := rapid.SampledFrom(pages).Draw(t, "page")
			if code, body := admin.get(page); code != 200 {
				t.Fatalf("after POST %s %q: GET %s: %d %s", address, fields, page, code, plain(body))
			}
		}
		if _, err := w.s.Tick(w.t.Context(), w.now()); err != nil {
			t.Fatalf("after POST %s %q: %v", address, fields, err)
		}
	})
	if v, err := w.ledger.Verify(t.Context()); err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v %v", v.Problems, err)
	}
}

func TestAGrantIsForADayOrADistance(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	key := "1.1-budget/a/2026-05"
	item, boss := w.Links.Item(w.find(key), w.now()), w.Links.Supervisor("boss", w.now())
	b.post(item+"/extend", "to", "2026-06-19", "reason", "r")
	code, body := b.post(boss+"/grant", "id", "1", "to", "2026-06-18", "by", "9999 years")
	wants(t, code, body, 422, "is too far")
	code, body = b.post(boss+"/grant", "id", "1", "to", "2026-06-18", "by", "5 working days")
	wants(t, code, body, 422, "not both")
	if due := w.find(key).Due; due != day(t, "2026-06-12") {
		t.Errorf("refused, but due %s", due)
	}
	code, body = b.post(boss+"/grant", "id", "1", "by", "2 working days")
	wants(t, code, body, 303)
	if o := w.find(key); o.Due != day(t, "2026-06-16") {
		t.Errorf("granted by a distance: due %s", o.Due)
	}
}

func TestTheFirstDayThereIsIsNotToday(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("admin", ledger.RoleAdmin)
	code, body := b.post("/events", "name", "request", "unit", "a", "date", "1970-01-01")
	wants(t, code, body, 422, "1970-01-01", "outside the time")
	code, body = b.post("/events", "name", "request", "unit", "a", "date", "1969-12-31")
	wants(t, code, body, 422, "out of range")
	if found, err := ledger.AllEvents(t.Context(), w.ledger, ledger.EventQuery{}); err != nil || len(found) > 0 {
		t.Errorf("recorded %v, %v", found, err)
	}
}
