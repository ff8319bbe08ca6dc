package words

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"duban/rules/calendar"
)

// The corpus holds 270 phrases out of real documents, each with what it means and
// whether that is certain.
type sample struct{ lang, phrase, kind, meaning, sure string }

func corpus(t testing.TB) []sample {
	t.Helper()
	data, err := os.ReadFile("testdata/phrases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if f := strings.Split(line, "\t"); i > 0 && len(f) >= 5 {
			out = append(out, sample{f[0], f[1], f[2], f[3], f[4]})
		}
	}
	return out
}

var issued2025 = Context{Issued: calendar.DateOf(2025, 3, 12)}

// fields of a meaning: every=month; within=10 days; roll=forward; due=….
func (s sample) field(name string) string {
	if g := regexp.MustCompile(`(?:^|; )` + name + `=([^;(]*)`).FindStringSubmatch(s.meaning); g != nil {
		return strings.TrimSpace(g[1])
	}
	return ""
}

// named are the days that a rule names from the day of issue on, before any roll:
// what the corpus lists as due.
func named(r Rule, n int) []string {
	var out []string
	add := func(anchor calendar.Date) {
		d := anchor
		switch r.Unit {
		case Days:
			d += calendar.Date(r.N)
		case Months:
			d = d.AddMonths(r.N)
		case Years:
			d = d.AddMonths(12 * r.N)
		default:
			d = calendar.China().Add(d, r.N)
		}
		if (d >= issued2025.Issued || r.Kind == On) && len(out) < n {
			out = append(out, d.String())
		}
	}
	switch r.Kind {
	case On:
		d, err := calendar.ParseDate(r.Value)
		if err == nil {
			add(d)
		}
	case Every, RRule:
		for d := calendar.DateOf(2024, 1, 1); d < calendar.DateOf(2029, 1, 1) && len(out) < n; d++ {
			if fires(r, d) {
				add(d)
			}
		}
	}
	return out
}

// fires tells whether a period ends, or an instance falls, on that day.
func fires(r Rule, d calendar.Date) bool {
	next := d + 1
	if r.Kind == Every {
		switch r.Value {
		case "week":
			return d.Weekday() == time.Sunday
		case "month":
			return next.Day() == 1
		case "quarter":
			return next.Day() == 1 && next.Month()%3 == 1
		case "half-year":
			return next.Day() == 1 && next.Month()%6 == 1
		case "year":
			return next.Day() == 1 && next.Month() == 1
		}
		return calendar.China().IsWorkingDay(d)
	}
	parts := map[string]string{}
	for p := range strings.SplitSeq(r.Value, ";") {
		k, v, _ := strings.Cut(p, "=")
		parts[k] = v
	}
	in := func(key string, n int) bool {
		for v := range strings.SplitSeq(parts[key], ",") {
			if v == itoa(n) {
				return true
			}
		}
		return false
	}
	if parts["BYMONTH"] != "" && !in("BYMONTH", int(d.Month())) {
		return false
	}
	return in("BYMONTHDAY", d.Day()) || in("BYMONTHDAY", -1) && next.Day() == 1
}

func TestTheCorpusIsUnderstoodAsItSays(t *testing.T) {
	for _, s := range corpus(t) {
		m, err := Parse(s.phrase, issued2025)
		switch {
		case s.sure != "clear":
			if err == nil {
				t.Errorf("%s (%s: %s) was read as %+v", s.phrase, s.sure, s.meaning, m)
			}
			continue
		case err != nil:
			t.Errorf("%s (%s): %v", s.phrase, s.meaning, err)
			continue
		}
		want := map[string]string{}
		for _, f := range []string{"every", "rrule", "on", "event", "within", "roll", "due"} {
			want[f] = s.field(f)
		}
		within := strings.TrimSuffix(strings.Fields(itoa(m.N) + " " + m.Unit)[0]+" "+m.Unit, " ")
		if v := want["within"]; v != "" && v != within {
			t.Errorf("%s: within %s, want %s", s.phrase, within, v)
		}
		if v := want["roll"]; v != "" && v != m.Roll {
			t.Errorf("%s: roll %s, want %s", s.phrase, m.Roll, v)
		}
		for _, kind := range []string{"every", "on", "event"} {
			if want[kind] != "" && m.Kind != kind {
				t.Errorf("%s: %s %q, want %s=%s", s.phrase, m.Kind, m.Value, kind, want[kind])
			} else if v := want[kind]; v != "" && v != m.Value {
				t.Logf("%s: %s %q, the corpus says %q", s.phrase, kind, m.Value, v)
			}
		}
		if due := want["due"]; due != "" {
			n := len(strings.Split(due, ","))
			if got := strings.Join(named(m.Rule, n), ","); got != due {
				t.Errorf("%s: names %s, want %s (%+v)", s.phrase, got, due, m.Rule)
			}
		}
	}
}
