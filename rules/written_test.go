package rules

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// written is an entry out of lines of KEY = VALUE, a value being "a text", a list
// of them, a date or true: what these tests need instead of a reader of files.
func written(t testing.TB, kind EntryKind, lines string) *Entry {
	t.Helper()
	e := &Entry{Kind: kind, At: problem.Pos{File: string(kind), Line: 1, Col: 1}}
	n := 0
	for line := range strings.Lines(lines) {
		key, value, ok := strings.Cut(line, "=")
		if n++; !ok {
			continue
		}
		v, err := plainValue(strings.TrimSpace(value))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		v.At = problem.Pos{File: string(kind), Line: n, Col: len(key) + 2}
		e.Set(strings.TrimSpace(key), v)
	}
	return e
}

func plainValue(s string) (v Value, err error) {
	switch {
	case s == "true":
		v.Flag = true
	case s[0] == '"':
		v.Text, err = strconv.Unquote(s)
	case s[0] == '[':
		for text := range strings.SplitSeq(strings.Trim(s, "[]"), ",") {
			if text != "" {
				v.List = append(v.List, Value{Text: strings.Trim(text, `" `)})
			}
		}
	default:
		v.Day, err = calendar.ParseDate(s)
	}
	return v, err
}

const unitLines = "id = \"czj\"\nname = \"市财政局\"\nmail = [\"czj@zs.example\"]\n"

// specOf is a plan of 2017 with one unit and these obligations; plan adds to its
// own lines.
func specOf(t testing.TB, plan string, obligations ...string) Spec {
	t.Helper()
	ps := PlanSpec{Plan: written(t, PlanEntry, "id = \"p\"\ntitle = \"方案\"\nstarts = 2017-06-09\n"+plan)}
	for i, lines := range obligations {
		head := fmt.Sprintf("id = \"%d\"\ntitle = \"T\"\n", i+1)
		if !strings.Contains(lines, "units") && !strings.HasPrefix(lines, "after") {
			head += "units = [\"czj\"]\n"
		}
		if !strings.Contains(lines, "remind") && !strings.Contains(lines, "policy") {
			head += "remind = []\n"
		}
		ps.Obligations = append(ps.Obligations, written(t, ObligationEntry, head+lines))
	}
	return Spec{Units: []*Entry{written(t, UnitEntry, unitLines)}, Plans: []PlanSpec{ps}}
}

// obligation is one of a plan of 2017.
func obligation(t testing.TB, lines string) *Obligation {
	t.Helper()
	set, problems := New(specOf(t, "", lines))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set.Plans[0].Obligations[0]
}
