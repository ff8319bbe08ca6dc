package planfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/plans"
	"duban/rules/problem"
	"duban/rules/toml"
)

// writePlan makes a plan folder out of its files.
func writePlan(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const goodPlan = `id = "p"
title = "方案"
starts = 2017-06-09
[policy.standard]
remind = ["3 working days before", "on the day"]
overdue = "every 2 working days"
escalate = "3 working days after"
`

const goodUnits = `[[unit]]
id = "czj"
name = "市财政局"
mail = ["czj@zs.example"]
[[unit]]
id = "zfb"
name = "市政府办公室"
mail = ["zfb@zs.example"]
[[group]]
id = "all"
members = ["czj", "zfb"]
`

const goodObligation = `[[obligation]]
id = "1.1"
title = "T"
units = ["czj"]
every = "month"
policy = "standard"
`

func TestEveryMistakeIsToldWithItsPlaceAndTheWayOut(t *testing.T) {
	ob := func(lines string) string { return "[[obligation]]\nid = \"1.1\"\ntitle = \"T\"\n" + lines }
	for _, tc := range []struct{ mistake, file, text, want string }{
		{"unknown unit", "obligations/01.toml", ob("units = [\"czjj\"]\nevery = \"month\"\npolicy = \"standard\"\n"), `obligations/01.toml:4:10: units: no unit "czjj" in units.toml (did you mean "czj"?)`},
		{"unknown group", "obligations/01.toml", ob("units = [\"@al\"]\nevery = \"month\"\npolicy = \"standard\"\n"), `01.toml:4:10: units: no group "@al" in units.toml (did you mean "@all"?)`},
		{"group without its sign", "obligations/01.toml", ob("units = [\"all\"]\nevery = \"month\"\npolicy = \"standard\"\n"), `01.toml:4:10: units: "all" is a group: write "@all"`},
		{"unknown policy", "obligations/01.toml", ob("units = [\"czj\"]\nevery = \"month\"\npolicy = \"standart\"\n"), `01.toml:6:10: policy: no [policy.standart] in plan.toml (did you mean "standard"?)`},
		{"unknown key", "obligations/01.toml", ob("units = [\"czj\"]\nevery = \"month\"\npolicy = \"standard\"\nwithn = \"1 day\"\n"), `01.toml:7:1: withn: unknown key (did you mean "within"?)`},
		{"two cadences", "obligations/01.toml", ob("units = [\"czj\"]\nevery = \"month\"\ncron = \"0 0 1 * *\"\npolicy = \"standard\"\n"), `01.toml:6:8: cron: a second cadence beside every`},
		{"no cadence", "obligations/01.toml", ob("units = [\"czj\"]\npolicy = \"standard\"\n"), `01.toml:1:3: every: is missing`},
		{"unreadable distance", "obligations/01.toml", ob("units = [\"czj\"]\nevery = \"month\"\nwithin = \"15 workdays\"\npolicy = \"standard\"\n"), `01.toml:6:10: within: "15 workdays" is no distance: write "N working days"`},
		{"unreadable cron", "obligations/01.toml", ob("units = [\"czj\"]\ncron = \"0 0 25\"\npolicy = \"standard\"\n"), `01.toml:5:8: cron: "0 0 25": write five fields`},
		{"a cron that never fires", "obligations/01.toml", ob("units = [\"czj\"]\ncron = \"0 0 30 2 *\"\npolicy = \"standard\"\n"), `01.toml:5:8: cron: "0 0 30 2 *" never fires`},
		{"unreadable rrule", "obligations/01.toml", ob("units = [\"czj\"]\nrrule = \"FREQ=SOMETIMES\"\npolicy = \"standard\"\n"), `01.toml:5:9: rrule: "FREQ=SOMETIMES"`},
		{"an hourly rrule", "obligations/01.toml", ob("units = [\"czj\"]\nrrule = \"FREQ=HOURLY\"\npolicy = \"standard\"\n"), `days are the smallest step`},
		{"no such day", "obligations/01.toml", ob("units = [\"czj\"]\non = 2017-02-30\npolicy = \"standard\"\n"), `01.toml:5:6: `},
		{"a chain to nowhere", "obligations/01.toml", ob("after = \"9.9\"\npolicy = \"standard\"\n"), `after: no obligation "9.9" in this plan`},
		{"a chain that loops", "obligations/01.toml", ob("after = \"2\"\nunits=[\"czj\"]\npolicy = \"standard\"\n") + "[[obligation]]\nid = \"2\"\ntitle=\"T\"\nunits=[\"czj\"]\nafter = \"1.1\"\npolicy = \"standard\"\n", `the chain comes back to "1.1" itself`},
		{"the same id twice", "obligations/02.toml", goodObligation, `02.toml:2:6: id: "1.1" is already the id of an obligation at`},
		{"an id with a slash", "obligations/01.toml", strings.Replace(goodObligation, "1.1", "1/1", 1), `01.toml:2:6: id: "1/1" is no id`},
		{"a stoppable clock without an event", "obligations/01.toml", goodObligation + "pausable = true\n", `01.toml:7:12: pausable: only the clock of an event`},
		{"a unit without an address", "units.toml", strings.Replace(goodUnits, `mail = ["czj@zs.example"]`, "", 1), `units.toml:1:3: mail: unit "czj" has no address`},
		{"no mail address", "units.toml", strings.Replace(goodUnits, "czj@zs.example", "czj at zs", 1), `units.toml:4:9: mail: "czj at zs" is not a mail address`},
		{"header injection in an address", "units.toml", strings.Replace(goodUnits, "czj@zs.example", `czj@zs.example\r\nBcc: x@y.example`, 1), `is not a mail address`},
		{"a name that breaks a line", "units.toml", strings.Replace(goodUnits, "市财政局", `市财政局\r\nBcc: x@y.example`, 1), `units.toml:3:8: name: has the character U+000D`},
		{"a name that reads backwards", "units.toml", strings.Replace(goodUnits, "市财政局", `市\u202e财政局`, 1), `has the character U+202E`},
		{"one id, two units", "units.toml", goodUnits + "[[unit]]\nid = \"czj\"\nname = \"另一局\"\nmail = [\"x@zs.example\"]\n", `id: unit "czj" is already defined otherwise at`},
		{"unknown supervisor", "units.toml", strings.Replace(goodUnits, `mail = ["czj@zs.example"]`, "mail = [\"czj@zs.example\"]\nsupervisor = \"zbf\"", 1), `units.toml:5:14: supervisor: no unit "zbf" (did you mean "zfb"?)`},
		{"no start", "plan.toml", strings.Replace(goodPlan, "starts = 2017-06-09\n", "", 1), `plan.toml:1:1: starts: is missing`},
		{"no such time zone", "plan.toml", "timezone = \"Mars/Olympus\"\n" + goodPlan, `plan.toml:1:12: timezone: no time zone "Mars/Olympus"`},
		{"unreadable reminder", "plan.toml", strings.Replace(goodPlan, "on the day", "on that day", 1), `plan.toml:5:36: remind: "on that day" is no reminder`},
		{"not TOML", "plan.toml", goodPlan + "nonsense\n", `plan.toml:8:`},
		{"not UTF-8", "plan.toml", goodPlan + "# \xff\n", `is not a text file in UTF-8`},
		{"a title of a megabyte", "obligations/01.toml", strings.Replace(goodObligation, `"T"`, `"`+strings.Repeat("长", 350000)+`"`, 1), `title: has 350000 characters; 200 are the most`},
	} {
		t.Run(tc.mistake, func(t *testing.T) {
			files := map[string]string{"plan.toml": goodPlan, "units.toml": goodUnits, "obligations/01.toml": goodObligation}
			files[tc.file] = tc.text
			_, problems := Load(Sources{Plans: []string{writePlan(t, files)}})
			err := problems.Err()
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %.600v\nwant …%s…", err, tc.want)
			}
		})
	}
}

func TestAPlanWithFiftyDifferentErrorsTellsAllOfThem(t *testing.T) {
	var b strings.Builder
	for i := range 25 {
		fmt.Fprintf(&b, "[[obligation]]\nid = \"o%d\"\ntitle = \"T\"\nunits = [\"nobody%d\"]\nevery = \"month\"\nwithin = \"%d fortnights\"\npolicy = \"standard\"\n", i, i, i)
	}
	dir := writePlan(t, map[string]string{"plan.toml": goodPlan, "units.toml": goodUnits, "obligations/01.toml": b.String()})
	_, problems := Load(Sources{Plans: []string{dir}})
	errs := problems.Errors()
	if len(errs) != 50 {
		t.Fatalf("%d problems, want 50:\n%v", len(errs), problems.Err())
	}
	for i, e := range errs {
		if want := i/2*7 + 4 + i%2*2; e.Line != want || e.Col == 0 {
			t.Errorf("problem %d is at %s, want line %d", i, e.Pos, want)
		}
	}
}

func TestTheShippedPlanHasEveryItemOfTheDocument(t *testing.T) {
	set, problems := Load(Sources{Plans: []string{"rules/plans/zhongshan-2017"}}) // not on disk from here: the one in the binary
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	items := []int{5, 12, 1, 2, 11, 5, 4, 5, 6, 5, 11, 4, 4, 9, 3, 3, 4, 6, 3, 3, 6, 2} // by section
	refs := map[string]int{}
	text := map[string]bool{}
	for _, o := range set.Plans[0].Obligations {
		refs[o.Ref]++
		if o.Basis == rules.InText {
			text[o.Ref] = true
		} else if o.Note == "" {
			t.Errorf("%s: the deadline is assumed, but no note says why", o.ID)
		}
		if o.Title == "" || o.TitleEn == "" {
			t.Errorf("%s has no title in one language", o.ID)
		}
	}
	total := 0
	for s, n := range items {
		total += n
		for i := range n {
			if ref := fmt.Sprintf("%d.%d", s+1, i+1); refs[ref] == 0 {
				t.Errorf("no obligation for item %s", ref)
			}
		}
	}
	if refs["0.1"] != 1 || total != 114 || len(refs) != 115 {
		t.Errorf("%d refs, want 114 and 0.1", len(refs))
	}
	for ref, n := range map[string]int{"3.1": 2, "5.7": 4, "7.4": 3, "10.3": 2, "13.2": 2, "21.2": 3, "22.1": 2} {
		if refs[ref] != n {
			t.Errorf("item %s is %d obligations, want %d", ref, refs[ref], n)
		}
	}
	if len(text) != 3 || !text["0.1"] || !text["5.7"] || !text["22.1"] {
		t.Errorf("deadlines that the text fixes: %v", text)
	}
	kinds := map[string]int{}
	for _, u := range set.Units {
		kinds[u.Kind]++
		if u.Mail[0] != u.ID+"@zs.example" || (u.Supervisor != "zfb") != (u.ID == "zfb") {
			t.Errorf("unit %s: mail %v, supervisor %q", u.ID, u.Mail, u.Supervisor)
		}
	}
	if kinds["department"] != 28 || kinds["town"] != 25 {
		t.Errorf("units: %v, want 28 departments and 25 towns", kinds)
	}
	if n := len(set.Obligation("zhongshan-2017", "0.1-measures").Units); n != 53 {
		t.Errorf("0.1 falls on %d units, want 53", n)
	}
	for id, units := range map[string]string{"2.5-fund-fees": "czj", "2.7-redevelopment": "gtj", "2.12-easier-filing": "dishui", "6.5-guidance": "gzw", "11.5-public-service-quality": "zhijian", "21.2-site-watch": "zfb jxj"} {
		var got []string
		for _, u := range set.Obligation("zhongshan-2017", id).Units {
			got = append(got, u.ID)
		}
		if strings.Join(got, " ") != units {
			t.Errorf("%s falls on %v, want %s", id, got, units)
		}
	}
}

func TestTheLawOnRequestsChangesOnItsDay(t *testing.T) {
	set, _ := Load(Sources{Plans: []string{"rules/plans/zhongshan-2017"}})
	old, revised := set.Obligation("zhongshan-2017", "22.1-answer-2008"), set.Obligation("zhongshan-2017", "22.1-answer-2019")
	for _, tc := range []struct {
		received         string
		byOld, byRevised bool
	}{{"2017-07-03", true, false}, {"2019-05-14", true, false}, {"2019-05-15", false, true}, {"2026-03-02", false, true}} {
		d, err := calendar.ParseDate(tc.received)
		if err != nil {
			t.Fatal(err)
		}
		if old.Counts(d) != tc.byOld || revised.Counts(d) != tc.byRevised {
			t.Errorf("received %s: 2008 %v, 2019 %v", tc.received, old.Counts(d), revised.Counts(d))
		}
	}
	if old.Within.N != 15 || revised.Within.N != 20 || !old.Pausable || old.Extendable.N != 15 || revised.Extendable.N != 20 {
		t.Error("the limits are not the law's")
	}
}

func TestACalendarPathReplacesOrStandsAlone(t *testing.T) {
	year := "year = 2027\n[[holiday]]\nname = \"元旦\"\noff = [2027-01-01]\n"
	for _, tc := range []struct {
		key  string
		knew int // a year that is known besides 2027, or 0
	}{{"holidays.toml", 2017}, {"years", 0}} {
		dir := writePlan(t, map[string]string{
			"plan.toml": "calendar = \"" + tc.key + "\"\n" + goodPlan, "units.toml": goodUnits, "obligations/01.toml": goodObligation,
			"holidays.toml": year, "years/2027.toml": year,
		})
		set, problems := Load(Sources{Plans: []string{dir}})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		c := set.Plans[0].Calendar
		if !c.Knows(calendar.DateOf(2027, 1, 1), calendar.DateOf(2027, 12, 31)) {
			t.Errorf("%s: 2027 is not known", tc.key)
		}
		if _, ok := c.Year(2017); ok != (tc.knew == 2017) {
			t.Errorf("%s: 2017 known: %v", tc.key, ok)
		}
	}
}

func TestOneUnitInTwoPlansIsOneUnit(t *testing.T) {
	plan := func(id string, units string) string {
		return writePlan(t, map[string]string{"plan.toml": strings.Replace(goodPlan, `id = "p"`, `id = "`+id+`"`, 1), "units.toml": units, "obligations/01.toml": goodObligation})
	}
	set, problems := Load(Sources{Plans: []string{plan("a", goodUnits), plan("b", goodUnits)}})
	if err := problems.Err(); err != nil || len(set.Units) != 2 {
		t.Errorf("%d units, %v", len(set.Units), err)
	}
	_, err := set.FindObligation("1.1")
	if err == nil || !strings.Contains(err.Error(), "a:1.1 or b:1.1") {
		t.Errorf("ambiguous: %v", err)
	}
	if o, err := set.FindObligation("b:1.1"); err != nil || o.Plan.ID != "b" {
		t.Errorf("qualified: %v", err)
	}
	_, problems = Load(Sources{Plans: []string{plan("a", goodUnits), plan("b", strings.Replace(goodUnits, "czj@", "other@", 1))}})
	if err := problems.Err(); err == nil || !strings.Contains(err.Error(), `unit "czj" is already defined otherwise`) {
		t.Errorf("two addresses: %v", err)
	}
}

// problemsOf is what is wrong with a plan that these lines are added to.
func problemsOf(t *testing.T, plan, lines string) *problem.List {
	t.Helper()
	dir := writePlan(t, map[string]string{"plan.toml": strings.Replace(goodPlan, "starts = 2017-06-09\n", "starts = 2017-06-09\n"+plan, 1), "units.toml": goodUnits,
		"obligations/01.toml": "[[obligation]]\nid = \"1.1\"\ntitle = \"T\"\nunits = [\"czj\"]\npolicy = \"standard\"\n" + lines})
	_, problems := Load(Sources{Plans: []string{dir}})
	return problems
}

func TestDatesOutOfRangeAreRefusedByName(t *testing.T) {
	for _, date := range []string{"0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31"} {
		want := date + " is out of range: dates lie from 1970-01-01 to 2199-12-31"
		for _, key := range []string{"on", "starts", "ends"} {
			lines := key + " = " + date + "\n"
			if key != "on" {
				lines += "every = \"month\"\nwithin = \"1 day\"\n"
			}
			if err := problemsOf(t, "", lines).Err(); err == nil || !strings.Contains(err.Error(), key+": "+want) {
				t.Errorf("%s = %s: %v", key, date, err)
			}
		}
		for _, key := range []string{"issued", "ends"} {
			if err := problemsOf(t, key+" = "+date+"\n", "on = 2017-11-30\n").Err(); err == nil || !strings.Contains(err.Error(), key+": "+want) {
				t.Errorf("plan's %s = %s: %v", key, date, err)
			}
		}
	}
}

// Every rule of the shipped plan, said in words, is the same rule.
func TestEveryShippedRuleIsSaidAndReadBack(t *testing.T) {
	shipped, problems := Load(Sources{Plans: []string{"zhongshan-2017"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	plan := shipped.Plans[0]
	for _, language := range rules.Languages {
		var all strings.Builder
		for _, o := range plan.Obligations {
			said := []toml.Change{{Key: "within"}, {Key: "roll"}}
			for _, k := range rules.CadenceKinds {
				said = append(said, toml.Change{Key: string(k)})
			}
			text, err := toml.SetKeys(o.Source, append(said, toml.Change{Key: "deadline", Value: toml.Quote(o.Words(language))})...)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString(text + "\n")
		}
		files := map[string]string{"obligations/01.toml": all.String()}
		for _, name := range []string{"plan.toml", "units.toml"} {
			data, err := plans.Shipped.ReadFile("zhongshan-2017/" + name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(data)
		}
		again, problems := Load(Sources{Plans: []string{writePlan(t, files)}})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		for _, o := range plan.Obligations {
			said := again.Obligation(plan.ID, o.ID)
			if said == nil || said.Within != o.Within || said.Roll != o.Roll || said.Cadence.Kind != o.Cadence.Kind || said.Cadence.Value != o.Cadence.Value {
				t.Errorf("%s is said %q, which means another rule", o.ID, o.Words(language))
			}
			if own := strings.Contains(o.Words(language), `roll = "`); own && o.Cadence.Kind != rules.ByCron && o.Within != (rules.Within{Unit: rules.WorkingDays}) {
				t.Errorf("%s has no words: %s", o.ID, o.Words(language))
			}
		}
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(goodPlan, goodUnits, goodObligation)
	f.Add("calendar = 1\n[policy]\nx = 2", "[[group]]\nid='a'\nmembers=[1]", "[[obligation]]\nrrule='FREQ=DAILY'\nafter='x'")
	f.Add("id = \"p\"\n[policy.a.b]\n", "[unit]\n", "obligation = 3")
	f.Fuzz(func(t *testing.T, plan, units, obligations string) {
		dir := writePlan(t, map[string]string{"plan.toml": plan, "units.toml": units, "obligations/01.toml": obligations})
		set, problems := Load(Sources{Plans: []string{dir}})
		for _, p := range problems.Errors() {
			if p.File == "" || p.Message() == "" || strings.ContainsAny(p.Message(), "\x00\r") {
				t.Errorf("a problem without place or words: %q", p)
			}
		}
		if problems.Err() != nil {
			return
		}
		// What was accepted can be counted.
		for _, p := range set.Plans {
			for _, o := range p.Obligations {
				n := 0
				for in := range o.From(p.Starts) {
					o.Timeline(false).Reminders(in.Due)
					if n++; n > 20 {
						break
					}
				}
			}
		}
	})
}
