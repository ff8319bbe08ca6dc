package web

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/views"
)

// yearsPage lists the calendar's years and takes a new one.
type yearsPage struct {
	Rows    []views.Year
	Missing int // the next year, where it is not known
	Text    string
	Error   error
	Year    int
	Preview *previewView
	Shifts  []shiftView // the dates that saving moves
	Final   int         // occurrences whose date stays, and is provisional no longer
	Days    int
	Working int
	Amends  string // the holidays that a notice changes alone
	Feasts  []feastView
	Drawn   []drawnMonth
	DrawnOf int
	Bad     bool // some day of it is wrong
}

func (s *ruleBook) yearRows() (rows []views.Year, missing int) {
	c := s.view().Rules.Plans[0].Calendar
	for _, y := range c.Years() {
		rows = append(rows, views.NewYear(c, y, false))
	}
	slices.Reverse(rows)
	for _, y := range []int{s.view().Now.Year(), s.view().Now.Year() + 1} {
		if _, known := c.Year(y); !known && missing == 0 {
			missing = y
		}
	}
	return rows, missing
}

func (s *ruleBook) years(w http.ResponseWriter, r *http.Request) error {
	return s.showYears(w, r, http.StatusOK, yearsPage{DrawnOf: number(r.URL.Query().Get("year"))})
}

func (s *ruleBook) showYears(w http.ResponseWriter, r *http.Request, code int, p yearsPage) error {
	p.Rows, p.Missing = s.yearRows()
	if p.Drawn == nil {
		c := s.view().Rules.Plans[0].Calendar
		if _, known := c.Year(p.DrawnOf); !known {
			p.DrawnOf = s.view().Now.Year()
		}
		p.Drawn = drawn(c, p.DrawnOf, nil, wordsOf(s.frame.lang(w, r)))
	}
	return s.frame.show(w, r, code, "years", p)
}

// saveYear takes a year that was pasted or uploaded: it shows what would change,
// or keeps it.
func (s *ruleBook) saveYear(w http.ResponseWriter, r *http.Request) error {
	text, err := s.yearText(r)
	if err != nil {
		return err
	}
	p := yearsPage{Text: text}
	var problems problem.List
	known, words := s.view().Rules.Plans[0].Calendar, wordsOf(s.frame.lang(w, r))
	n, ok := calendar.ReadPublished("calendar", []byte(text), known, &problems)
	y := n.Year
	if y.Year != 0 {
		bad := daysBlamed(&problems)
		p.DrawnOf, p.Bad, p.Drawn = y.Year, len(bad) > 0, drawn(known.With(y), y.Year, bad, words)
	}
	if !ok {
		p.Error = problems.Err()
		return s.showYears(w, r, http.StatusUnprocessableEntity, p)
	}
	if r.PostFormValue("do") == "save" {
		err := s.editor.SaveYear(r.Context(), s.calendarDir, y, user(r).Name)
		return s.frame.done(w, r, err, "Saved. Provisional due dates are counted again.", "/calendar")
	}
	what, more, err := s.editor.RehearseYear(r.Context(), y)
	if err != nil {
		return err
	}
	if p.Error = more.Err(); p.Error == nil {
		c := what.Set.Plans[0].Calendar
		p.Year, p.Days, p.Preview = y.Year, len(y.Days), newPreview(what)
		p.Shifts, p.Final = shifts(what, words)
		p.Feasts = feastsOf(y, words)
		p.Amends = strings.Join(n.Amends, "、")
		p.Working = c.Count(calendar.DateOf(y.Year, 1, 1)-1, calendar.DateOf(y.Year, 12, 31))
	}
	return s.showYears(w, r, http.StatusOK, p)
}

// yearText is the file that was uploaded, or the text that was pasted.
func (s *ruleBook) yearText(r *http.Request) (string, error) {
	if err := r.ParseForm(); err != nil {
		return "", err
	}
	var tooLarge *http.MaxBytesError
	switch err := r.ParseMultipartForm(s.frame.largest); {
	case err == nil || errors.Is(err, http.ErrNotMultipart):
	case errors.As(err, &tooLarge):
		return "", err
	default:
		return "", problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
	}
	if f, _, err := r.FormFile("file"); err == nil {
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil || len(data) > 0 {
			return string(data), err
		}
	}
	return unix(r.PostFormValue("text")), nil
}
