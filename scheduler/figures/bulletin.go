package figures

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// Bulletin (通报) is who was on time in some months, what changed since as many
// months before, and what is late now.
type Bulletin struct {
	Months    engine.Months   `json:"months"`
	Before    engine.Months   `json:"before"`
	AsOf      calendar.Date   `json:"as_of"`
	Total     Standing        `json:"total"`
	Perfect   int             `json:"perfect"` // units that were always on time
	Units     []Standing      `json:"units"`   // by rank
	ByMonth   []Standing      `json:"by_month"`
	Overdue   []Overdue       `json:"overdue"` // the longest first
	Tracked   int             `json:"tracked"` // that are overdue and nobody is reminded of
	Extended  []Moved         `json:"extended"`
	Handed    []Moved         `json:"transferred"`
	chartFrom engine.Months   // the months of the chart
	places    map[string]int  // of units, in the order of their files
	late      map[lateKey]int // in Overdue
}

// Standing is a unit's figures, or those of a month or of all, beside those of
// before.
type Standing struct {
	Figure
	Month  string   `json:"month,omitempty"`
	Rank   int      `json:"rank,omitempty"` // 1: the best; 0: nothing was judged
	Before *float64 `json:"on_time_rate_before"`
}

// Change is by how many tenths of a percentage point the rate rose, as both are
// printed; not ok: there was none before, or is none now.
func (s *Standing) Change() (tenths int, ok bool) {
	if s.Rate == nil || s.Before == nil {
		return 0, false
	}
	return tenthsOf(*s.Rate) - tenthsOf(*s.Before), true
}

// tenthsOf is 869 where Percent says 86.9%.
func tenthsOf(rate float64) int {
	n, _ := strconv.Atoi(strings.Replace(fmt.Sprintf("%.1f", rate*100), ".", "", 1)) // digits
	return n
}

// Overdue is one item of one unit that is late now, however many periods of it.
type Overdue struct {
	Plan       string        `json:"plan"`
	Obligation string        `json:"obligation"`
	Ref        string        `json:"ref"`
	Title      string        `json:"title"`
	TitleEn    string        `json:"title_en"`
	Unit       string        `json:"unit"`
	UnitName   string        `json:"unit_name"`
	Periods    int           `json:"periods"`
	Period     string        `json:"period"` // the earliest
	Since      calendar.Date `json:"since"`
	Days       int           `json:"days"` // working days
}

// Moved is an occurrence of the months that was extended, or handed to another unit.
type Moved struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	TitleEn  string        `json:"title_en"`
	Period   string        `json:"period"`
	Unit     string        `json:"unit"`
	UnitName string        `json:"unit_name"`
	FirstDue calendar.Date `json:"first_due"`
	Due      calendar.Date `json:"due"`
	State    ledger.State  `json:"state"`
	Reason   string        `json:"reason,omitempty"`
	To       string        `json:"to,omitempty"` // the unit that has it now
	ToName   string        `json:"to_name,omitempty"`
}

type lateKey struct{ plan, obligation, unit string }

// chartMonths is how many months the chart shows at least.
const chartMonths = 6

// NewBulletin counts what was due in those months.
func NewBulletin(ctx context.Context, r ledger.Reader, v engine.View, m engine.Months) (b *Bulletin, err error) {
	err = ledger.AsOfOneMoment(ctx, r, func(r ledger.Reader) error {
		b, err = newBulletin(ctx, r, v, m)
		return err
	})
	return b, err
}

func newBulletin(ctx context.Context, r ledger.Reader, v engine.View, m engine.Months) (*Bulletin, error) {
	b := &Bulletin{Months: m, Before: m.Before(), AsOf: v.Today(), places: map[string]int{}, late: map[lateKey]int{}}
	b.Overdue, b.Extended, b.Handed = []Overdue{}, []Moved{}, []Moved{}
	for i, u := range v.Rules.Units {
		b.places[u.ID] = i
	}
	b.chartFrom = m.Wide(chartMonths)
	now, before, months := newTable(r, v), newTable(r, v), map[string]*Figure{}
	from, _ := b.Before.Days()
	if chart, _ := b.chartFrom.Days(); chart < from {
		from = chart
	}
	_, to := m.Days()
	err := each(ctx, r, v, from, to, func(o *ledger.Occurrence, late bool) error {
		month := engine.MonthOf(o.Due)
		if b.chartFrom.Has(month) {
			if months[month] == nil {
				months[month] = &Figure{}
			}
			months[month].count(o, late)
		}
		switch {
		case b.Before.Has(month):
			return before.add(ctx, o, late)
		case !m.Has(month):
			return nil
		}
		if o.Extended() {
			if err := b.extended(ctx, now, o); err != nil {
				return err
			}
		}
		return now.add(ctx, o, late)
	})
	if err == nil {
		err = b.transferred(ctx, now)
	}
	if err == nil {
		err = b.overdue(ctx, now)
	}
	b.sum(ByUnit(now.figures()), ByUnit(before.figures()))
	b.chart(months)
	return b, err
}

// sum fills in the units, ranked, and the total.
func (b *Bulletin) sum(now, before []Figure) {
	was := map[string]*float64{}
	var all Figure
	for _, f := range before {
		was[f.Unit] = f.Rate
		all.join(f)
	}
	b.Total.Before = all.Rate
	b.Units = []Standing{}
	for _, f := range now {
		b.Total.join(f)
		b.Units = append(b.Units, Standing{Figure: f, Before: was[f.Unit]})
		if f.Rate != nil && *f.Rate == 1 {
			b.Perfect++
		}
	}
	rank := func(s Standing) float64 {
		if s.Rate == nil {
			return 2
		}
		return 1 - *s.Rate
	}
	slices.SortStableFunc(b.Units, func(x, y Standing) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(b.places[x.Unit], b.places[y.Unit]), cmp.Compare(x.Unit, y.Unit))
	})
	for i := range b.Units {
		u := &b.Units[i]
		switch {
		case u.Rate == nil:
		case i > 0 && rank(b.Units[i-1]) == rank(*u):
			u.Rank = b.Units[i-1].Rank
		default:
			u.Rank = i + 1
		}
	}
}

func (b *Bulletin) chart(months map[string]*Figure) {
	for _, month := range b.chartFrom.Each() {
		s := Standing{Month: month}
		if f := months[month]; f != nil {
			s.Figure = *f
			s.rate()
		}
		b.ByMonth = append(b.ByMonth, s)
	}
}

// overdue gathers what is late now, whenever it was due.
func (b *Bulletin) overdue(ctx context.Context, t *table) error {
	q := ledger.Query{States: []ledger.State{ledger.StateOpen, ledger.StateReported}, DueTo: b.AsOf + 1}
	err := t.from.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
		if t.view.Light(o) != rules.Red {
			return nil
		}
		ob := t.view.Obligation(o)
		if ob != nil && !ob.Policy.Tells() {
			b.Tracked++
			return nil
		}
		k := lateKey{o.Plan, o.Obligation, o.Unit}
		if i, ok := b.late[k]; ok {
			b.Overdue[i].Periods++ // by due date: the first was the earliest
			return nil
		}
		text, err := t.text(ctx, o.Rule)
		if err != nil {
			return err
		}
		row := Overdue{Plan: o.Plan, Obligation: o.Obligation, Ref: text.Ref, Title: text.Title, TitleEn: text.TitleEn, Unit: o.Unit, UnitName: t.unit(o.Unit), Periods: 1, Period: o.Period, Since: o.Due}
		if ob != nil {
			row.Days = max(0, -ob.Plan.Calendar.Count(ob.Plan.Day(t.view.Now), o.Due))
		}
		b.late[k] = len(b.Overdue)
		b.Overdue = append(b.Overdue, row)
		return nil
	})
	slices.SortStableFunc(b.Overdue, func(x, y Overdue) int {
		return cmp.Or(cmp.Compare(y.Days, x.Days), cmp.Compare(x.Since, y.Since), cmp.Compare(b.places[x.Unit], b.places[y.Unit]), cmp.Compare(x.Obligation, y.Obligation))
	})
	return err
}

func (t *table) unit(id string) string {
	if u := t.view.Rules.Unit(id); u != nil {
		return u.Name
	}
	return id
}

func (t *table) moved(ctx context.Context, o *ledger.Occurrence) (Moved, error) {
	text, err := t.text(ctx, o.Rule)
	return Moved{
		ID: o.Key(), Title: text.Title, TitleEn: text.TitleEn, Period: o.Period, Unit: o.Unit, UnitName: t.unit(o.Unit),
		FirstDue: o.FirstDue, Due: o.Due, State: o.State, Reason: o.Reason,
	}, err
}

func (b *Bulletin) extended(ctx context.Context, t *table, o *ledger.Occurrence) error {
	m, err := t.moved(ctx, o)
	b.Extended = append(b.Extended, m)
	return err
}

// transferred gathers what was handed to other units: its old id stays, and says
// where it went.
func (b *Bulletin) transferred(ctx context.Context, t *table) error {
	q := ledger.Query{States: []ledger.State{ledger.StateCancelled}}
	q.DueFrom, q.DueTo = b.Months.Days()
	return t.from.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
		if o.Transferred == "" {
			return nil
		}
		m, err := t.moved(ctx, o)
		m.To, m.ToName = o.Transferred, t.unit(o.Transferred)
		b.Handed = append(b.Handed, m)
		return err
	})
}
