package planfile

import (
	"strings"
	"testing"

	"duban/rules"
)

func TestAPlanIsCopiedIntoALaterYear(t *testing.T) {
	files := map[string][]byte{
		"plan.toml":           []byte("# 2017年的方案\nid = \"p-2017\" # stays for ever\ntitle = \"2017年要点\uff082016年决算\uff09\"\nissued = 2017-06-09\nstarts = 2016-02-29\ncalendar = \"../c.toml\"\n\n[policy.a]\nremind = []\n"),
		"obligations/01.toml": []byte("# of 2017\n[[obligation]]\nid = \"a\"\non = 2017-12-31 # the end\nends = 2017-12-31\n\n[[obligation]]\nid = \"b-2017\"\ntitle = \"2017年决算\"\ndeadline = \"2017年9月30日前\" # as written\nnote = \"电话 02017\"\n"),
		"units.toml":          []byte("[[unit]]\nid = \"u\"\n"),
	}
	got, left, err := InLater(files, "p-2018", 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"plan.toml":           "# 2017年的方案\nid = \"p-2018\" # stays for ever\ntitle = \"2018年要点\uff082017年决算\uff09\"\nissued = 2018-06-09\nstarts = 2017-02-28\ncalendar = \"../c.toml\"\ndraft = true\n\n[policy.a]\nremind = []\n",
		"obligations/01.toml": "# of 2017\n[[obligation]]\nid = \"a\"\non = 2018-12-31 # the end\nends = 2018-12-31\n\n[[obligation]]\nid = \"b-2017\"\ntitle = \"2017年决算\"\ndeadline = \"2018年9月30日前\" # as written\nnote = \"电话 02017\"\n",
	} {
		if string(got[name]) != want {
			t.Errorf("%s is\n%swant\n%s", name, got[name], want)
		}
	}
	if strings.Contains(string(got["units.toml"]), "[[") {
		t.Errorf("units that are there already: %s", got["units.toml"])
	}
	var told []string
	for _, l := range left {
		told = append(told, l.Entry+"."+l.Key)
	}
	if want := "b-2017.title b-2017.id .starts .calendar"; len(told) != 4 || !sameWords(strings.Join(told, " "), want) {
		t.Errorf("left as it stands: %q, want %q", told, want)
	}
	if _, _, err := InLater(map[string][]byte{"plan.toml": []byte("id = ")}, "x", 1); err == nil {
		t.Error("no error for what is no TOML")
	}
}

func sameWords(a, b string) bool {
	for w := range strings.FieldsSeq(a) {
		if !strings.Contains(" "+b+" ", " "+w+" ") {
			return false
		}
	}
	return len(a) == len(b)
}

func TestTheShippedPlanOfAnotherYearIsRight(t *testing.T) {
	shipped, problems := Load(Sources{Plans: []string{"rules/plans/zhongshan-2017"}})
	if problems.Err() != nil {
		t.Fatal(problems.Err())
	}
	files, err := Files(shipped, shipped.Plans[0])
	if err != nil {
		t.Fatal(err)
	}
	later, _, err := InLater(files, "zhongshan-2027", 10)
	if err != nil {
		t.Fatal(err)
	}
	src := Sources{Plans: []string{"rules/plans/zhongshan-2017", "zhongshan-2027"}, Instead: map[string][]byte{}}
	for name, data := range later {
		src.Instead["zhongshan-2027/"+name] = data
	}
	set, problems := Load(src)
	if problems.Err() != nil {
		t.Fatal(problems.Err())
	}
	old, p := shipped.Plans[0], set.Plan("zhongshan-2027")
	if p == nil || !p.Draft || !strings.Contains(p.Title, "2027") || p.Starts.Year() != 2027 || len(p.Obligations) != len(old.Obligations) {
		t.Fatalf("the copy is %+v", p)
	}
	for i, o := range p.Obligations {
		was := old.Obligations[i]
		if o.ID != was.ID || len(o.Units) != len(was.Units) || o.Cadence.Kind != was.Cadence.Kind || o.Within != was.Within {
			t.Errorf("%s became %s", was.ID, o.ID)
		}
		if o.Cadence.Kind == rules.OnDate && o.Cadence.Value[:4] != "2027" {
			t.Errorf("%s is on %s", o.ID, o.Cadence.Value)
		}
	}
}

func TestTheIDOfALaterPlan(t *testing.T) {
	for id, want := range map[string]string{"zhongshan-2017": "zhongshan-2018", "zhengwu": "zhengwu-2018", "2017-a-2016": "2018-a-2017", "p20170": "p20170-2018"} {
		if got := LaterID(id, 1, 2018); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}
