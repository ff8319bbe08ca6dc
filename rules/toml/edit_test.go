package toml

import (
	"strings"
	"testing"

	"duban/rules/problem"
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
		{"a value is replaced, its comment stays", Change{Key: "within", Value: `"7 days"`}, `"5 days"   # stays`, `"7 days"   # stays`},
		{"a list over several lines is one value", Change{Key: "units", Value: `["z"]`}, "[\n    \"x\", # one\n    \"y\",\n]", `["z"]`},
		{"a text over several lines is one value", Change{Key: "note", Value: `"n"`}, "\"\"\"\n[[not a header]]\n\"\"\"\"", `"n"`},
		{"a key gets another name, its comment stays", Change{"within", `"7 days"`, "deadline"}, `within   = "5 days"   # stays`, `deadline = "7 days"   # stays`},
		{"also one that is longer than its room", Change{"within", `"7 days"`, "deadlines-all"}, `within   = "5 days"   # stays`, `deadlines-all = "7 days"   # stays`},
		{"a key goes with its line", Change{Key: "within", Value: ""}, "within   = \"5 days\"   # stays\n", ""},
		{"the last key goes with its line", Change{Key: "note", Value: ""}, "\nnote     = \"\"\"\n[[not a header]]\n\"\"\"\"", ""},
		{"a key that is not there cannot go", Change{Key: "ends", Value: ""}, "", ""},
		{"a new key is aligned and comes last", Change{Key: "basis", Value: `"text"`}, "\n\"\"\"\"", "\n\"\"\"\"\nbasis    = \"text\""},
	} {
		got, err := SetKeys(text, c.set)
		if err != nil || got != strings.Replace(text, c.old, c.new, 1) {
			t.Errorf("%s: %v\n%s", c.rule, err, got)
		}
	}
	if got, err := SetKeys("[a]", Change{Key: "k", Value: "1"}); err != nil || got != "[a]\nk = 1" {
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

func TestTheTablesOfATableArePutInPlaceOfOthers(t *testing.T) {
	const unit = "# who\n[[unit]]\nid = \"a\" # its id\n"
	const away = "\n# on holiday\n[[unit.away]]\nfrom = 2026-01-01\nto = 2026-01-02\n\n[[unit.away]]\nfrom = 2026-02-01"
	for _, c := range []struct {
		rule, text string
		tables     []string
		want       string
	}{
		{"none to some", unit, []string{"from = 1", "from = 2"}, "# who\n[[unit]]\nid = \"a\" # its id\n[[unit.away]]\nfrom = 1\n[[unit.away]]\nfrom = 2"},
		{"some to one", unit + away, []string{"from = 1"}, "# who\n[[unit]]\nid = \"a\" # its id\n[[unit.away]]\nfrom = 1"},
		{"some to none", unit + away, nil, "# who\n[[unit]]\nid = \"a\" # its id"},
		{"another table stays", "[[unit]]\n[[unit.x]]\nk = 1\n[[unit.away]]\nk = 2", nil, "[[unit]]\n[[unit.x]]\nk = 1"},
	} {
		if got, err := SetTables(c.text, "unit.away", c.tables); err != nil || got != c.want {
			t.Errorf("%s: %v\n%q\nwant\n%q", c.rule, err, got, c.want)
		}
	}
	if _, err := SetTables("[[unit]]\nk = ", "unit.away", nil); err == nil {
		t.Error("no error for what is no TOML")
	}
}

func TestTheHeadOfAFileIsWhatStandsBeforeTheFirstHeader(t *testing.T) {
	for text, want := range map[string]string{
		"# of the file\nid = \"p\"\ntitle = \"T\" # its title\n\n# a policy\n[policy.a]\nid = \"x\"\n": "p # of the file\nid = \"p\"\ntitle = \"T\" # its title",
		"[a]\nid = \"x\"": " ", "": " ", "id = \"p\"": "p id = \"p\"",
	} {
		got, err := Head([]byte(text))
		if err != nil || got.ID+" "+text[got.Start:got.End] != want {
			t.Errorf("%q: %v %q", text, err, got.ID+" "+text[got.Start:got.End])
		}
	}
	if _, err := Head([]byte("id = \"p\"\n[a")); err == nil {
		t.Error("no error for what is no TOML")
	}
}
