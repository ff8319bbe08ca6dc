package web

import (
	"net/url"
	"strings"

	"duban/rules/planfile"
	"duban/rules/toml"
)

// The times in which mail to a unit goes to a deputy too are rows of a form: from,
// to, addresses. A row that is emptied goes.

// absence is one row.
type absence struct{ From, To, Mail string }

// Absences are the rows of such a field, and an empty one.
func (one field) Absences() []absence {
	var rows []absence
	for line := range strings.SplitSeq(one.Value, "\n") {
		if parts := strings.SplitN(line, "\t", 3); len(parts) == 3 {
			rows = append(rows, absence{parts[0], parts[1], parts[2]})
		}
	}
	return append(rows, absence{})
}

// absencesOf are those of a unit, a line each.
func absencesOf(t *toml.Table) string {
	var lines []string
	for _, one := range t.Tables("away") {
		var mail []string
		for _, v := range one.Strings("mail") {
			mail = append(mail, v.Text)
		}
		lines = append(lines, one.Date("from")+"\t"+one.Date("to")+"\t"+strings.Join(mail, ", "))
	}
	return strings.Join(lines, "\n")
}

// absencesEdited is a unit's text with the posted rows, where they say otherwise.
func (f forms) absencesEdited(p planfile.Passage, raw, text string, posted url.Values) (string, error) {
	from, to, mail := posted["away-from"], posted["away-to"], posted["away-mail"]
	if len(from) != len(to) || len(to) != len(mail) || len(from) == 0 {
		return text, nil // the form had no such rows
	}
	var lines, tables []string
	for i := range from {
		row := absence{strings.TrimSpace(from[i]), strings.TrimSpace(to[i]), strings.TrimSpace(mail[i])}
		if row == (absence{}) {
			continue
		}
		list := f.taken(field{Type: asList}, "", row.Mail)
		lines = append(lines, row.From+"\t"+row.To+"\t"+strings.ReplaceAll(list, "\n", ", "))
		addresses := field{Type: asList}.toml(list)
		if addresses == "" {
			addresses = "[]" // which the rules refuse
		}
		tables = append(tables, "from = "+dateOrText(row.From)+"\nto   = "+dateOrText(row.To)+"\nmail = "+addresses)
	}
	if strings.Join(lines, "\n") == raw {
		return text, nil
	}
	return toml.SetTables(text, string(p.Kind)+".away", tables)
}
