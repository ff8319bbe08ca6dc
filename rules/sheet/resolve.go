package sheet

import (
	"maps"
	"slices"
	"strings"

	"duban/rules/words"
)

// resolved is a row as a form shows it: its title and its note as the rules will
// have them, and everything else as the table has it.
func (l *line) resolved(title string) Row {
	row := l.row
	row.Cells = maps.Clone(l.row.Cells)
	row.Resolved, row.Shared = true, false
	delete(row.Cells, Task)
	delete(row.Cells, Remark)
	delete(row.Cells, Note)
	row.Cells[Title] = title
	if len(l.note) > 0 {
		row.Cells[Note] = strings.Join(l.note, "\n")
	}
	return row
}

// resolve gives the form's row its units, each by a name that is read back, and the
// deadline that was found in its text.
func (l *line) resolve(row Row, all []found) {
	if plain(row.Cells[Units]) != plain(sameUnitsWord) {
		lead, leadOK := l.r.named(l.result.Units)
		partners, partnersOK := l.r.named(l.result.Partners)
		if leadOK && partnersOK && l.row.Cells[Units] != "" {
			row.Cells[Units], row.Cells[Partners] = lead, partners
		}
	}
	if l.row.Cells[Deadline] != "" { // which its text may have given, see fromText
		row.Cells[Deadline] = oneLine(l.row.Cells[Deadline])
		if all[0].Kind != "" && strings.Contains(l.row.Cells[Deadline], "\n") && len(all) > 1 {
			row.Cells[Deadline] = l.r.said(all)
		}
	} else if l.result.Understood {
		row.Cells[Deadline] = l.r.said(all)
	}
	for c, text := range row.Cells {
		if text == "" {
			delete(row.Cells, c)
		}
	}
	l.result.Resolved = row
}

// said are deadlines in words that are read back as they are.
func (r *reading) said(all []found) string {
	var out []string
	for _, f := range all {
		said := f.Phrase
		if m, err := words.Parse(said, r.words); err != nil || m.Rule != f.Rule {
			said = words.Say(f.Rule, "zh-CN", r.words)
		}
		out = append(out, said)
	}
	return strings.Join(out, "；")
}

// named are units and groups by their names, where these are read back as they
// are.
func (r *reading) named(refs []string) (string, bool) {
	if len(refs) == 0 {
		return "", true
	}
	var names []string
	for _, ref := range refs {
		name := r.dir.called(ref)
		if i := slices.IndexFunc(r.draft.NewUnits, func(u Newcomer) bool { return u.ID == ref }); i >= 0 {
			name = r.draft.NewUnits[i].Name
		}
		names = append(names, name)
	}
	said := strings.Join(names, "、")
	p := r.dir.people(said)
	var back []string
	for _, n := range p.Lead {
		ref := n.Ref
		if ref == "" {
			if i := slices.IndexFunc(r.draft.NewUnits, func(u Newcomer) bool { return u.Name == clip(n.Name, mostTitle) }); i >= 0 {
				ref = r.draft.NewUnits[i].ID
			}
		}
		back = append(back, ref)
	}
	return said, len(p.Partners) == 0 && len(p.Taken) == 0 && !p.Open && slices.Equal(back, refs)
}
