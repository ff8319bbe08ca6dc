package sheet

import (
	"fmt"
	"strconv"
	"strings"

	"duban/rules/planfile"
)

// mostInFile is how many obligations one file holds, to stay one that people read.
const mostInFile = 300

// Files are the draft as a plan's folder: its files by their names, with slashes.
// source is what the table is called.
func (d *Draft) Files(source string) map[string][]byte {
	out := map[string][]byte{}
	head := planfile.Comment("由表格“" + oneLine(source) + "”生成。有 draft = true 的时候不产生期次，也不发信。\nMade of a table. While it says draft = true nothing is owed or mailed; duban publish takes that away.")
	out["plan.toml"] = []byte(head + "\n" + planfile.Write(d.Plan))
	out["units.toml"] = []byte(d.unitsFile())
	for name, text := range d.obligationFiles() {
		out[name] = []byte(text)
	}
	return out
}

// unitsFile has the units that no other plan has, and those that were copied.
func (d *Draft) unitsFile() string {
	var b strings.Builder
	b.WriteString(planfile.Comment("本方案的责任单位和单位组；其他方案已有的单位不必再写。"))
	isNew := map[string]bool{}
	for _, u := range d.NewUnits {
		isNew[u.ID] = true
	}
	for _, e := range d.Units {
		id, _ := e.Get("id")
		var comments []string
		if isNew[id.Text] {
			comments = []string{"新单位：发布以前要填邮箱。"}
		}
		b.WriteString("\n" + planfile.Write(e, comments...))
	}
	for _, e := range d.Groups {
		b.WriteString("\n" + planfile.Write(e))
	}
	return b.String()
}

// obligationFiles are the obligations, a file a section of the table.
func (d *Draft) obligationFiles() map[string]string {
	out := map[string]string{}
	var b strings.Builder
	n, section := 0, ""
	flush := func() {
		if n > 0 {
			out[fmt.Sprintf("obligations/%02d.toml", len(out)+1)] = b.String()
		}
		b.Reset()
		n = 0
	}
	for i, o := range d.Obligations {
		if i > 0 && o.Section != section || n >= mostInFile {
			flush()
		}
		section = o.Section
		if n == 0 && section != "" {
			b.WriteString(planfile.Comment(section))
		}
		if n > 0 || section != "" {
			b.WriteByte('\n')
		}
		b.WriteString(planfile.Write(o.Entry, o.Comments...))
		n++
	}
	if len(d.LeftOut) > 0 && n > 0 {
		b.WriteString("\n" + planfile.Comment("表中不是事项的各行："))
		for _, l := range d.LeftOut {
			b.WriteString(planfile.Comment("第" + strconv.Itoa(l.Number) + "行：" + l.Text))
		}
	}
	flush()
	return out
}

// Cadence is what a rule of the draft recurs by, as plans say it; empty where it
// is not right.
func (d *Draft) Cadence(id string) (kind, value, within, roll string) {
	if o := d.Rule(id); o != nil {
		return string(o.Cadence.Kind), o.Cadence.Value, o.Within.String(), string(o.Roll)
	}
	return "", "", "", ""
}

// Broken tells whether the row cannot be published as it stands.
func (r Result) Broken() bool {
	for _, p := range r.Problems {
		if p.Hinders {
			return true
		}
	}
	return false
}
