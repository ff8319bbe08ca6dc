package toml

import (
	"strings"
	"testing"

	"duban/rules/problem"
)

// read asks a document for all that this test's form knows.
func read(src string) (*Table, *problem.List) {
	ps := &problem.List{}
	t := Parse("f.toml", []byte(src), ps)
	t.String("name")
	t.Int("n", 0)
	t.Bool("on", false)
	t.Date("day")
	t.Strings("list")
	if sub := t.Table("sub"); sub != nil {
		sub.String("name")
		sub.Done()
	}
	for _, row := range t.Tables("row") {
		row.String("id")
		row.Done()
	}
	t.Done()
	return t, ps
}

func TestWhatIsRightIsRead(t *testing.T) {
	d, ps := read("name = \"市\" # comment\nn = 1_000\non = true\nday = 2017-06-09\nlist = [\n \"a\",\n 'b', # last\n]\nsub.name = \"s\"\n[[row]]\nid = \"x\"\n[[row]]\nid = \"y\"\n")
	if err := ps.Err(); err != nil {
		t.Fatal(err)
	}
	if d.String("name") != "市" || d.Int("n", 0) != 1000 || !d.Bool("on", false) || d.Date("day") != "2017-06-09" || d.Table("sub").String("name") != "s" {
		t.Error("a value is wrong")
	}
	if l := d.Strings("list"); len(l) != 2 || l[1].Text != "b" || l[1].Pos.Line != 7 || l[1].Pos.Col != 2 {
		t.Errorf("list: %+v", l)
	}
	rows := d.Tables("row")
	if len(rows) != 2 || rows[1].String("id") != "y" || rows[1].Source() != "[[row]]\nid = \"y\"" {
		t.Errorf("rows: %d", len(rows))
	}
	if d.Int("nothing", 7) != 7 || !d.Bool("nothing", true) || d.Has("nothing") {
		t.Error("what is not there has a value")
	}
}

func TestWhatIsWrongIsToldWithItsPlace(t *testing.T) {
	for _, tc := range []struct{ what, src, want string }{
		{"the wrong kind", "name = 3", "f.toml:1:8: name: want text in quotes"},
		{"columns count characters", "sub = { name = \"市政府\", nam = 1 }", `f.toml:1:23: nam: unknown key (did you mean "name"?)`},
		{"an unknown key", "\nnmae = \"x\"", `f.toml:2:1: nmae: unknown key (did you mean "name"?); known here: `},
		{"a key twice", "n = 1\nn = 2", "f.toml:2:1: n: stands twice in this table; it was first at line 1"},
		{"a table twice", "[sub]\nname = \"a\"\n[sub]\n", "f.toml:3:2: [sub] stands twice"},
		{"a list of the wrong things", "list = [\"a\", 2]", "list: want text in quotes in the list"},
		{"no such day", "day = 2017-02-30", "f.toml:1:7: 2017-02-30 is not a day of the calendar"},
		{"a value is missing", "name =\nn = 1", "f.toml:1:"},
		{"quotes are missing", "n = 1\nname = abc\non = true", "f.toml:2:8: not valid TOML"},
		{"not UTF-8", "name = \"\xff\"", "is not a text file in UTF-8"},
		{"NUL", "name = \"\x00\"", "is not a text file in UTF-8"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			_, ps := read(tc.src)
			if err := ps.Err(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want …%s…", err, tc.want)
			}
		})
	}
}

func TestOneSlipDoesNotHideTheOthers(t *testing.T) {
	_, ps := read("name = \"open\nn = \"one\"\n[[row]\nid = 1\n[[row]]\nid = 2\nidd = 3\n")
	var places []string
	for _, p := range ps.Errors() {
		places = append(places, p.Pos.String()[len("f.toml:"):])
	}
	got := strings.Join(places, " ")
	for _, line := range []string{"1:", "2:5", "3:", "6:6", "7:1"} {
		if !strings.Contains(" "+got, " "+line) {
			t.Errorf("nothing about line %s in: %v", line, ps.Err())
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("name = \"x\"\n[sub]\n[[row]]\nid = 'y'\n")
	f.Add("a.b.c = [1, {d = 2}]\n\"\" = 3\n[a\n")
	f.Fuzz(func(t *testing.T, src string) {
		if _, ps := read(src); ps == nil {
			t.Error("no problems at all")
		}
	})
}
