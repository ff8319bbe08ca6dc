package web

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"duban/ledger"
	"duban/scheduler/desk"
)

const dailyAndWeekly = `
[[obligation]]
id = "2.1-watch"
ref = "2.1"
title = "每日监测"
units = ["@all"]
every = "day"
remind = []

[[obligation]]
id = "2.2-weekly"
ref = "2.2"
title = "每周报送"
units = ["a"]
every = "week"
policy = "standard"
`

// aBoard is a page on a ledger where there is something of every kind.
func aBoard(t *testing.T) (*world, *browser) {
	w := newWorld(t)
	w.write("plan/obligations/02.toml", dailyAndWeekly)
	w.s.TakeOver(t.Context(), w.load)
	for _, at := range []string{"2026-06-01 09:30", "2026-06-15 09:00", "2026-06-22 09:00", "2026-07-06 09:00", "2026-07-20 09:00"} {
		w.at(at)
		w.tick()
	}
	for key, verb := range map[string]desk.Verb{"1.1-budget/a/2026-05": desk.Done, "1.1-budget/b/2026-05": desk.Waive, "2.2-weekly/a/2026-W24": desk.Done, "2.1-watch/b/2026-06-02": desk.Done} {
		if _, err := w.desk.Do(t.Context(), verb, key, desk.Act{By: "test", Reason: "r", Evidence: "https://x.example/"}); err != nil {
			t.Fatal(key, err)
		}
	}
	event := &ledger.Event{Name: "request", Unit: "a", Key: "k", Day: w.s.View().Today()}
	if _, _, err := w.desk.AddEvent(t.Context(), event, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.WithdrawEvent(t.Context(), "k", "r", "test"); err != nil { // one that is cancelled
		t.Fatal(err)
	}
	return w, w.signedInAs("root", ledger.RoleAdmin)
}

var (
	anchors    = regexp.MustCompile(`(?s)<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>`)
	firstCount = regexp.MustCompile(`\d+`)
	foundCount = regexp.MustCompile(`(\d+) found`)
	lateLines  = regexp.MustCompile(`(?s)<section id="late">.*?</section>`)
)

// lateIn are the lines of the red list.
func lateIn(t *testing.T, body string) []string {
	t.Helper()
	_, list, ok := strings.Cut(lateLines.FindString(body), "<tbody>")
	if !ok {
		return nil
	}
	return strings.Split(list, "<tr>")[1:]
}

// Every count on the board leads to a list of as many.
func TestEveryCountLeadsToWhatItCounts(t *testing.T) {
	_, b := aBoard(t)
	followed := 0
	for _, board := range []string{"/", "/?unit=a", "/?unit=b", "/?by=item", "/?plan=p&obligation=2.2-weekly", "/?plan=p&obligation=2.1-watch", "/?kind=town", "/?q=weekly", "/?q=nothing", "/?light=red", "/year/2026", "/year/2026?unit=a"} {
		code, body := b.get(board)
		wants(t, code, body, 200)
		for _, m := range anchors.FindAllStringSubmatch(body, -1) {
			address, text := html.UnescapeString(m[1]), html.UnescapeString(tags.ReplaceAllString(m[2], " "))
			if !strings.Contains(address, "as=") || strings.HasPrefix(address, "?") {
				continue
			}
			if strings.Contains(board, "year") { // the first number there is the day
				text = regexp.MustCompile(`^\s*\d+\*?`).ReplaceAllString(text, "")
			}
			n := firstCount.FindString(text)
			if n == "" {
				continue // an item of several units, by its title
			}
			want := 1 // a period by its name
			if !regexp.MustCompile(`2026`).MatchString(text) {
				want, _ = strconv.Atoi(n)
			}
			_, list := b.get(address)
			got := foundCount.FindStringSubmatch(list)
			if got == nil || got[1] != fmt.Sprint(want) {
				t.Errorf("%s: %q leads to %s, which has %v", board, strings.Join(strings.Fields(text), " "), address, got)
			}
			followed++
		}
	}
	if followed < 60 {
		t.Errorf("only %d counts were followed", followed)
	}
}

// One line an item and unit, with how many periods are late and since when; and no
// line for what nobody is reminded of.
func TestTheRedListHasOneLineAnItemAndUnit(t *testing.T) {
	w, b := aBoard(t)
	code, body := b.get("/")
	wants(t, code, body, 200, "are only tracked, and light no lamp")
	lines := lateIn(t, body)
	all, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		t.Fatal(err)
	}
	since, late, tracked := map[string]string{}, map[string]int{}, 0
	for _, o := range all {
		if !w.s.View().Late(o) {
			continue
		}
		if o.Obligation == "2.1-watch" {
			tracked++
			continue
		}
		k := o.Obligation + "/" + o.Unit
		if late[k]++; since[k] == "" || o.Due.String() < since[k] {
			since[k] = o.Due.String()
		}
	}
	if len(lines) != len(late) || len(late) != 3 {
		t.Fatalf("%d lines for %v:\n%s", len(lines), late, plain(lateLines.FindString(body)))
	}
	for k, n := range late {
		said := false
		for _, line := range lines {
			said = said || strings.Contains(line, "/"+k+"/") && strings.Contains(line, since[k]) && (n == 1 || strings.Contains(line, fmt.Sprintf(">%d periods<", n)))
		}
		if !said {
			t.Errorf("no line says that %s is late %d times since %s", k, n, since[k])
		}
	}
	if tracked < 60 || !strings.Contains(body, fmt.Sprintf(">%d periods</a> are past their day", tracked)) {
		t.Errorf("what is only tracked is not said to be %d", tracked)
	}
	// What the sentence and the tiles say of items are lines of the list.
	for address, want := range map[string]int{"/?unit=a": 2, "/?unit=b": 1} {
		_, one := b.get(address)
		if got := len(lateIn(t, one)); got != want || !strings.Contains(body, `href="`+address+`#late" class="tile red"`) {
			t.Errorf("%s: %d lines", address, got)
		}
	}
	wants(t, code, body, 200, "2 units</a> are late with", "3 items</a>")
}

// Units and items keep the order of their files, whoever is late.
func TestUnitsKeepTheirPlaces(t *testing.T) {
	_, b := aBoard(t)
	_, body := b.get("/")
	a, town := strings.Index(body, "<b>Bureau A</b>"), strings.Index(body, "<b>乙镇</b>")
	if a < 0 || town < a {
		t.Errorf("the tiles of a and b begin at %d and %d", a, town)
	}
	_, body = b.get("/?by=item")
	var last int
	for _, item := range []string{"1.1 Publish figures", "2.2 每周报送"} {
		i := strings.Index(body, `title="`+item+`"`)
		if i <= last {
			t.Errorf("%q stands at %d, after %d", item, i, last)
		}
		last = i
	}
}

// A supervisor's red items are those that its units are reminded of; what is only
// tracked stands below them in the list of one unit.
func TestASupervisorsRedItemsAreThoseOfTheBoard(t *testing.T) {
	w, _ := aBoard(t)
	all, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		t.Fatal(err)
	}
	late, tracked, ofA := 0, 0, 0
	for _, o := range all {
		is := o.Obligation == "2.1-watch"
		if is {
			tracked++
		}
		if is && o.Unit == "a" {
			ofA++
		}
		if !is && w.s.View().Late(o) {
			late++
		}
	}
	address := w.after(w.Links.Supervisor("boss", w.now()))
	code, body := w.browser().get(address + "?lang=en")
	wants(t, code, body, 200, fmt.Sprintf("%d are late", late), fmt.Sprintf("Besides, %d periods are only tracked", tracked))
	if strings.Contains(body, "2.1-watch") || ofA == 0 || strings.Contains(body, `name="id" value=""`) {
		t.Errorf("%d of a; what is only tracked is among what presses:\n%s", ofA, plain(body))
	}
	title := regexp.MustCompile(`<td class="what">([^<]*)</td>`)
	_, body = w.browser().get(address + "?lang=en&unit=a")
	rows, watched := title.FindAllStringSubmatch(body, -1), 0
	for i := len(rows) - 1; i >= 0 && strings.Contains(rows[i][1], w.s.View().Rules.Obligation("p", "2.1-watch").DisplayTitle("en")); i-- {
		watched++
	}
	if watched != ofA || watched == len(rows) {
		t.Errorf("%d of %d rows are at the end and only tracked, want %d", watched, len(rows), ofA)
	}
}
