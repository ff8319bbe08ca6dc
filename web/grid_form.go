package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"duban/rules/problem"
	"duban/rules/sheet"
)

// gridForm is the form that a grid is: what is said of the plan, and all cells.
type gridForm struct {
	Title, ID, Issued        string
	Deadline, Assume, Policy string
	source                   string // the file's name
	headRow                  int
	rows                     []sheet.Row
	left                     []sheet.LeftOut
	unused                   []string
	newUnits                 map[string]sheet.NewUnit // what was answered of them, by name
}

// sourceOr is what the table is called.
func (f *gridForm) sourceOr(otherwise string) string {
	if f.source != "" {
		return f.source
	}
	return otherwise
}

// shown are the columns whose cells people see; hiddenColumns go along in fields
// that are not.
var (
	shown         = []sheet.Column{sheet.Title, sheet.Units, sheet.Partners, sheet.Deadline}
	hiddenColumns = []sheet.Column{
		sheet.ID, sheet.Ref, sheet.TitleEn, sheet.Note, sheet.Basis, sheet.Policy, sheet.Remind, sheet.Overdue, sheet.Escalate,
		sheet.Evidence, sheet.Starts, sheet.Ends, sheet.Pausable, sheet.Extendable,
	}
)

// cellName is the name of a cell's field.
func cellName(row int, c string) string { return "r" + strconv.Itoa(row) + "." + c }

// posted reads the grid's form.
func (s *tables) posted(r *http.Request) (*gridForm, error) {
	get := func(name string) string { return strings.TrimSpace(unix(r.PostFormValue(name))) }
	f := &gridForm{
		Title: get("title"), ID: get("id"), Issued: get("issued"), Deadline: get("deadline"), Assume: get("assume"), Policy: get("policy"),
		source: get("source"), headRow: numberIn(get("head")), newUnits: map[string]sheet.NewUnit{},
	}
	n := numberIn(get("rows"))
	if n == 0 || n > mostRows {
		return nil, problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
	}
	for i := range n {
		if !r.PostForm.Has(cellName(i, "number")) && r.MultipartForm != nil && r.MultipartForm.Value[cellName(i, "number")] == nil {
			continue // taken out
		}
		row := sheet.Row{Number: numberIn(get(cellName(i, "number"))), Cells: map[sheet.Column]string{}, Resolved: true, Section: get(cellName(i, "section"))}
		for _, c := range append(append(slices.Clone(shown), hiddenColumns...), sheet.Assume) {
			if v := get(cellName(i, string(c))); v != "" {
				row.Cells[c] = v
			}
		}
		if other := get(cellName(i, "other")); other != "" {
			row.Other = strings.Split(other, "\n")
		}
		if get(cellName(i, "drop")) != "" {
			f.left = append(f.left, sheet.LeftOut{Number: row.Number, Text: row.Cells[sheet.Title], Why: problem.Word("was taken out")})
			continue
		}
		f.rows = append(f.rows, row)
	}
	if len(f.rows) == 0 {
		return nil, problem.Errorf("No row is left: a plan needs at least one obligation.")
	}
	for i := range numberIn(get("left")) {
		name := "l" + strconv.Itoa(i)
		if i < mostRows && get(name+".text") != "" {
			f.left = append(f.left, sheet.LeftOut{Number: numberIn(get(name + ".number")), Text: get(name + ".text"), Why: problem.Word(leftOutWords[get(name+".why")])})
		}
	}
	for i := range numberIn(get("units")) {
		name := "u" + strconv.Itoa(i)
		if called := get(name + ".name"); i < mostRows && called != "" {
			f.newUnits[called] = sheet.NewUnit{ID: get(name + ".id"), Mail: get(name + ".mail"), Supervisor: get(name + ".supervisor"), Meant: get(name+".meant") != ""}
		}
	}
	f.unused = slices.DeleteFunc(strings.Split(get("unused"), "\n"), func(s string) bool { return s == "" })
	return f, nil
}

// leftOutWords are why lines are no duties, as forms carry them: what a form says
// is not said to people as it comes.
var leftOutWords = map[string]string{}

func init() {
	for _, why := range []string{"is a sum", "is a note", "is a heading", "repeats the heads", "stands above the heads", "holds a number alone", "names no task", "was taken out"} {
		leftOutWords[why] = why
	}
}

// fix does what a button beside a row says: alias:K:J, new:K or reading:I:J, by the
// places of a new unit, of what may be meant, and of a row.
func (f *gridForm) fix(what string, d *sheet.Draft) {
	parts := strings.Split(what, ":")
	at := func(i int) int {
		if i >= len(parts) {
			return -1
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return -1
		}
		return n
	}
	switch i, j := at(1), at(2); {
	case parts[0] == "reading" && i >= 0 && i < len(f.rows) && i < len(d.Rows) && j >= 0 && j < len(d.Rows[i].Readings):
		f.rows[i].Cells[sheet.Deadline] = d.Rows[i].Readings[j]
	case i < 0 || i >= len(d.NewUnits):
	case parts[0] == "new":
		u := f.newUnits[d.NewUnits[i].Name]
		u.Meant = true
		f.newUnits[d.NewUnits[i].Name] = u
	case parts[0] == "alias" && j >= 0 && j < len(d.NewUnits[i].Near):
		f.rename(d.NewUnits[i].Name, d.NewUnits[i].Near[j])
	}
}

// rename puts one unit's name in place of another's wherever it stands.
func (f *gridForm) rename(from, to string) {
	for i := range f.rows {
		for _, c := range []sheet.Column{sheet.Units, sheet.Partners} {
			if cell := f.rows[i].Cells[c]; cell != "" {
				f.rows[i].Cells[c] = sheet.Renamed(cell, from, to)
			}
		}
	}
	delete(f.newUnits, from)
}
