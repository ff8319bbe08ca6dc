package catalogue

import "regexp"

// ownReasons are those that duban itself gives in the journal, for what no person did,
// with the texts that say them.
var ownReasons = []struct {
	said *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^(\S+) was cancelled$`), "%s was cancelled"},
	{regexp.MustCompile(`^(\S+) was reopened$`), "%s was reopened"},
	{regexp.MustCompile(`^(\S+) closed when the rule does not count$`), "%s closed when the rule does not count"},
	{regexp.MustCompile(`^its event was withdrawn: (.*)$`), "its event was withdrawn: %s"},
	{regexp.MustCompile(`^no rule asks for it any more$`), "no rule asks for it any more"},
	{regexp.MustCompile(`^the rule now follows another one$`), "the rule now follows another one"},
	{regexp.MustCompile(`^the rule does not count what closed on (\S+)$`), "the rule does not count what closed on %s"},
	{regexp.MustCompile(`^it was transferred to (\S+)$`), "it was transferred to %s"},
	{regexp.MustCompile(`^nothing in it is true any more$`), "nothing in it is true any more"}, // of versions before
	{regexp.MustCompile(`^nothing in it is true any more, or a newer notice says it$`), "nothing in it is true any more, or a newer notice says it"},
}

// Reason is one as people read it: their own words stay as they are.
func (w *Words) Reason(said string) string {
	for _, r := range ownReasons {
		m := r.said.FindStringSubmatch(said)
		if m == nil {
			continue
		}
		args := make([]any, len(m)-1)
		for i := range args {
			args[i] = m[i+1]
		}
		return w.Say(r.key, args...)
	}
	return said
}
