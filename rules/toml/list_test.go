package toml

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/rules/problem"
)

func TestATextIsAddedToAListAndNoOtherByteChanges(t *testing.T) {
	for _, c := range []struct{ rule, old, want string }{
		{"on the list's line", `plans = ["a"] # mine`, `plans = ["a", "n"] # mine`},
		{"into an empty list", "plans = [ ]\n[x]", "plans = [\"n\" ]\n[x]"},
		{"after a comma", `plans = ["a", ]`, `plans = ["a", "n" ]`},
		{"on a line of its own", "plans = [\n  \"a\", # one\n  \"b\", # two\n]\nk = 1", "plans = [\n  \"a\", # one\n  \"b\", # two\n  \"n\",\n]\nk = 1"},
		{"with a comma for the one before", "plans = [\n\t\"a\",\n\t\"b\" # the last, so far\n]", "plans = [\n\t\"a\",\n\t\"b\", # the last, so far\n\t\"n\"\n]"},
		{"as lines end in that file", "plans = [\r\n  'a',\r\n]\r\n", "plans = [\r\n  'a',\r\n  \"n\",\r\n]\r\n"},
		{"brackets in texts and comments do not end it", "plans = ['a]', # ]\n  \"]\"]", "plans = ['a]', # ]\n  \"]\", \"n\"]"},
		{"a key of a table is another", "[x]\nplans = []", "plans = [\"d\", \"n\"]\n[x]\nplans = []"},
		{"a file that says nothing of it", "# head\nlanguage = \"en\"\n", "plans = [\"d\", \"n\"]\n# head\nlanguage = \"en\"\n"},
		{"no file yet", "", "plans = [\"d\", \"n\"]\n"},
	} {
		got, err := AddToList([]byte(c.old), "plans", "n", "d")
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%q\nwant\n%q", c.rule, err, got, c.want)
		}
	}
	for _, wrong := range []string{`plans = "a"`, "plans = [\"a\"]\nk = \n", "plans = ["} {
		if got, err := AddToList([]byte(wrong), "plans", "n"); err == nil {
			t.Errorf("%q became %q", wrong, got)
		}
	}
}

func TestWhateverAListHoldsItHoldsOneMoreAfterwards(t *testing.T) {
	texts := func(data []byte) (out []string) {
		var ps problem.List
		for _, v := range Parse("f", data, &ps).Strings("plans") {
			out = append(out, v.Text)
		}
		if ps.Err() != nil {
			out = append(out, ps.Err().Error())
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.SampledFrom([]string{`"a"`, `'b]'`, `"c\"]"`, `"""d"""`}), 0, 4).Draw(t, "items")
		gap := rapid.SampledFrom([]string{"", " ", "\n", "\r\n", "\n  ", " # ], \"\n", "\n\n\t"})
		var b strings.Builder
		b.WriteString("plans = [" + gap.Draw(t, "gap"))
		for i, item := range items {
			b.WriteString(item + gap.Draw(t, "gap"))
			if i < len(items)-1 || rapid.Bool().Draw(t, "comma") {
				b.WriteString("," + gap.Draw(t, "gap"))
			}
		}
		b.WriteString("]" + rapid.SampledFrom([]string{"", "\n", " # x\n[y]\n"}).Draw(t, "end"))
		before := texts([]byte(b.String()))
		got, err := AddToList([]byte(b.String()), "plans", "new")
		if err != nil {
			t.Fatal(err)
		}
		if want := append(before, "new"); strings.Join(texts(got), "|") != strings.Join(want, "|") {
			t.Fatalf("%q\nbecame\n%q\nwhich holds %q, want %q", b.String(), got, texts(got), want)
		}
	})
}
