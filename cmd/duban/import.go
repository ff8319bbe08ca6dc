package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/sheet"
	"duban/scheduler/editor"
	"duban/scheduler/views"
)

// importReport is what import --json says of a table.
type importReport struct {
	Plan     string       `json:"plan"`
	Dir      string       `json:"dir"`
	Rows     []importRow  `json:"rows"`
	NewUnits []newUnitRow `json:"new_units"`
	LeftOut  []leftOutRow `json:"left_out"`
	Problems []string     `json:"problems"` // of the plan as a whole
	words    *catalogue.Words

	inLedger bool // Dir is there
}

// importRow is how one row of a table was understood.
type importRow struct {
	Row         int           `json:"row"`
	Ref         string        `json:"ref"`
	Title       string        `json:"title"`
	Units       []string      `json:"units"` // ids, groups as @id
	Partners    []string      `json:"partners"`
	NewUnits    []string      `json:"new_units"` // names
	Deadline    string        `json:"deadline"`  // in its own words
	Understood  bool          `json:"understood"`
	Cadence     views.Cadence `json:"cadence"` // of its first rule
	Within      string        `json:"within"`
	Roll        string        `json:"roll"`
	Obligations []importedRow `json:"obligations"`
	Problems    []string      `json:"problems"`
}

// importedRow is one obligation made of a row.
type importedRow struct {
	ID      string        `json:"id"`
	Cadence views.Cadence `json:"cadence"`
	Within  string        `json:"within"`
	Roll    string        `json:"roll"`
	Zh      string        `json:"zh"` // the deadline in words
	En      string        `json:"en"`
	Next    *string       `json:"next"` // due date from the day of issue on
	Basis   string        `json:"basis"`
	Policy  string        `json:"policy"`
}

type newUnitRow struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Near []string `json:"near"` // names of known units that may be meant
	Rows []int    `json:"rows"`
}

type leftOutRow struct {
	Row  int    `json:"row"`
	Text string `json:"text"`
	Why  string `json:"why"`
}

func importCommand(a *env) *cobra.Command {
	var opt sheet.Options
	var dir, sheetName string
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "import FILE --plan DIR",
		Short: "Make a draft plan of a table: .xlsx, .csv, or one copied out of a page",
		Long: `import reads a table of tasks as offices make them and writes a plan folder that
is a draft: nothing of it is owed or mailed before duban publish. FILE is a
spreadsheet (.xlsx), a .csv in UTF-8 or GB18030, a page (.html), or - for what
comes on the standard input.

The row of heads is found by its words, in Chinese or English and in any order:
工作任务、具体要求、责任单位、配合单位、完成时限 … Units are found among those of the
plans in the configuration; unknown ones become new units without an address. A
deadline that is not understood gets the rhythm of --assume, and its own words go
into the note. What was understood, and what is to be put right, is told row by
row; each obligation's comment says from which row it comes.`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return usagef("import: say where the draft goes: --plan DIR")
			}
			return importTable(cmd.Context(), a, args[0], dir, sheetName, opt)
		},
	})
	f := cmd.Flags()
	f.StringVar(&dir, "plan", "", "the `folder` that the draft is written to; it must not be there yet")
	f.StringVar(&opt.ID, "id", "", "the plan's `id` (default: the folder's name)")
	f.StringVar(&opt.Title, "title", "", "its `title` (default: the one above the table)")
	f.Var(dateValue{&opt.Issued}, "issued", "the day it was issued (default: today)")
	f.StringVar(&opt.Issuer, "issuer", "", "the `unit` that issued it (default: the first supervisor known)")
	f.Var(dateValue{&opt.Starts}, "starts", "the first day that counts (default: the last of the month before it was issued)")
	f.Var(dateValue{&opt.Ends}, "ends", "the last day that counts (default: 31 December of the year in the title)")
	f.StringVar(&opt.Policy, "policy", "", "the reminder `policy` (default: the first one known)")
	f.StringVar(&opt.Deadline, "deadline", "", "the deadline in `words` of the rows that say none")
	f.StringVar(&opt.Assume, "assume", sheet.DefaultAssume, "the rhythm in `words` where a deadline is not understood")
	f.StringVar(&sheetName, "sheet", "", "the `sheet` of a workbook (default: the first with a row of heads)")
	_ = cmd.RegisterFlagCompletionFunc("issuer", a.completeUnits) // the flag was just made
	return cmd
}

func importTable(ctx context.Context, a *env, file, dir, sheetName string, opt sheet.Options) error {
	c, err := a.configured()
	if err != nil {
		return err
	}
	known, problems := planfile.Load(app.Sources(c))
	if n := len(problems.Errors()); n > 0 {
		a.aside("warning: the rules have %d error(s), which duban check shows; units that stand there may not be known", n)
	}
	data, err := readTable(a, file)
	if err != nil {
		return err
	}
	grid, err := sheet.Read(data, sheetName)
	if err != nil {
		return problem.Errorf("%s: %w", file, err)
	}
	layout, err := sheet.Lay(grid)
	if err != nil {
		return problem.Errorf("%s: %w", file, err)
	}
	fillIn(a, &opt, layout, dir)
	if err := rules.CheckID(opt.ID); err != nil {
		return usagef("--id: %w", err)
	}
	if err := rules.CheckLine(opt.Title); err != nil {
		return usagef("--title: %w", err)
	}
	opt.CopyUnits = true
	draft := sheet.Understand(layout.Rows, layout.LeftOut, known, opt)
	if c.Shared() {
		err = intoLedger(ctx, a, &app.Site{Config: c, Rules: known, Problems: problems}, opt.ID, draft.Files(filepath.Base(file)))
	} else {
		err = editor.WriteFolder(dir, draft.Files(filepath.Base(file)))
	}
	if err != nil {
		return err
	}
	report := newImportReport(draft, opt, dir, catalogue.In(c.Language))
	if report.inLedger = c.Shared(); c.Shared() {
		report.Dir = path.Join(planfile.HeldPlans, opt.ID)
	}
	if a.asJSON {
		return printJSON(a.out, report)
	}
	report.print(a)
	return nil
}

// intoLedger makes a plan of files where the ledger has them.
func intoLedger(ctx context.Context, a *env, l *app.Site, id string, files map[string][]byte) error {
	return a.onShelf(ctx, l, func(ed *editor.Editor) error {
		problems, err := ed.NewPlan(ctx, id, files, who())
		if err == nil {
			err = problems.Err()
		}
		return err
	})
}

// readTable reads the file with the table, within bounds.
func readTable(a *env, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.in, sheet.MaxBytes+1))
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, problem.Errorf("%s cannot be read: %w", name, err)
	case !info.Mode().IsRegular():
		return nil, problem.Errorf("%s is no file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, sheet.MaxBytes+1))
}

// A name of a sheet or a line above the table that is no title.
var noTitle = regexp.MustCompile(`^(?i:sheet\d*|工作表\d*|附件\d*|附表\d*)[:：]?$`)

// fillIn sets what nobody said: by what the workbook says of the plan, else by
// what stands above the table, and by the folder's name.
func fillIn(a *env, opt *sheet.Options, l *sheet.Layout, dir string) {
	text := func(to *string, values ...string) {
		for _, v := range values {
			if v = strings.TrimSpace(v); *to == "" && v != "" && !noTitle.MatchString(v) {
				*to = v
			}
		}
	}
	day := func(to *calendar.Date, value string) {
		if d, err := calendar.ParseDate(value); *to == 0 && err == nil {
			*to = d
		}
	}
	folder := filepath.Base(filepath.Clean(dir))
	text(&opt.ID, l.Plan["id"], strings.ToLower(folder))
	text(&opt.Title, l.Plan["title"], l.Title(), l.Name, folder)
	text(&opt.Issuer, l.Plan["issuer"])
	day(&opt.Issued, l.Plan["issued"])
	day(&opt.Starts, l.Plan["starts"])
	day(&opt.Ends, l.Plan["ends"])
	opt.Endless = l.Plan != nil && opt.Ends == 0
	if opt.Issued == 0 {
		opt.Issued = calendar.DayOf(a.now())
	}
}

func newImportReport(d *sheet.Draft, opt sheet.Options, dir string, w *catalogue.Words) *importReport {
	r := &importReport{Plan: opt.ID, Dir: dir, Rows: []importRow{}, NewUnits: []newUnitRow{}, LeftOut: []leftOutRow{}, Problems: []string{}, words: w}
	for _, row := range d.Rows {
		r.Rows = append(r.Rows, newImportRow(d, row, opt.Issued, w))
	}
	for _, u := range d.NewUnits {
		r.NewUnits = append(r.NewUnits, newUnitRow{u.ID, u.Name, orEmpty(u.Near), u.Rows})
	}
	for _, l := range d.LeftOut {
		r.LeftOut = append(r.LeftOut, leftOutRow{l.Number, l.Text, w.Error(l.Why)})
	}
	for _, p := range d.Problems {
		r.Problems = append(r.Problems, w.Error(p))
	}
	return r
}

func newImportRow(d *sheet.Draft, row sheet.Result, issued calendar.Date, w *catalogue.Words) importRow {
	out := importRow{
		Row: row.Row, Ref: row.Ref, Title: row.Title, Units: orEmpty(row.Units), Partners: orEmpty(row.Partners), NewUnits: orEmpty(row.NewUnits),
		Deadline: row.Deadline, Understood: row.Understood, Obligations: []importedRow{}, Problems: []string{},
	}
	for _, p := range row.Problems {
		out.Problems = append(out.Problems, w.Error(p.Error))
	}
	for _, id := range row.Rules {
		one := importedRow{ID: id}
		if o := d.Rule(id); o != nil {
			one.Cadence, one.Within, one.Roll = views.CadenceOf(o), o.Within.String(), string(o.Roll)
			one.Zh, one.En, one.Basis, one.Policy = o.Words("zh-CN"), o.Words("en"), string(o.Basis), o.PolicyName
			for _, in := range sheet.Next(o, issued, 1) {
				one.Next = views.Date(in.Due)
			}
		}
		out.Obligations = append(out.Obligations, one)
	}
	if len(out.Obligations) > 0 {
		first := out.Obligations[0]
		out.Cadence, out.Within, out.Roll = first.Cadence, first.Within, first.Roll
	}
	return out
}

// print is the report for people: what wants looking at, and what to do next.
func (r *importReport) print(a *env) {
	understood, rulesMade := 0, 0
	var rows [][]any
	for _, row := range r.Rows {
		if row.Understood {
			understood++
		}
		rulesMade += len(row.Obligations)
		if len(row.Problems) > 0 {
			rows = append(rows, []any{row.Row, row.Ref, row.Title, strings.Join(row.Problems, "; ")})
		}
	}
	a.say("%d rows, %d obligations; the deadline of %d rows is understood", len(r.Rows), rulesMade, understood)
	if assumed := len(r.Rows) - understood; assumed > 0 {
		a.say("for %d rows a rhythm is assumed", assumed)
	}
	if len(rows) > 0 {
		fmt.Fprintln(a.out)
		a.table([]column{{head: "ROW"}, {head: "REF"}, {head: "TITLE", width: 40}, {head: "TO LOOK AT", width: 90}}, rows)
	}
	for _, u := range r.NewUnits {
		fmt.Fprintln(a.out)
		if a.say("new unit %s %s, rows %s", u.ID, u.Name, numbers(u.Rows)); len(u.Near) > 0 {
			a.say("  perhaps %s is meant", strings.Join(u.Near, " / "))
		}
	}
	if len(r.NewUnits) > 0 {
		a.say("  each needs an address in %s before the plan is published", filepath.Join(r.Dir, "units.toml"))
	}
	for _, l := range r.LeftOut {
		a.say("row %d was left out (%s): %s", l.Row, l.Why, l.Text)
	}
	for _, p := range r.Problems {
		fmt.Fprintln(a.out, p)
	}
	fmt.Fprintln(a.out)
	if r.inLedger {
		a.say("The draft is in the ledger, as %s. Next:\n  duban check\n  duban preview\n  duban publish %s", r.Dir, r.Plan)
		return
	}
	a.say("The draft is in %s. Next:\n  name it in the configuration: plans = [\"%s\"] beside those that are there\n  duban check\n  duban preview\n  duban publish %s", r.Dir, r.Dir, r.Plan)
}

// numbers are rows as people list them.
func numbers(all []int) string {
	var out []string
	for i, n := range all {
		if i == 8 {
			out = append(out, "…")
			break
		}
		out = append(out, fmt.Sprint(n))
	}
	return strings.Join(out, ", ")
}
