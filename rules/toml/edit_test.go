package toml

import (
	"duban/rules/problem"
	"strings"
	"testing"
)

const edited = `# The file's own words.

# what this one is for
[[obligation]]
id       = "a"
units    = [
    "x", # one
    "y",
]
within   = "5 days"   # stays
note     = """
[[not a header]]
""""

# apart

[[obligation]]
id = 'b'

[policy."odd.name"]
remind = []
`

func TestABlockIsItsLinesAndTheCommentsRightAbove(t *testing.T) {
	blocks, err := Blocks([]byte(edited))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range blocks {
		got = append(got, b.Path+" "+b.ID+"\n"+edited[b.Start:b.End])
	}
	want := []string{
		"obligation a\n" + edited[strings.Index(edited, "# what"):strings.Index(edited, "\n\n# apart")],
		"obligation b\n[[obligation]]\nid = 'b'",
		"policy.odd.name \n[policy.\"odd.name\"]\nremind = []",
	}
	if strings.Join(got, "\n--\n") != strings.Join(want, "\n--\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n--\n"), strings.Join(want, "\n--\n"))
	}
	if _, err := Blocks([]byte("a = \n")); err == nil {
		t.Error("no error for a file that is no TOML")
	}
}

func TestAKeyChangesAndNothingElse(t *testing.T) {
	blocks, err := Blocks([]byte(edited))
	if err != nil {
		t.Fatal(err)
	}
	text := edited[blocks[0].Start:blocks[0].End]
	for _, c := range []struct {
		rule     string
		set      Change
		old, new string
	}{
		{"a value is replaced, its comment stays", Change{"within", `"7 days"`}, `"5 days"   # stays`, `"7 days"   # stays`},
		{"a list over several lines is one value", Change{"units", `["z"]`}, "[\n    \"x\", # one\n    \"y\",\n]", `["z"]`},
		{"a text over several lines is one value", Change{"note", `"n"`}, "\"\"\"\n[[not a header]]\n\"\"\"\"", `"n"`},
		{"a key goes with its line", Change{"within", ""}, "within   = \"5 days\"   # stays\n", ""},
		{"the last key goes with its line", Change{"note", ""}, "\nnote     = \"\"\"\n[[not a header]]\n\"\"\"\"", ""},
		{"a key that is not there cannot go", Change{"ends", ""}, "", ""},
		{"a new key is aligned and comes last", Change{"basis", `"text"`}, "\n\"\"\"\"", "\n\"\"\"\"\nbasis    = \"text\""},
	} {
		got, err := SetKeys(text, c.set)
		if err != nil || got != strings.Replace(text, c.old, c.new, 1) {
			t.Errorf("%s: %v\n%s", c.rule, err, got)
		}
	}
	if got, err := SetKeys("[a]", Change{"k", "1"}); err != nil || got != "[a]\nk = 1" {
		t.Errorf("into an empty table: %q, %v", got, err)
	}
}

func TestWhatIsQuotedReadsBackAsItWas(t *testing.T) {
	for _, s := range []string{"", "市财政局", `a "b" \c`, "two\nlines\tand \x01\x7f", "🙂"} {
		var ps problem.List
		got := Parse("f", []byte("k = "+Quote(s)+"\nl = "+QuoteList([]string{s, s})), &ps)
		if got.String("k") != s || len(got.Strings("l")) != 2 || got.Strings("l")[1].Text != s || ps.Err() != nil {
			t.Errorf("%q became %q: %v", s, got.String("k"), ps.Err())
		}
	}
}
