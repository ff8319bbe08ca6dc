package web

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"duban/ledger"
	"duban/rules/calendar"
)

var anyLink = regexp.MustCompile(`/(?:o|u|s|feed)/[^\s"'<>]*?/[A-Za-z0-9_-]{43}(?:/duban\.ics)?`)

// The links in mails are those of the units: who may look into the outbox holds
// none of them.
func TestTheOutboxShowsNoLinkThatWorks(t *testing.T) {
	w := newWorld(t)
	w.at("2026-06-09 09:00")
	w.tick()
	for _, m := range w.mail.mails {
		if !anyLink.Match(decoded(t, m.Raw)) && strings.Contains(m.To[0], "a@") {
			t.Error("the mail itself has lost its links")
		}
	}
	viewer := w.signedInAs("viewer", ledger.RoleViewer)
	shown := 0
	for id := 1; ; id++ {
		code, body := viewer.get("/outbox/" + strconv.Itoa(id))
		if code == 404 {
			break
		}
		wants(t, code, body, 200)
		if found := anyLink.FindString(body); found != "" {
			t.Errorf("/outbox/%d shows %s", id, found)
		}
		if strings.Contains(body, "/o/") || strings.Contains(body, "/u/") {
			shown++ // where the link was can be seen
		}
	}
	if shown == 0 {
		t.Error("no mail with a link was looked at")
	}
}

// What whoever came by a link finds behind it is of that unit, and ends with the
// link at the latest.
func TestALinkGivesNothingThatOutlivesIt(t *testing.T) {
	w := newWorld(t)
	made := w.now().AddDate(0, 0, -60) // an old mail
	last := lastDay(made)
	item := w.after(w.Links.Item(w.find("1.1-budget/a/2026-05"), made))
	unit, boss := w.after(w.Links.Unit("a", made)), w.after(w.Links.Supervisor("boss", made))
	for start, may := range map[string]string{
		item:                             `^/o/` + strings.Split(item, "/")[2] + `/`,
		unit:                             `^(/o/|/u/a/|/feed/a/)`,
		boss:                             `^/s/boss/`,
		w.after(w.Links.Feed("a", last)): `^/feed/a/`,
	} {
		seen, next := map[string]bool{}, []string{start}
		for len(next) > 0 {
			link := next[0]
			next = next[1:]
			if seen[link] {
				continue
			}
			seen[link] = true
			if !regexp.MustCompile(may).MatchString(link) {
				t.Errorf("%s leads to %s", start, link)
			}
			parts := strings.Split(link, "/")
			if day, err := strconv.Atoi(parts[3]); err != nil || day > last {
				t.Errorf("%s leads to %s, which works longer", start, link)
			}
			code, body := w.browser().get(link)
			wants(t, code, body, 200)
			next = append(next, anyLink.FindAllString(body, -1)...)
		}
		if start == unit && len(seen) < 3 {
			t.Errorf("the unit's page leads to %v", seen)
		}
	}
	// A feed says in time that it ends, and then ends.
	w.at("2026-06-01 09:00")
	feed := w.Links.Feed("a", calendar.DayOf(w.now()).Epoch()+feedEnds)
	code, body := w.browser().get(feed)
	wants(t, code, body, 200, "本日历至此失效")
	code, body = w.browser().get(w.Links.Feed("a", calendar.DayOf(w.now()).Epoch()+feedEnds+1))
	if wants(t, code, body, 200); strings.Contains(body, "失效") {
		t.Error("it says so too early")
	}
	code, body = w.browser().get(w.Links.Feed("a", calendar.DayOf(w.now()).Epoch()-1))
	wants(t, code, body, 410)
}

// A supervisor's mail carries its own link, which leads to its units' items; what
// is done there is done in its name.
func TestASupervisorActsUnderItsOwnName(t *testing.T) {
	w := newWorld(t)
	w.at("2026-06-18 09:00") // more than three working days after 12 June
	w.tick()
	link := ""
	for _, m := range w.mail.mails {
		if m.To[0] != "boss@x.example" {
			continue
		}
		for _, found := range anyLink.FindAllString(string(decoded(t, m.Raw)), -1) {
			if !strings.HasPrefix(found, "/s/boss/") {
				t.Errorf("the supervisor's mail carries %s", found)
			}
			link = found
		}
	}
	if link == "" {
		t.Fatal("the escalation carries no link")
	}
	b := w.browser()
	code, body := b.get(link + "?lang=en")
	wants(t, code, body, 200, "Publish figures", "Bureau A", "Extend")
	o := w.find("1.1-budget/a/2026-05")
	code, body = b.post(link+"/extend", "id", itoa(int(o.ID)), "to", "2026-06-30")
	wants(t, code, body, 422, "Say why.")
	code, body = b.post(link+"/extend", "id", itoa(int(o.ID)), "to", "2026-06-30", "reason", "系统检修", "date", "2026-06-01")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.Due != day(t, "2026-06-30") {
		t.Errorf("extended: %+v", o)
	}
	last, err := w.ledger.LatestEntries(t.Context(), ledger.EntryQuery{Subject: o.FullKey(), Limit: 1})
	if err != nil || last[0].Actor != "boss" || last[0].Action != "extended" {
		t.Errorf("the journal says %+v %v", last, err)
	}
	// A unit that supervises nobody decides on nothing, and a unit's link not at all.
	mark := w.ledgerMark()
	for _, link := range []string{w.Links.Supervisor("a", w.now()), w.Links.Unit("boss", w.now())} {
		for _, what := range []string{"extend", "accept", "return", "grant", "refuse"} {
			if code, _ := b.post(link+"/"+what, "id", itoa(int(o.ID)), "to", "2026-07-30", "reason", "r"); code < 400 {
				t.Errorf("%s/%s: %d", link, what, code)
			}
		}
	}
	if w.ledgerMark() != mark {
		t.Error("something was changed")
	}
}
