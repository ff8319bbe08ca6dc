package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"duban/ledger"
	"duban/notify"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	"duban/rules/problem"
)

// Bulletins say when a bulletin (通报) of the month before is made, for whom, and what
// it says; without At none is made by itself.
type Bulletins struct {
	At   cron.Schedule
	Spec string   // At, as the configuration has it
	To   []string // units; none: all that supervise others
	Say  func(ctx context.Context, r ledger.Reader, v View, m Months, language string) (*notify.Bulletin, error)
}

// Months are some months, both included: 2017-10 to 2017-11.
type Months struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// MonthOf is the month of a day.
func MonthOf(d calendar.Date) string { return fmt.Sprintf("%04d-%02d", d.Year(), int(d.Month())) }

// MonthBefore is the month before that of a day.
func MonthBefore(d calendar.Date) string { return MonthOf(d - calendar.Date(d.Day())) }

// mostMonths is how many a bulletin is of.
const mostMonths = 60

// ReadMonths are those that somebody asks for; empty ones: the month before today's,
// or the same as the other.
func ReadMonths(from, to string, today calendar.Date) (Months, error) {
	switch {
	case from == "" && to == "":
		from = MonthBefore(today)
		to = from
	case to == "":
		to = from
	case from == "":
		from = to
	}
	for key, m := range map[string]string{"from": from, "to": to} {
		if _, err := calendar.ParseDate(m + "-01"); err != nil {
			return Months{}, problem.Refuse(key, "%q is no month: write it like 2017-10.", m)
		}
	}
	m := Months{from, to}
	switch n := len(m.Each()); {
	case from > to:
		return Months{}, problem.Refuse("to", "%s is before %s.", to, from)
	case n > mostMonths:
		return Months{}, problem.Refuse("from", "That are %d months: a bulletin is of at most %d.", n, mostMonths)
	}
	return m, nil
}

// first is the first day of a month that was read.
func first(month string) calendar.Date {
	d, _ := calendar.ParseDate(month + "-01") // it was read
	return d
}

// later is the month that many later.
func later(month string, n int) string {
	d := first(month)
	return MonthOf(max(calendar.First, calendar.DateOf(d.Year(), d.Month()+time.Month(n), 1)))
}

// Days are the first and the last of the months.
func (m Months) Days() (from, to calendar.Date) {
	last := first(m.To)
	return first(m.From), min(calendar.DateOf(last.Year(), last.Month()+1, 1)-1, calendar.Last)
}

// Each are the months, one by one.
func (m Months) Each() (out []string) {
	for month := m.From; month <= m.To && len(out) <= mostMonths*2; month = later(month, 1) {
		out = append(out, month)
	}
	return out
}

// Before are as many months before.
func (m Months) Before() Months {
	n := len(m.Each())
	return Months{later(m.From, -n), later(m.From, -1)}
}

// Wide are the months, and so many before them that they are n at least.
func (m Months) Wide(n int) Months {
	return Months{min(m.From, later(m.To, 1-n)), m.To}
}

// Has tells whether a month is one of them.
func (m Months) Has(month string) bool { return m.From <= month && month <= m.To }

// readers are whom bulletins go to.
func (v View) readers() []string {
	if len(v.Settings.Bulletin.To) > 0 {
		return v.Settings.Bulletin.To
	}
	var out []string
	seen := map[string]bool{}
	for _, u := range v.Rules.Units {
		seen[u.Supervisor] = true
	}
	for _, u := range v.Rules.Units {
		if seen[u.ID] {
			out = append(out, u.ID)
		}
	}
	return out
}

// factBulletin keeps the schedule that is followed, and when its next turn is.
const factBulletin = "bulletin"

type bulletinTurn struct {
	Spec string    `json:"spec"`
	Next time.Time `json:"next"`
}

func turnOf(ctx context.Context, v View, r ledger.Reader) (t bulletinTurn, known bool, err error) {
	text, err := r.Fact(ctx, factBulletin)
	if err != nil || text == "" {
		return t, false, err
	}
	known = json.Unmarshal([]byte(text), &t) == nil && t.Spec == v.Settings.Bulletin.Spec
	return t, known, nil
}

// wantsBulletin tells whether a bulletin is to be made, or its schedule to be noted.
func wantsBulletin(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	if v.Settings.Bulletin.At == nil {
		return false, nil
	}
	t, known, err := turnOf(ctx, v, r)
	return err == nil && (!known || !t.Next.After(v.Now)), err
}

// bulletin makes that of the month before the last turn that has come: once, however
// often the daemon began anew, and one, however many turns it missed. A schedule that
// is new begins with its next turn.
func (d *digest) bulletin() error {
	b, ctx := d.view.Settings.Bulletin, d.tx.Context()
	if b.At == nil {
		return nil
	}
	now := d.view.Now.In(d.view.Settings.Timezone)
	t, known, err := turnOf(ctx, d.view, d.tx)
	if err != nil || known && t.Next.After(now) {
		return err
	}
	turn := t.Next.In(d.view.Settings.Timezone)
	next := b.At.Next(now)
	if known {
		for after := b.At.Next(turn); !after.IsZero() && !after.After(now); after = b.At.Next(turn) {
			turn = after
		}
		month := MonthBefore(calendar.DayOf(turn))
		if _, err := PostBulletin(d.tx, d.view, Months{month, month}, ByDaemon, ""); err != nil {
			return err
		}
	}
	if next.IsZero() { // a day that there is not
		next = now.AddDate(100, 0, 0)
	}
	text, err := json.Marshal(bulletinTurn{b.Spec, next})
	if err != nil {
		return err
	}
	return d.tx.SetFact(factBulletin, string(text))
}

// PostBulletin puts a bulletin into the outbox for each of its readers, and tells for
// whom. again sets one that somebody asks for apart from that of the schedule.
func PostBulletin(tx ledger.Tx, v View, m Months, by, again string) (to []string, err error) {
	about, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	for _, id := range v.readers() {
		unit := v.Rules.Unit(id)
		if unit == nil {
			continue // config names units that there are; this one went since
		}
		n := outgoing(v, ledger.Bulletin)
		n.Unit, n.Letter = id, string(about)
		n.MessageID = notify.MessageID(v.Settings.From.ASCIIHost(), "bulletin", id, m.From, m.To, again)
		n.Subject = (&notify.Notice{Kind: notify.BulletinKind, Language: v.Language(unit), Bulletin: &notify.Bulletin{Title: BulletinTitle(m, v.Language(unit))}}).Subject()
		for _, one := range byEach(v, n) {
			if err := tx.AddNotice(one, v.Entry(by)); err != nil {
				return to, err
			}
		}
		to = append(to, id)
	}
	return to, nil
}

// bulletin is what one says if it leaves now.
func (t teller) bulletin(ctx context.Context, n *ledger.Notice, language string) (*notify.Bulletin, error) {
	var m Months
	if err := json.Unmarshal([]byte(n.Letter), &m); err != nil || t.view.Settings.Bulletin.Say == nil {
		return nil, fmt.Errorf("notice %d: what its bulletin is of cannot be read: %w", n.ID, err)
	}
	return t.view.Settings.Bulletin.Say(ctx, t.from, t.view, m, language)
}

// BulletinTitle is what a bulletin of some months is called.
func BulletinTitle(m Months, language string) string {
	w := catalogue.In(language)
	if m.From == m.To {
		return w.Say("Bulletin of supervision, %s", w.Period(m.From))
	}
	return w.Say("Bulletin of supervision, %s to %s", w.Period(m.From), w.Period(m.To))
}
