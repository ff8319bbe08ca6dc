package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/pinyin"
	"duban/rules/problem"
	"duban/rules/sheet"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// tables makes plans of tables: one is uploaded or pasted, shown as a grid that
// says of each row how it was understood, put right there, and becomes a draft.
//
// The grid's state is in its own form: every cell is a field, and each press of a
// button reads all of them anew. So nothing is kept on the server that could be
// forgotten, grow or belong to somebody else; going back in the browser goes back,
// and two tables in two windows know nothing of each other.
type tables struct {
	frame  *frame
	editor *editor.Editor
	view   func() engine.View
}

// The bytes of a table that is sent, and the rows that a grid shows; larger ones
// are for the command.
const (
	tableForm = 4 << 20
	mostRows  = 600
)

// pageOfTables is where people begin.
type pageOfTables struct {
	Title, Issued, Text string
	Error               error
}

func (s *tables) start(w http.ResponseWriter, r *http.Request) error {
	return s.frame.show(w, r, http.StatusOK, "table", pageOfTables{Issued: s.today().String()})
}

func (s *tables) today() calendar.Date { return calendar.DayOf(s.view().Now) }

// send takes a table, or the grid that was made of it.
func (s *tables) send(w http.ResponseWriter, r *http.Request) error {
	if err := manyParts(r); err != nil {
		return err
	}
	if r.PostFormValue("do") == "read" {
		return s.read(w, r)
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	g := s.understand(f)
	if fix := r.PostFormValue("fix"); fix != "" {
		f.fix(fix, g.draft)
		g = s.understand(f)
	}
	switch do := r.PostFormValue("do"); do {
	case "draft", "publish":
		return s.keep(w, r, g, do)
	}
	return s.showGrid(w, r, http.StatusOK, g)
}

// manyParts reads a form with files.
func manyParts(r *http.Request) error {
	var tooLarge *http.MaxBytesError
	switch err := r.ParseMultipartForm(tableForm); {
	case err == nil || errors.Is(err, http.ErrNotMultipart):
		return nil
	case errors.As(err, &tooLarge):
		return err
	}
	return problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
}

// read reads a table that was uploaded or pasted.
func (s *tables) read(w http.ResponseWriter, r *http.Request) error {
	p := pageOfTables{Title: strings.TrimSpace(r.PostFormValue("title")), Issued: r.PostFormValue("issued"), Text: unix(r.PostFormValue("text"))}
	f, err := s.tableOf(r, p)
	if err == nil && len(f.rows) > mostRows {
		err = problem.Errorf("The table has %d rows, and a page shows %d at most: use duban import, or make several plans of it.", len(f.rows), mostRows)
	}
	if err != nil {
		p.Error = err
		return s.frame.show(w, r, http.StatusUnprocessableEntity, "table", p)
	}
	return s.showGrid(w, r, http.StatusOK, s.understand(f))
}

// tableOf is the grid's form as the table begins it.
func (s *tables) tableOf(r *http.Request, p pageOfTables) (*gridForm, error) {
	data, source, err := tableData(r)
	if err != nil {
		return nil, err
	}
	grid, err := sheet.Read(data, "")
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	l, err := sheet.Lay(grid)
	if err != nil {
		return nil, err
	}
	f := &gridForm{source: source, rows: l.Rows, left: l.LeftOut, unused: l.Unused, headRow: l.HeadRow, newUnits: map[string]sheet.NewUnit{}, Assume: sheet.DefaultAssume}
	for _, t := range []string{p.Title, l.Plan["title"], l.Title(), l.Name} {
		if f.Title == "" && !strings.HasPrefix(t, "Sheet") && !strings.HasPrefix(t, "工作表") {
			f.Title = t
		}
	}
	if f.Issued = p.Issued; f.Issued == "" {
		f.Issued = s.today().String()
	}
	if f.Title == "" {
		return nil, problem.Errorf("Give the plan a title: that of the document.")
	}
	f.ID = pinyin.ID(f.Title, "plan", s.taken)
	return f, nil
}

func (s *tables) taken(id string) bool { return s.view().Rules.Plan(id) != nil }

// tableData is the file, else what was pasted: as a page or a word processor has
// it, where the browser could tell, else as text.
func tableData(r *http.Request) (data []byte, source string, err error) {
	if f, head, err := r.FormFile("file"); err == nil {
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil || len(data) > 0 {
			return data, head.Filename, err
		}
	}
	if html := r.PostFormValue("html"); html != "" {
		return []byte(html), "", nil
	}
	text := unix(r.PostFormValue("text"))
	if strings.TrimSpace(text) == "" {
		return nil, "", problem.Errorf("Choose a file, or paste a table.")
	}
	return []byte(text), "", nil
}

// understand makes a draft of the grid's form.
func (s *tables) understand(f *gridForm) *grid {
	g := &grid{form: f}
	issued, err := calendar.ParseDate(strings.TrimSpace(f.Issued))
	if err != nil {
		g.wrong = append(g.wrong, &problem.Error{Code: problem.Invalid, Field: "issued", Key: "%v", Args: []any{err}})
		issued = s.today()
	}
	if err := rules.CheckLine(f.Title); err != nil || f.Title == "" {
		g.wrong = append(g.wrong, &problem.Error{Code: problem.Invalid, Field: "title", Key: "Give the plan a title: that of the document."})
	}
	if err := rules.CheckID(f.ID); err != nil {
		g.wrong = append(g.wrong, &problem.Error{Code: problem.Invalid, Field: "id", Key: "%v", Args: []any{err}})
	}
	g.issued = issued
	g.draft = sheet.Understand(f.rows, f.left, s.view().Rules, sheet.Options{
		ID: f.ID, Title: f.Title, Issued: issued, Deadline: strings.TrimSpace(f.Deadline), Assume: strings.TrimSpace(f.Assume), Policy: f.Policy, NewUnits: f.newUnits,
	})
	g.wrong = append(g.wrong, g.draft.Problems...)
	for i := range f.rows { // what the form is to show
		f.rows[i] = g.draft.Rows[i].Resolved
	}
	return g
}

// keep makes a draft plan of the grid.
func (s *tables) keep(w http.ResponseWriter, r *http.Request, g *grid, do string) error {
	if len(g.wrong) > 0 {
		return s.showGrid(w, r, http.StatusUnprocessableEntity, g)
	}
	problems, err := s.editor.NewPlan(r.Context(), g.form.ID, g.draft.Files(g.form.sourceOr(g.form.Title)), user(r).Name)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		g.refused = err
		return s.showGrid(w, r, http.StatusUnprocessableEntity, g)
	}
	next := "/rules?plan=" + g.form.ID
	if do == "publish" { // which asks once more, and says what that makes
		next = "/publish/" + g.form.ID
	}
	return s.frame.done(w, r, nil, "The draft is saved. Nothing of it is owed or mailed before it is published.", next)
}

// publishPage says what publishing a draft makes and mails.
type publishPage struct {
	Plan     *rules.Plan
	Problems []error
	Forecast *forecast
}

func (s *tables) publishPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPublish(w, r, http.StatusOK, nil)
}

func (s *tables) showPublish(w http.ResponseWriter, r *http.Request, code int, refused error) error {
	plan := s.view().Rules.Plan(r.PathValue("plan"))
	switch {
	case plan == nil:
		return errNotFound
	case !plan.Draft:
		return problem.New(problem.Conflict, "the plan %s is in force already", plan.ID)
	}
	p := publishPage{Plan: plan}
	what, problems, err := s.editor.RehearsePublish(r.Context(), plan.ID)
	if err != nil {
		return err
	}
	for _, one := range problems.Errors() {
		p.Problems = append(p.Problems, one.Said)
	}
	if refused != nil {
		p.Problems = append(p.Problems, refused)
	}
	if len(p.Problems) == 0 {
		p.Forecast = newForecast(what, plan.ID)
	}
	return s.frame.show(w, r, code, "publish", p)
}

func (s *tables) publish(w http.ResponseWriter, r *http.Request) error {
	plan := r.PathValue("plan")
	problems, err := s.editor.Publish(r.Context(), plan, user(r).Name)
	switch {
	case err != nil:
		return err
	case problems.Err() != nil:
		return s.showPublish(w, r, http.StatusUnprocessableEntity, nil)
	}
	return s.frame.done(w, r, nil, "Published: the plan is in force.", "/rules?plan="+plan)
}

// forecast is what comes of publishing, in a few figures.
type forecast struct {
	Obligations, Occurrences, Units, Notices int
	First                                    []firstDue
}

// firstDue is what is due first.
type firstDue struct {
	Due         calendar.Date
	Title, Unit string
	Provisional bool
}

// mostFirst is how many of the first due dates are listed.
const mostFirst = 5

func newForecast(what *editor.Rehearsal, plan string) *forecast {
	f := &forecast{Notices: what.Notices}
	p := what.Set.Plan(plan)
	if p == nil {
		return f
	}
	f.Obligations = len(p.Obligations)
	owing := map[string]bool{}
	for _, o := range p.Obligations {
		for _, u := range o.Units {
			owing[u.ID] = true
		}
	}
	f.Units = len(owing)
	for _, c := range what.Changes {
		if !what.Makes(c, plan) {
			continue
		}
		f.Occurrences++
		first := firstDue{Due: c.Due, Provisional: c.Provisional}
		_, key, _ := strings.Cut(c.Occurrence, ":")
		if parts := strings.SplitN(key, "/", 3); len(parts) == 3 {
			if o, u := p.Obligation(parts[0]), what.Set.Unit(parts[1]); o != nil && u != nil {
				first.Title, first.Unit = o.Title, u.Name
			}
		}
		f.First = earliest(f.First, first)
	}
	return f
}

// earliest are the first so many, by their due dates.
func earliest(all []firstDue, one firstDue) []firstDue {
	i := len(all)
	for i > 0 && one.Due < all[i-1].Due {
		i--
	}
	if i >= mostFirst {
		return all
	}
	all = append(all[:i], append([]firstDue{one}, all[i:]...)...)
	return all[:min(len(all), mostFirst)]
}

// numberIn is a number of a field; 0 where it is none.
func numberIn(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
