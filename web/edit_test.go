package web

import (
	"context"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/scheduler/editor"
)

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// editor opens one entry and returns its form's fields as they stand.
func (b *browser) editor(address string) map[string]string {
	b.w.t.Helper()
	code, body := b.get(address)
	wants(b.w.t, code, body, 200)
	return formFields(body)
}

var (
	inputs    = regexp.MustCompile(`<input([^>]*)>`)
	areas     = regexp.MustCompile(`(?s)<textarea([^>]*)>(.*?)</textarea>`)
	selects   = regexp.MustCompile(`(?s)<select([^>]*)>(.*?)</select>`)
	chosen    = regexp.MustCompile(`<option\s+value="([^"]*)" selected`)
	nameOf    = regexp.MustCompile(`name="([^"]*)"`)
	valueOfIn = regexp.MustCompile(`(?s)value="([^"]*)"`)
)

// formFields reads the editor's form as a browser would send it.
func formFields(body string) map[string]string {
	if i := strings.Index(body, `id="editor"`); i >= 0 {
		body = body[i:]
	}
	out := map[string]string{}
	name := func(attributes string) string {
		if m := nameOf.FindStringSubmatch(attributes); m != nil {
			return m[1]
		}
		return ""
	}
	for _, m := range inputs.FindAllStringSubmatch(body, -1) {
		v := valueOfIn.FindStringSubmatch(m[1])
		if (strings.Contains(m[1], `type="checkbox"`) || strings.Contains(m[1], `type="radio"`)) && !strings.Contains(m[1], " checked") || v == nil {
			continue
		}
		out[name(m[1])] = html.UnescapeString(v[1])
	}
	for _, m := range areas.FindAllStringSubmatch(body, -1) {
		out[name(m[1])] = html.UnescapeString(m[2])
	}
	for _, m := range selects.FindAllStringSubmatch(body, -1) {
		out[name(m[1])] = ""
		if c := chosen.FindStringSubmatch(m[2]); c != nil {
			out[name(m[1])] = html.UnescapeString(c[1])
		}
	}
	return out
}

// send posts the fields, some of them changed.
func (b *browser) send(address string, fields map[string]string, changes ...string) (int, string) {
	b.w.t.Helper()
	all := map[string]string{}
	for k, v := range fields {
		all[k] = v
	}
	for i := 0; i+1 < len(changes); i += 2 {
		all[changes[i]] = changes[i+1]
	}
	var pairs []string
	for k, v := range all {
		pairs = append(pairs, k, v)
	}
	return b.post(address, pairs...)
}

func TestAFormThatChangesNothingSavesNothing(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	for _, c := range [][2]string{{"obligation", "1.1-budget"}, {"obligation", "1.2-answer"}, {"unit", "a"}, {"unit", "b"}, {"group", "all"}, {"policy", "standard"}} {
		mark := w.read("plan/obligations/01.toml") + w.read("plan/units.toml") + w.read("plan/plan.toml")
		form := b.editor("/edit/p/" + c[0] + "?id=" + c[1])
		code, body := b.send("/edit/p/"+c[0], form, "do", "save")
		wants(t, code, body, 303)
		if w.read("plan/obligations/01.toml")+w.read("plan/units.toml")+w.read("plan/plan.toml") != mark {
			t.Errorf("%v: a form that was opened and saved changed its file", c)
		}
		block, err := planfile.Find(w.s.Rules(), rules.EntryKind(c[0]), "p", c[1])
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := w.editor.Versions(t.Context(), block); err != nil || len(kept) > 0 {
			t.Errorf("%v: %d versions are kept of what did not change: %v", c, len(kept), err)
		}
	}
}

func TestAnEditChangesItsLinesOnly(t *testing.T) {
	for rule, c := range map[string]struct {
		kind, id string
		changes  []string
		file     string
		old, new string
	}{
		"words in place of keys, with the comment": {"obligation", "1.1-budget", []string{"deadline", "within 10 working days after each quarter"}, "plan/obligations/01.toml", "every    = \"month\"   # as the document says\nwithin   = \"10 working days\"\n", "deadline = \"within 10 working days after each quarter\"   # as the document says\n"},
		"a rule without words":                     {"obligation", "1.1-budget", []string{"deadline", "\u300ccron = \"0 0 25 * *\", within = \"0 days\", roll = \"none\"\u300d"}, "plan/obligations/01.toml", "every    = \"month\"   # as the document says\nwithin   = \"10 working days\"\n", "deadline = \"\u300ccron = \\\"0 0 25 * *\\\", within = \\\"0 days\\\", roll = \\\"none\\\"\u300d\"   # as the document says\n"},
		"choices, where the words are empty":       {"obligation", "1.1-budget", []string{"deadline", "", "s-period", "quarter", "s-when", "end"}, "plan/obligations/01.toml", "every    = \"month\"   # as the document says\nwithin   = \"10 working days\"\n", "deadline = \"by the end of each quarter\"   # as the document says\n"},
		"the words win over choices":               {"obligation", "1.1-budget", []string{"deadline", "quarterly", "s-period", "month", "s-when", "end"}, "plan/obligations/01.toml", "every    = \"month\"   # as the document says\nwithin   = \"10 working days\"\n", "deadline = \"quarterly\"   # as the document says\n"},
		"units by their names":                     {"obligation", "1.1-budget", []string{"units", "甲局\u3001 乙镇"}, "plan/obligations/01.toml", `units    = ["@all"]`, `units    = ["a", "b"]`},
		"a supervisor by its name":                 {"unit", "a", []string{"supervisor", "乙镇"}, "plan/units.toml", "mail = [\"a@x.example\"]\nsupervisor = \"boss\"", "mail = [\"a@x.example\"]\nsupervisor = \"b\""},
		"a kind by its word":                       {"unit", "a", []string{"kind", "town"}, "plan/units.toml", "kind = \"department\"\nmail = [\"a@x.example\"]", "kind = \"town\"\nmail = [\"a@x.example\"]"},
		"a new key, aligned":                       {"obligation", "1.1-budget", []string{"note", "两行\r\n说明"}, "plan/obligations/01.toml", `evidence = "required"`, "evidence = \"required\"\nnote     = \"两行\\n说明\""},
		"a key that goes":                          {"obligation", "1.1-budget", []string{"evidence", ""}, "plan/obligations/01.toml", "policy   = \"standard\"\nevidence = \"required\"", "policy   = \"standard\""},
		"a box that is ticked":                     {"obligation", "1.2-answer", []string{"ends", "2026-12-31"}, "plan/obligations/01.toml", "extendable = \"20 working days\"\npolicy = \"standard\"", "extendable = \"20 working days\"\npolicy = \"standard\"\nends  = 2026-12-31"},
		"no reminders at all":                      {"obligation", "1.1-budget", []string{"remind", "-"}, "plan/obligations/01.toml", `evidence = "required"`, "evidence = \"required\"\nremind   = []"},
		"a unit's addresses":                       {"unit", "a", []string{"mail", "a@x.example， office@x.example"}, "plan/units.toml", `mail = ["a@x.example"]`, `mail = ["a@x.example", "office@x.example"]`},
		"a group's members":                        {"group", "all", []string{"members", "甲局"}, "plan/units.toml", `members = ["a", "b"]`, `members = ["a"]`},
		"a policy":                                 {"policy", "standard", []string{"remind", "提前5个工作日\r\non the day"}, "plan/plan.toml", `remind = ["3 working days before", "on the day"] # enough`, `remind = ["5 working days before", "on the day"] # enough`},
	} {
		w := newWorld(t)
		b := w.signedInAs("root", ledger.RoleAdmin)
		before := w.read(c.file)
		if !strings.Contains(before, c.old) {
			t.Fatalf("%s: the file has no %q", rule, c.old)
		}
		form := b.editor("/edit/p/" + c.kind + "?id=" + c.id)
		code, body := b.send("/edit/p/"+c.kind, form, append(c.changes, "do", "save", "reason", "why not")...)
		wants(t, code, body, 303, "/rules/p/"+c.kind+"/"+c.id)
		if got, want := w.read(c.file), strings.Replace(before, c.old, c.new, 1); got != want {
			t.Errorf("%s: %s", rule, difference(want, got))
		}
		code, body = b.get("/rules/p/" + c.kind + "/" + c.id)
		wants(t, code, body, 200, "root", "why not", "As it was before")
	}
}

func TestABadValueIsToldBesideItsField(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	mark := w.ledgerMark()
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	for field, c := range map[string][2]string{
		"deadline": {"within 10 moons", "is not understood"}, "units": {"a, zzz", "nobody is called"}, "policy": {"strict", "no [policy.strict]"},
		"overdue": {"often", "is no rhythm"}, "title": {"", "is missing"}, "ends": {"someday", "want a date"}, "starts": {"tomorrow", "want a date"},
		"remind": {"10 moons before", "is no reminder"},
	} {
		for _, address := range []string{"/edit/p/obligation", "/edit/p/obligation/preview"} {
			code, body := b.send(address, form, field, c[0], "do", "save")
			want := 422
			if strings.HasSuffix(address, "preview") {
				want = 200 // htmx puts it in its place
			}
			wants(t, code, body, want, "It cannot be saved like this.")
			at := regexp.MustCompile(`(?s)id="e-` + field + `"[^>]*>\s*<p class="error">([^<]*)`).FindStringSubmatch(body)
			if at == nil || !strings.Contains(html.UnescapeString(at[1]), c[1]) {
				t.Errorf("%s = %q: beside it stands %q, want %q\n%s", field, c[0], at, c[1], plain(body))
			}
		}
	}
	if w.ledgerMark() != mark {
		t.Error("a bad value was saved")
	}
}

func TestThePreviewTellsWhatSavingThenDoes(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	mark := w.ledgerMark()
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	code, body := b.send("/edit/p/obligation/preview", form, "deadline", "within 15 working days after each month", "units", "a")
	// 15 working days after 31 May 2026: 19 June is the Dragon Boat Festival.
	wants(t, code, body, 200, "1.1-budget/a/2026-05", "1.1-budget/b/2026-05", "2026-06-22")
	text := plain(body)
	if w.ledgerMark() != mark {
		t.Fatal("looking changed something")
	}
	code, body = b.send("/edit/p/obligation", form, "deadline", "within 15 working days after each month", "units", "a", "do", "save")
	wants(t, code, body, 303)
	a, other := w.find("1.1-budget/a/2026-05"), w.find("1.1-budget/b/2026-05")
	if a.Due != day(t, "2026-06-22") || other.State != ledger.StateCancelled {
		t.Errorf("saved: %s, %s", a.Due, other.State)
	}
	if !strings.Contains(text, "cancelled: ") || !strings.Contains(text, "recounted: ") {
		t.Errorf("the preview does not count what changes: %s", text)
	}
	// What the preview lists is what the journal then says.
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(recounted|cancelled|made) (\S+/\S+/\S+)`).FindAllStringSubmatch(text, -1) {
		listed[m[1]+" "+m[2]] = true
	}
	err := w.ledger.Entries(t.Context(), ledger.Subject{}, func(e ledger.Entry) error {
		if e.Subject.Kind == ledger.AboutOccurrence && e.Action != "made" || strings.HasPrefix(e.Subject.String(), "p:x") {
			what := e.Action + " " + strings.TrimPrefix(e.Subject.String(), "p:")
			if !listed[what] {
				t.Errorf("the preview did not tell of %s", what)
			}
			delete(listed, what)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for what := range listed {
		if !strings.HasPrefix(what, "made") {
			t.Errorf("the preview told of %s, which did not happen", what)
		}
	}
}

func TestOfTwoEditorsTheSecondIsShownTheDifference(t *testing.T) {
	w := newWorld(t)
	one, two := w.signedInAs("one", ledger.RoleAdmin), w.signedInAs("two", ledger.RoleAdmin)
	first, second := one.editor("/edit/p/obligation?id=1.1-budget"), two.editor("/edit/p/obligation?id=1.1-budget")
	code, body := one.send("/edit/p/obligation", first, "deadline", "within 12 working days after each month", "do", "save")
	wants(t, code, body, 303)
	code, body = two.send("/edit/p/obligation", second, "note", "mine", "do", "save")
	wants(t, code, body, 409, "Somebody else has changed this", "mine")
	if strings.Contains(w.read("plan/obligations/01.toml"), "mine") {
		t.Error("the second overwrote the first without being asked")
	}
	// Both stand in the editor now; saving again keeps both.
	merged := formFields(body)
	if merged["deadline"] != "within 12 working days after each month" || merged["note"] != "mine" {
		t.Errorf("the editor holds %q and %q", merged["deadline"], merged["note"])
	}
	code, body = two.send("/edit/p/obligation", merged, "do", "save")
	wants(t, code, body, 303)
	text := w.read("plan/obligations/01.toml")
	if !strings.Contains(text, `"within 12 working days after each month"`) || !strings.Contains(text, `"mine"`) {
		t.Errorf("the work of one of them is lost:\n%s", text)
	}

	// The same with texts: what the second wrote stays in front of it.
	t1, t2 := one.editor("/edit/p/obligation?id=1.1-budget&mode=text"), two.editor("/edit/p/obligation?id=1.1-budget&mode=text")
	code, body = one.send("/edit/p/obligation", t1, "text", strings.Replace(t1["text"], "12 working", "11 working", 1), "do", "save")
	wants(t, code, body, 303)
	code, body = two.send("/edit/p/obligation", t2, "text", t2["text"]+"\n# a comment", "do", "save")
	wants(t, code, body, 409, "# a comment", "11 working days")
}

func TestConcurrentSavesOneWinsTheOthersAreTold(t *testing.T) {
	w := newWorld(t)
	const editors = 8
	browsers := make([]*browser, editors)
	forms := make([]map[string]string, editors)
	for i := range browsers {
		browsers[i] = w.signedInAs(fmt.Sprintf("editor%d", i), ledger.RoleAdmin)
		forms[i] = browsers[i].editor("/edit/p/obligation?id=1.1-budget")
	}
	codes := make([]int, editors)
	var all sync.WaitGroup
	for i := range browsers {
		all.Go(func() {
			codes[i], _ = browsers[i].send("/edit/p/obligation", forms[i], "deadline", fmt.Sprintf("within %d working days after each month", 20+i), "do", "save")
		})
	}
	all.Wait()
	won := 0
	for i, code := range codes {
		switch code {
		case 303:
			won++
			if !strings.Contains(w.read("plan/obligations/01.toml"), fmt.Sprintf("%d working days", 20+i)) {
				t.Errorf("editor %d was told that it was saved, but it was not", i)
			}
		case 409:
		default:
			t.Errorf("editor %d: %d", i, code)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d editors won", won, editors)
	}
	kept, err := w.editor.Versions(t.Context(), mustBlock(t, w, "1.1-budget").Passage)
	if err != nil || len(kept) != 2 {
		t.Errorf("%d versions are kept, want the old one and the new: %v", len(kept), err)
	}
}

func mustBlock(t *testing.T, w *world, id string) editor.Edit {
	t.Helper()
	b, err := planfile.Find(w.s.Rules(), "obligation", "p", id)
	if err != nil {
		t.Fatal(err)
	}
	return editor.Edit{Passage: b}
}

func TestAddCopyRetireAndBringBack(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	original := w.read("plan/obligations/01.toml")

	// A copy has its own id, and goes into the same file.
	form := b.editor("/edit/p/obligation?copy=1.1-budget")
	code, body := b.send("/edit/p/obligation", form, "title", "", "do", "save")
	wants(t, code, body, 422, "Say what it is")
	code, body = b.send("/edit/p/obligation", form, "id", "1.1-budget", "do", "save")
	wants(t, code, body, 422, "There is one with the id")
	code, body = b.send("/edit/p/obligation", form, "id", "1.1 Copy", "do", "save")
	wants(t, code, body, 422)
	code, body = b.send("/edit/p/obligation", form, "id", "1.3-copy", "title", "抄录", "do", "save")
	wants(t, code, body, 303, "/rules/p/obligation/1.3-copy")
	text := w.read("plan/obligations/01.toml")
	if !strings.HasPrefix(text, original) || !strings.Contains(text, `id       = "1.3-copy"`) || !strings.Contains(text, "title    = \"抄录\"") || !strings.Contains(text[len(original):], "# monthly figures") {
		t.Errorf("the copy:\n%s", text)
	}
	if w.find("1.3-copy/a/2026-05").State != ledger.StateOpen {
		t.Error("the copy is not in force")
	}

	// A new one from an empty form.
	form = b.editor("/edit/p/obligation")
	code, body = b.send("/edit/p/obligation", form, "id", "1.4-new", "title", "新的", "units", "b", "deadline", "by 31 December 2026", "policy", "standard", "do", "save")
	wants(t, code, body, 303)
	if !strings.HasSuffix(w.read("plan/obligations/01.toml"), "\n\n[[obligation]]\nid       = \"1.4-new\"\ntitle    = \"新的\"\nunits    = [\"b\"]\ndeadline = \"by 31 December 2026\"\npolicy   = \"standard\"\n") {
		t.Errorf("the new one:\n%s", w.read("plan/obligations/01.toml"))
	}
	if w.find("1.4-new/b/2026-12-31").Due != day(t, "2026-12-31") {
		t.Error("the new one is not in force")
	}

	// Retired: out of the file, what is open is cancelled, the text is kept.
	code, body = b.get("/edit/p/obligation?id=1.3-copy&retire=1")
	wants(t, code, body, 200, "1.3-copy/a/2026-05", "cancelled")
	form = b.editor("/edit/p/obligation?id=1.3-copy&retire=1")
	code, body = b.send("/edit/p/obligation", form, "id", "1.3-copy", "reason", "重复", "do", "retire")
	wants(t, code, body, 303)
	if strings.Contains(w.read("plan/obligations/01.toml"), "1.3-copy") || w.find("1.3-copy/a/2026-05").State != ledger.StateCancelled {
		t.Error("it is still there")
	}
	if !strings.Contains(w.read("plan/obligations/01.toml"), `id       = "1.4-new"`) {
		t.Error("retiring one took another along")
	}
	code, body = b.get("/rules/p/obligation/1.3-copy")
	wants(t, code, body, 200, "Retired", "重复", "Go back to this version")
	back := regexp.MustCompile(`/edit/p/obligation\?id=1\.3-copy&amp;version=(\d+)`).FindStringSubmatch(body)
	if back == nil {
		t.Fatal("no way back")
	}
	form = b.editor("/edit/p/obligation?id=1.3-copy&version=" + back[1])
	code, body = b.send("/edit/p/obligation", form, "do", "save")
	wants(t, code, body, 303)
	if !strings.Contains(w.read("plan/obligations/01.toml"), "title    = \"抄录\"") || w.find("1.3-copy/a/2026-05").State != ledger.StateOpen {
		t.Errorf("it is not back: %s", w.find("1.3-copy/a/2026-05").State)
	}

	// A unit that is owed by cannot go.
	form = b.editor("/edit/p/unit?id=a&retire=1")
	code, body = b.send("/edit/p/unit", form, "id", "a", "do", "retire")
	wants(t, code, body, 422, "no unit")
	v, err := w.ledger.Verify(t.Context())
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v %v", v.Problems, err)
	}
}

func TestGoingBackToAnyVersionGivesItsTextBack(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	original := w.read("plan/obligations/01.toml")
	for _, n := range []string{"11", "12", "13"} {
		form := b.editor("/edit/p/obligation?id=1.1-budget&mode=text")
		code, body := b.send("/edit/p/obligation", form, "text", regexp.MustCompile(`\d+ working days`).ReplaceAllString(form["text"], n+" working days"), "do", "save")
		wants(t, code, body, 303)
	}
	code, body := b.get("/rules/p/obligation/1.1-budget")
	wants(t, code, body, 200, "As it was before the first edit here")
	versions := regexp.MustCompile(`&amp;version=(\d+)`).FindAllStringSubmatch(body, -1)
	if len(versions) != 3 {
		t.Fatalf("%d versions to go back to, want 12, 11 and the first", len(versions))
	}
	form := b.editor("/edit/p/obligation?id=1.1-budget&version=" + versions[2][1])
	code, body = b.send("/edit/p/obligation", form, "do", "save")
	wants(t, code, body, 303)
	if got := w.read("plan/obligations/01.toml"); got != original {
		t.Errorf("the first version did not come back:\n%s", difference(original, got))
	}
}

func TestTextModeTakesOneEntryAndNothingElse(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	mark := w.ledgerMark()
	form := b.editor("/edit/p/obligation?id=1.1-budget&mode=text")
	for rule, c := range map[string][2]string{
		"no text at all":     {" ", "retire it"},
		"two entries":        {form["text"] + "\n[[obligation]]\nid = \"x\"\n", "one entry"},
		"another kind":       {"[[unit]]\nid = \"1.1-budget\"", "one entry"},
		"keys before it":     {"x = 1\n" + form["text"], "nothing but comments"},
		"another id":         {strings.Replace(form["text"], `"1.1-budget"`, `"1.1-other"`, 1), "for ever"},
		"no TOML":            {form["text"] + "\nwithin = ", "not valid TOML"},
		"an unknown key":     {form["text"] + "\nwithn = \"1 day\"", "unknown key"},
		"a key twice":        {form["text"] + "\nwithin = \"1 day\"", "stands twice"},
		"a value that is no": {strings.Replace(form["text"], "10 working days", "ten days", 1), "is no distance"},
	} {
		code, body := b.send("/edit/p/obligation", form, "text", c[0], "do", "save")
		wants(t, code, body, 422)
		if !strings.Contains(html.UnescapeString(body), c[1]) {
			t.Errorf("%s: the page does not say %q:\n%s", rule, c[1], plain(body))
		}
	}
	if w.ledgerMark() != mark {
		t.Error("something was saved")
	}
	// Between form and text nothing is lost.
	code, body := b.send("/edit/p/obligation", b.editor("/edit/p/obligation?id=1.1-budget"), "note", "new", "do", "text")
	wants(t, code, body, 200, `note     = &#34;new&#34;`, "# monthly figures")
	code, body = b.send("/edit/p/obligation", formFields(body), "do", "form")
	wants(t, code, body, 200)
	if f := formFields(body); f["note"] != "new" || !strings.Contains(f["start"], "# monthly figures") {
		t.Errorf("back in the form: %q", f["note"])
	}
}

func TestAYearIsPastedSeenAndSaved(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	mark := w.ledgerMark()
	code, body := b.post("/calendar", "text", "year = 2026\n", "do", "preview")
	wants(t, code, body, 422, "no days")
	year := "year = 2026\nsource = [\"https://x.example/\"]\n\n[[holiday]]\nname = \"测试\"\noff = [2026-06-10]\n"
	code, body = b.post("/calendar", "text", year, "do", "preview")
	wants(t, code, body, 200, "1.1-budget/a/2026-05", "2026-06-15")
	if w.ledgerMark() != mark {
		t.Fatal("looking changed something")
	}
	code, body = b.post("/calendar", "text", year, "do", "save")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.Due != day(t, "2026-06-15") {
		t.Errorf("with another day off it is due on %s", o.Due)
	}
	code, body = b.get("/journal?subject=calendar")
	wants(t, code, body, 200, "calendar year saved", "root")
}

func TestANoticeOfHolidaysIsPastedAsItIsWritten(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	const notice = "关于2027年部分节假日安排的通知\n\n一、元旦：1月1日（周四）放假，共1天。\n"
	code, body := b.post("/calendar?lang=zh-CN", "text", notice, "do", "preview")
	wants(t, code, body, 422, "第3行：2027-01-01 周五是星期五，不是星期四")
	amendment, err := os.ReadFile("../rules/calendar/testdata/circulars/2019-2.txt")
	if err != nil {
		t.Fatal(err)
	}
	code, body = b.post("/calendar?lang=zh-CN", "text", string(amendment), "do", "preview")
	wants(t, code, body, 200, "仅调整劳动节", "2019年")
}

// The first obligation of a plan that has none is added like any other.
func TestAPlanWithoutObligationsGetsItsFirst(t *testing.T) {
	w := newWorld(t)
	w.write("plan/obligations/01.toml", "# none yet\n")
	w.s.Reload(t.Context(), w.load)
	if n := len(w.s.Rules().Plan("p").Obligations); n != 0 {
		t.Fatalf("%d obligations", n)
	}
	root := w.signedInAs("root", ledger.RoleAdmin)
	for _, address := range []string{"/edit/p/obligation", "/edit/p/obligation?id=new", "/edit/p/obligation?id=new&mode=text", "/rules", "/edit/p/unit", "/edit/p/policy", "/edit/p/group"} {
		code, body := root.get(address)
		wants(t, code, body, 200)
	}
	code, body := root.post("/edit/p/obligation", "id", "1.1-first", "base", "", "mode", "text", "text", "[[obligation]]\nid = \"1.1-first\"\ntitle = \"T\"\nunits = [\"a\"]\nevery = \"month\"\npolicy = \"standard\"\n", "do", "save")
	wants(t, code, body, 303)
	if w.s.Rules().Obligation("p", "1.1-first") == nil {
		t.Error("it is not there")
	}
}
