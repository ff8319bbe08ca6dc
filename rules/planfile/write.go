package planfile

import (
	"strings"

	"duban/rules"
	"duban/rules/toml"
)

// Write is an entry as it stands in a file: its header, and a line a key, in the
// order of the table of keys. comments stand above it, a line each.
func Write(e *rules.Entry, comments ...string) string {
	var b strings.Builder
	for _, c := range comments {
		b.WriteString(Comment(c))
	}
	switch e.Kind {
	case rules.PlanEntry: // the file itself
	case rules.PolicyEntry:
		b.WriteString("[policy." + key(e.Name) + "]\n")
	case rules.AwayEntry:
		b.WriteString("[[unit.away]]\n")
	default:
		b.WriteString("[[" + string(e.Kind) + "]]\n")
	}
	var names, values []string
	longest := 0
	for _, k := range rules.KeysOf(e.Kind) {
		v, ok := e.Get(k.Name)
		if text := literal(k, v); ok && text != "" && k.Type != rules.Entries && k.Type != rules.Named {
			names, values = append(names, k.Name), append(values, text)
			longest = max(longest, len(k.Name))
		}
	}
	for i, name := range names {
		b.WriteString(name + strings.Repeat(" ", longest-len(name)) + " = " + values[i] + "\n")
	}
	for _, k := range rules.KeysOf(e.Kind) {
		if v, ok := e.Get(k.Name); ok && (k.Type == rules.Entries || k.Type == rules.Named) {
			for _, one := range v.Entries {
				b.WriteString("\n" + Write(one))
			}
		}
	}
	return b.String()
}

// Comment is a text as lines of comment.
func Comment(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.Map(func(r rune) rune {
			if r < 0x20 && r != '\t' || r == 0x7f {
				return -1 // which TOML refuses in comments too
			}
			return r
		}, strings.ToValidUTF8(line, "\ufffd"))
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	return b.String()
}

// key is a part of a header, in quotes where it has to be.
func key(name string) string {
	if name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == "" {
		return name
	}
	return toml.Quote(name)
}

// literal is a value as TOML; empty: there is nothing to write.
func literal(k rules.Key, v rules.Value) string {
	switch k.Type {
	case rules.Names, rules.Lines:
		texts := make([]string, len(v.List))
		for i, one := range v.List {
			texts[i] = one.Text
		}
		return toml.QuoteList(texts)
	case rules.Day:
		return v.Day.String()
	case rules.Flag:
		if v.Flag {
			return "true"
		}
		return "false"
	}
	return toml.Quote(v.Text)
}
