package engine

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
)

// patience is how long the outbox tries to get rid of a notice.
const patience = 72 * time.Hour

// GiveUp is until when the outbox tries to get rid of a notice that is put into it,
// or moved on, now.
func (v View) GiveUp() time.Time { return v.Opens().Add(patience) }

// digest turns what has come into at most one notice a unit and one escalation
// a supervisor a day.
type digest struct {
	tx    ledger.Tx
	view  View
	today calendar.Date
	out   *Outcome
	made  int // notices, each counted once however many channels it leaves by

	units       map[string][]ledger.Item // reminders, by unit
	supervisors map[string][]ledger.Item // escalations, by supervisor
	occurrences map[int64]*ledger.Occurrence
	busy        map[[2]string]bool // who has had today's notice: "unit" or "supervisor", id
	head        int64              // the journal's last entry
	withheld    map[int64]bool     // occurrences about which nothing leaves yet
	news        news
	forPartners []*ledger.Occurrence // of which their partners hear too
	unheld      []string             // transferred to units that no plan has any more
}

// run makes the notices; assign are the duties of plans that the ledger meets
// for the first time.
func (d *digest) run(assign map[string][]ledger.Item) error {
	d.units, d.supervisors = map[string][]ledger.Item{}, map[string][]ledger.Item{}
	d.occurrences, d.busy = map[int64]*ledger.Occurrence{}, map[[2]string]bool{}
	var err error
	if d.head, err = d.tx.LastEntry(d.tx.Context()); err != nil {
		return err
	}
	if d.withheld, err = d.tx.Withheld(d.tx.Context()); err != nil {
		return err
	}
	for _, unit := range slices.Sorted(maps.Keys(assign)) {
		if err := d.assign(unit, assign[unit]); err != nil {
			return err
		}
	}
	if d.view.MailMayLeave() {
		if d.news, err = newsOf(d.tx, d.view); err != nil {
			return err
		}
		if err := d.collect(); err != nil {
			return err
		}
		if err := d.announce(); err != nil {
			return err
		}
		if err := TellPartners(d.tx, d.view, d.forPartners...); err != nil {
			return err
		}
		if err := d.tellPartners(); err != nil {
			return err
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(d.units)) {
		d.add(kindOf(d.units[unit]), unit, d.today, d.units[unit])
	}
	for _, unit := range slices.Sorted(maps.Keys(d.supervisors)) {
		d.add(ledger.Escalation, unit, d.today, d.supervisors[unit])
	}
	if err := d.commit(); err != nil {
		return err
	}
	if err := d.tellDamage(); err != nil {
		return err
	}
	if err := d.tellNoHolder(); err != nil {
		return err
	}
	return d.adminNotices()
}

// collect works out, for each occurrence whose reminder has come, the one
// reminder that is true now.
func (d *digest) collect() error {
	waiting, err := d.tx.Waiting(d.tx.Context(), d.view.lastDay())
	if err != nil {
		return err
	}
	units := make([]string, 0, len(waiting))
	for _, o := range waiting {
		units = append(units, o.Unit)
	}
	if err := d.askBusy("unit", units); err != nil {
		return err
	}
	for _, o := range waiting {
		if err := d.remind(o); err != nil {
			return err
		}
	}
	return nil
}

func (d *digest) remind(o *ledger.Occurrence) error {
	ob, unit := d.view.Obligation(o), d.view.Rules.Unit(o.Unit)
	if unit == nil && ob != nil && o.Origin != "" && o.State == ledger.StateOpen {
		return d.noHolder(o)
	}
	if ob == nil || unit == nil || o.State != ledger.StateOpen || !o.PausedOn.IsZero() {
		o.NextReminder = 0
		return d.tx.SaveReminder(o)
	}
	if o.Damage != "" {
		if mended, err := d.mend(ob, o); err != nil || !mended {
			return err
		}
	}
	if d.news.waits(o) {
		return nil // until the unit hears that it is its own
	}
	today := ob.Plan.Day(d.view.Now) // each plan's reminders follow its own zone
	line, boss := ob.Timeline(d.view.Settings.Weekends).Named(o.Named), d.view.Supervisor(unit)
	come := func(day calendar.Date) bool { return day != 0 && day <= today }
	late := d.view.Late(o)
	d.occurrences[o.ID] = o
	// Each hears of it when it has not had today's notice; the other does not wait.
	if come(tellsNext(d.view, ob, line, o)) {
		kind := kindNow(o, late, today)
		told, err := d.tellUnit(o, kind, today)
		if err != nil {
			return err
		}
		if told {
			if partnersHear(kind, o, o.ToldThrough) {
				d.forPartners = append(d.forPartners, o)
			}
			o.ToldThrough, o.Started = today, 0
		}
	}
	if boss != nil && late && o.Started == 0 && come(line.SupervisorAfter(o.Due, o.SupervisorTold)) { // never before the unit
		busy, err := d.hasHadOne("supervisor", boss.ID)
		if err != nil {
			return err
		}
		if !busy {
			d.supervisors[boss.ID] = append(d.supervisors[boss.ID], d.item(o, string(rules.Escalation)))
			o.SupervisorTold = today
		}
	}
	o.NextReminder = d.view.NextReminder(ob, o)
	return d.tx.SaveReminder(o)
}

// tellUnit puts an occurrence into the unit's notice of the day, if there is one to
// come. That an event started it may be worth a notice of its own.
func (d *digest) tellUnit(o *ledger.Occurrence, kind rules.ReminderKind, today calendar.Date) (told bool, err error) {
	it := d.item(o, string(kind))
	atOnce := o.Started == today
	switch it.New = o.Started != 0; {
	case atOnce:
		if rested, err := startRested(d.tx, d.view, o); err != nil || !rested {
			return false, err
		}
	default:
		if busy, err := d.hasHadOne("unit", o.Unit); err != nil || busy {
			return false, err
		}
	}
	d.units[o.Unit] = append(d.units[o.Unit], it)
	return true, nil
}

// kindOf is what a notice to a unit is that carries these: one that has only what
// is new to it, and has time, is an assignment.
func kindOf(items []ledger.Item) ledger.NoticeKind {
	if slices.ContainsFunc(items, func(it ledger.Item) bool {
		return !it.New || it.Kind == string(rules.Overdue) || it.Kind == string(rules.DueToday)
	}) {
		return ledger.Reminder
	}
	return ledger.Assignment
}

// kindNow is the one kind of reminder that is true of an open occurrence.
func kindNow(o *ledger.Occurrence, late bool, today calendar.Date) rules.ReminderKind {
	switch {
	case late:
		return rules.Overdue
	case o.Due <= today: // until the day that the rule names is over
		return rules.DueToday
	}
	return rules.Upcoming
}

func (d *digest) item(o *ledger.Occurrence, kind string) ledger.Item {
	return ledger.Item{Kind: kind, Plan: o.Plan, Obligation: o.Obligation, Occurrence: o.ID}
}

// hasHadOne tells whether the unit has had today's notice already.
func (d *digest) hasHadOne(role, unit string) (bool, error) {
	err := d.askBusy(role, []string{unit})
	return d.busy[[2]string{role, unit}], err
}

// askBusy asks at once which of these have had today's notice, of those of whom it is not
// known yet.
func (d *digest) askBusy(role string, units []string) error {
	var ask []string
	for _, unit := range units {
		key := [2]string{role, unit}
		if _, known := d.busy[key]; !known {
			d.busy[key] = false
			ask = append(ask, unit)
		}
	}
	kinds := []ledger.NoticeKind{ledger.Assignment, ledger.Reminder}
	if role == "supervisor" {
		kinds = []ledger.NoticeKind{ledger.Escalation}
	}
	busy, err := d.tx.HaveNotice(d.tx.Context(), ask, d.today, d.view.Now, kinds...)
	for unit := range busy {
		d.busy[[2]string{role, unit}] = true
	}
	return err
}

// assign tells a unit of its duties. It covers every reminder up to the day it
// leaves.
func (d *digest) assign(unit string, duties []ledger.Item) error {
	day := d.view.leaves()
	told := map[[2]string]bool{}
	for _, it := range duties {
		told[[2]string{it.Plan, it.Obligation}] = true
	}
	open, err := ledger.AllOccurrences(d.tx.Context(), d.tx, ledger.Query{Unit: unit, States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		return err
	}
	for _, o := range open {
		if told[[2]string{o.Plan, o.Obligation}] {
			if err := d.coveredBy(o); err != nil {
				return err
			}
		}
	}
	d.busy[[2]string{"unit", unit}] = day == d.today
	d.add(ledger.Assignment, unit, day, duties)
	return nil
}

// coveredBy writes that the unit has no need to be reminded of o up to the day on
// which it is told of the duty.
func (d *digest) coveredBy(o *ledger.Occurrence) error {
	ob := d.view.Obligation(o)
	if ob == nil || !o.PausedOn.IsZero() {
		return nil
	}
	leaves := ob.Plan.Day(d.view.Opens())
	if next := ob.Timeline(d.view.Settings.Weekends).UnitAfter(o.Due, o.ToldThrough); next == 0 || next > leaves {
		return nil
	}
	o.ToldThrough = leaves
	o.NextReminder = d.view.NextReminder(ob, o)
	return d.tx.SaveReminder(o)
}

// chunk splits a sorted list into runs of equals.
func chunk[T any](list []T, same func(a, b T) bool) [][]T {
	var out [][]T
	for i, v := range list {
		if i == 0 || !same(list[i-1], v) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], v)
	}
	return out
}

// add prepares a notice; commit writes it. What is to be held goes into one of
// its own, so that the rest leaves.
func (d *digest) add(kind ledger.NoticeKind, unit string, day calendar.Date, items []ledger.Item) {
	held := func(it ledger.Item) bool {
		return d.withheld[it.Occurrence] || d.out.Absent && (it.Kind == string(rules.Overdue) || it.Kind == string(rules.Escalation))
	}
	leaves, waits := items, []ledger.Item(nil)
	if slices.ContainsFunc(items, held) {
		leaves = nil
		for _, it := range items {
			if held(it) {
				waits = append(waits, it)
			} else {
				leaves = append(leaves, it)
			}
		}
	}
	if len(leaves) > 0 {
		d.prepare(kind, unit, day, leaves, ledger.Pending)
	}
	if len(waits) > 0 {
		d.prepare(kind, unit, day, waits, ledger.Held)
	}
}

func (d *digest) prepare(kind ledger.NoticeKind, unit string, day calendar.Date, items []ledger.Item, state ledger.MailState) {
	n := &ledger.Notice{
		Kind: kind, Unit: unit, Day: day, State: state, Created: d.view.Now,
		NextTry: d.view.Now, GiveUp: d.view.GiveUp(), Items: items,
	}
	// The journal's head sets it apart from one of the same day that a wrong clock made.
	parts := []string{string(kind), unit, day.String(), strconv.FormatInt(d.head, 10)}
	for _, it := range items {
		if o := d.occurrences[it.Occurrence]; o != nil {
			parts = append(parts, o.FullKey())
		} else {
			parts = append(parts, it.Plan+":"+it.Obligation)
		}
	}
	n.MessageID = notify.MessageID(d.view.Settings.From.ASCIIHost(), parts...)
	d.out.Made = append(d.out.Made, byEach(d.view, n)...)
	d.made++
}

// unsent are the earlier notices that no server has seen yet, of the kinds and units of
// which there is one now.
type unsent map[ledger.NoticeKind]map[string][]*ledger.Notice

// isCarried tells whether notices of that kind are carried on by the next one.
func isCarried(n *ledger.Notice) bool {
	return (n.Kind == ledger.Reminder || n.Kind == ledger.Escalation) && n.State == ledger.Pending
}

func (d *digest) unsent() (unsent, error) {
	out, units := unsent{}, map[ledger.NoticeKind][]string{}
	for _, n := range d.out.Made {
		if isCarried(n) {
			units[n.Kind] = append(units[n.Kind], n.Unit)
		}
	}
	for kind, of := range units {
		slices.Sort(of)
		found, err := d.tx.Unsent(d.tx.Context(), kind, slices.Compact(of)...)
		if err != nil {
			return nil, err
		}
		out[kind] = map[string][]*ledger.Notice{}
		for _, n := range found {
			out[kind][n.Unit] = append(out[kind][n.Unit], n)
		}
	}
	return out, nil
}

// takeOver moves the reminders of earlier notices into n, so that nobody gets a week's
// worth at once when a mail server is back.
func (d *digest) takeOver(n *ledger.Notice, earlier []*ledger.Notice) error {
	for _, was := range earlier {
		for _, it := range was.Items {
			if !slices.ContainsFunc(n.Items, func(have ledger.Item) bool {
				return have.Occurrence == it.Occurrence && have.Plan == it.Plan && have.Obligation == it.Obligation
			}) {
				n.Items = append(n.Items, it)
			}
		}
		e := d.view.Entry(ByDaemon)
		e.Reason = "its reminders are in a newer notice"
		if err := d.tx.MoveNotice(was, ledger.Dropped, time.Time{}, time.Time{}, e); err != nil {
			return err
		}
	}
	return nil
}

// commit writes the notices. More than the limit at once is a flood: all are
// held until a person has looked.
func (d *digest) commit() error {
	limit := d.view.Settings.MaxNoticesPerTick
	d.out.Flood = limit > 0 && d.made > limit
	if err := d.put(); err != nil {
		return err
	}
	for _, n := range d.out.Made {
		if n.State == ledger.Held {
			d.out.Held++
		}
	}
	switch {
	case d.out.Flood:
		return d.tellOfHolding("held", d.out.Held, limit)
	case d.out.Absent && d.out.Held > 0:
		return d.tellOfHolding("absent", d.out.Held)
	}
	return nil
}

// put puts the notices into the outbox, many at once; those before one that takes over
// come first.
func (d *digest) put() error {
	unsent, err := d.unsent()
	if err != nil {
		return err
	}
	t := teller{d.view, d.tx, d.occurrences, duties{}}
	ready := d.out.Made[:0:0]
	write := func() error {
		err := d.tx.AddNotices(ready, d.view.Entry(ByDaemon))
		ready = ready[:0]
		return err
	}
	for _, n := range d.out.Made {
		if isCarried(n) {
			earlier := slices.DeleteFunc(slices.Clone(unsent[n.Kind][n.Unit]), func(was *ledger.Notice) bool { return was.Channel != n.Channel })
			if len(earlier) > 0 {
				if err := write(); err != nil {
					return err
				}
			}
			if err := d.takeOver(n, earlier); err != nil {
				return err
			}
		}
		said, err := t.notice(d.tx.Context(), n)
		if err != nil {
			return err
		}
		n.Subject = said.Subject()
		if d.out.Flood {
			n.State = ledger.Held
		}
		ready = append(ready, n)
	}
	return write()
}

// tellOfHolding tells the administrators why notices are held; not again today.
func (d *digest) tellOfHolding(why string, numbers ...any) error {
	if err := TellAdmins(d.tx, d.view, d.view.Text(why), d.view.Text(why+" text", numbers...)); err != nil {
		return err
	}
	return d.tx.SetFact(factHeldTold, d.today.String())
}
