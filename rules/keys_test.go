package rules

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestEveryKeyIsSaidInBothLanguages(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	technical := []string{"cron", "rrule"}
	for kind, all := range keys {
		if name := kind.Name(); name.En == "" || !han(name.Zh) {
			t.Errorf("%s is called %+v", kind, name)
		}
		for _, k := range all {
			words := []Words{k.Label}
			for _, o := range k.Options {
				words = append(words, o.Label)
			}
			for _, w := range words {
				if w.In("en") == "" || !han(w.In("zh-CN")) && !slices.Contains(technical, k.Name) {
					t.Errorf("%s.%s is called %+v", kind, k.Name, w)
				}
			}
			if (k.Hint.En == "") != (k.Hint.Zh == "") {
				t.Errorf("%s.%s has a hint in one language: %+v", kind, k.Name, k.Hint)
			}
			if k.Type == Choice && len(k.Options) < 2 {
				t.Errorf("%s.%s is no choice", kind, k.Name)
			}
		}
	}
}

func TestAnEntryHasNoOtherKeys(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a key that no unit has was taken")
		}
	}()
	(&Entry{Kind: UnitEntry}).Set("title", Value{Text: "x"})
}

// What a plan says of units beside their names is read, checked and kept.
func TestWhatUnitsAndPlansSayBesidesIsKept(t *testing.T) {
	spec := specOf(t, "draft = true\n", "every = \"month\"\nroll = \"backward\"\npartners = [\"@all\"]\n")
	unit := spec.Units[0]
	for _, line := range []string{"alias = [\"财政局\"]", "contact = \"张三\"", "phone = \"0760-00000000\"", "channels = [\"czj-group\"]"} {
		for k, v := range written(t, UnitEntry, line).values {
			unit.Set(k, v)
		}
	}
	away := written(t, AwayEntry, "from = 2026-12-01\nto = 2026-12-10\nmail = [\"li@zs.example\"]\n")
	unit.Set("away", Value{Entries: []*Entry{away}})
	spec.Groups = []*Entry{written(t, GroupEntry, "id = \"all\"\nmembers = [\"czj\"]\n")}
	set, problems := New(spec)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	u, p := set.Units[0], set.Plans[0]
	if u.Alias[0] != "财政局" || u.Contact != "张三" || u.Phone != "0760-00000000" || u.Channels[0] != "czj-group" || len(u.Away) != 1 || u.Away[0].Mail[0] != "li@zs.example" || u.Away[0].To != day(t, "2026-12-10") {
		t.Errorf("of the unit is kept: %+v", u)
	}
	if !p.Draft || len(p.Obligations[0].Partners) != 1 || p.Obligations[0].Partners[0] != u {
		t.Errorf("of the plan is kept: draft %v, partners %v", p.Draft, p.Obligations[0].Partners)
	}
	if w := problems.Warnings(); len(w) > 0 {
		t.Errorf("warned of %v", w)
	}
}

func TestAUnitIsReachedByMailOrByAChannel(t *testing.T) {
	for lines, reached := range map[string]bool{"mail = [\"a@x.example\"]": true, "channels = [\"g\"]": true, "": false, "channels = []": false} {
		spec := specOf(t, "", "every = \"month\"\nroll = \"backward\"\n")
		unit := written(t, UnitEntry, "id = \"czj\"\nname = \"\u8d22\u653f\u5c40\"\n"+lines)
		spec.Units = []*Entry{unit}
		if _, problems := New(spec); (problems.Err() == nil) != reached {
			t.Errorf("%q: %v", lines, problems.Err())
		}
	}
}

func TestWhatIsWrongWithThemIsTold(t *testing.T) {
	unit := func(lines string) Spec {
		spec := specOf(t, "", "every = \"month\"\nroll = \"backward\"\n")
		e := written(t, UnitEntry, unitLines)
		e.Set("away", Value{Entries: []*Entry{written(t, AwayEntry, lines)}})
		spec.Units = []*Entry{e}
		return spec
	}
	for _, tc := range []struct {
		mistake string
		spec    Spec
		want    string
	}{
		{"an absence that ends before it begins", unit("from = 2026-12-10\nto = 2026-12-01\nmail = [\"a@x.example\"]\n"), "to: 2026-12-01 is before from, 2026-12-10"},
		{"an absence without an end", unit("from = 2026-12-10\nmail = [\"a@x.example\"]\n"), "to: is missing"},
		{"nobody stands in", unit("from = 2026-12-10\nto = 2026-12-11\n"), "mail: nobody stands in"},
		{"a deputy without an address", unit("from = 2026-12-10\nto = 2026-12-11\nmail = [\"li\"]\n"), `mail: "li" is not a mail address`},
		{"an unknown partner", specOf(t, "", "every = \"month\"\npartners = [\"cjz\"]\n"), `partners: no unit "cjz" in units.toml (did you mean "czj"?)`},
		{"a roll that is none", specOf(t, "", "every = \"month\"\nroll = \"forwards\"\n"), `roll: "forwards" is none of ["forward" "backward" "none"] (did you mean "forward"?)`},
		{"a clock that nobody can stop", specOf(t, "", "every = \"month\"\npausable = true\n"), "pausable: only the clock of an event"},
	} {
		t.Run(tc.mistake, func(t *testing.T) {
			_, problems := New(tc.spec)
			if err := problems.Err(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("says %v, want %s", err, tc.want)
			}
		})
	}
}

func TestASpecCanBeReadTwice(t *testing.T) {
	spec := specOf(t, "", "every = \"month\"\nroll = \"forwards\"\n")
	_, first := New(spec)
	if _, again := New(spec); first.Err() == nil || again.Err() == nil || first.Err().Error() != again.Err().Error() {
		t.Errorf("first %v, then %v", first.Err(), again.Err())
	}
}
