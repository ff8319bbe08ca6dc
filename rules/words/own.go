package words

import (
	"regexp"
	"slices"
	"strings"

	"duban/rules/problem"
)

// A rule without words of its own is said as itself, in 「」, and read back so:
//
//	「cron = "0 0 1 * *", within = "3 days", roll = "forward"」

var (
	ownForm = regexp.MustCompile(`^「\s*(every|cron|rrule|on|event|after)\s*=\s*"([^"\n「」]+)"\s*,\s*within\s*=\s*"(-?[0-9]{1,5}) (working days|days|months|years)"\s*,\s*roll\s*=\s*"(forward|backward|none)"\s*」$`)
)

// parseOwn reads what own writes; an empty meaning: it is none.
func parseOwn(s string) (Meaning, *Refusal) {
	g := ownForm.FindStringSubmatch(s)
	if g == nil {
		return Meaning{}, nil
	}
	n := 0
	if n = number(strings.TrimPrefix(g[3], "-")); strings.HasPrefix(g[3], "-") {
		n = -n
	}
	d := distance{n, g[4]}
	if !d.fits() || g[1] == Event && !isName(g[2]) || g[1] == Every && !slices.Contains(Periods, g[2]) {
		return Meaning{}, refuse("%q is no rule", problem.Clip(s))
	}
	return Meaning{Rule: Rule{g[1], g[2], n, g[4], g[5]}, Dated: g[1] == On}, nil
}

// own says a rule as itself.
func own(r Rule) string {
	return "「" + r.Kind + ` = "` + r.Value + `", within = "` + itoa(r.N) + " " + r.Unit + `", roll = "` + r.Roll + `"」`
}
