package figures

import (
	"context"
	"fmt"

	"duban/ledger"
	"duban/notify"
	"duban/rules/catalogue"
	"duban/rules/sheet"
	"duban/scheduler/engine"
)

// Say is the bulletin of some months in a language: what engine.Bulletins asks for.
func Say(ctx context.Context, r ledger.Reader, v engine.View, m engine.Months, language string) (*notify.Bulletin, error) {
	b, err := NewBulletin(ctx, r, v, m)
	if err != nil {
		return nil, err
	}
	return b.In(v, language), nil
}

// paper puts a bulletin into the words of a language.
type paper struct {
	*Bulletin
	view engine.View
	w    *catalogue.Words
}

// In is the bulletin in a language.
func (b *Bulletin) In(v engine.View, language string) *notify.Bulletin {
	p := paper{b, v, catalogue.In(language)}
	out := &notify.Bulletin{
		Title: engine.BulletinTitle(b.Months, language), AsOf: p.w.Say("As of %s", b.AsOf),
		File: "duban-bulletin-" + b.Months.From,
	}
	if b.Months.From != b.Months.To {
		out.File += "-" + b.Months.To
	}
	out.Parts = []notify.BulletinPart{p.overall(), p.months(), p.overdue(), p.ranking(), p.moved()}
	for i := range out.Parts {
		out.Parts[i].Heading = p.w.Say(fmt.Sprint("chapter ", i+1)) + out.Parts[i].Heading
		if t := out.Parts[i].Table; t != nil && len(t.Rows) == 0 {
			out.Parts[i].Table = nil
		}
	}
	return out
}

func (p paper) heads(widthsAndKeys ...any) (out []sheet.Head) {
	for i := 0; i+1 < len(widthsAndKeys); i += 2 {
		out = append(out, sheet.Head{Text: p.w.Say(widthsAndKeys[i+1].(string)), Width: float64(widthsAndKeys[i].(int))})
	}
	return out
}

func rateOf(f *float64) any {
	if f == nil {
		return ""
	}
	return sheet.Percent(*f)
}

// change is by how much a rate rose, as people say it.
func (p paper) change(s *Standing) string {
	tenths, ok := s.Change()
	points := fmt.Sprintf("%d.%d", max(tenths, -tenths)/10, max(tenths, -tenths)%10)
	switch {
	case !ok:
		return ""
	case tenths > 0:
		return p.w.Say("up %s", points)
	case tenths < 0:
		return p.w.Say("down %s", points)
	}
	return p.w.Say("the same")
}

func (p paper) overall() notify.BulletinPart {
	t := &p.Total
	rate := Percent(t.Rate)
	if rate == "" {
		rate = "–"
	}
	text := p.w.Say("%s: %d units, %d periods were due; on time %d, late %d, overdue %d, open %d, waived %d. On-time rate %s.",
		p.w.Period(p.Months.From), len(p.Units), t.Due, t.OnTime, t.Late, t.Overdue, t.Open, t.Waived, rate)
	if p.Months.From != p.Months.To {
		text = p.w.Say("%s to %s: %d units, %d periods were due; on time %d, late %d, overdue %d, open %d, waived %d. On-time rate %s.",
			p.w.Period(p.Months.From), p.w.Period(p.Months.To), len(p.Units), t.Due, t.OnTime, t.Late, t.Overdue, t.Open, t.Waived, rate)
	}
	lines := []string{text}
	if change := p.change(t); change != "" {
		lines = append(lines, p.w.Say("The months before (%s to %s): %s; percentage points: %s.", p.w.Period(p.Before.From), p.w.Period(p.Before.To), Percent(t.Before), change))
	}
	lines = append(lines, p.w.Say("%d units were always on time.", p.Perfect))
	n, units := 0, map[string]bool{}
	for _, o := range p.Overdue {
		n += o.Periods
		units[o.Unit] = true
	}
	late := p.w.Say("Overdue now: %d items, %d periods, of %d units.", len(p.Overdue), n, len(units))
	if n == 0 {
		late = p.w.Say("Nothing is overdue.")
	}
	if p.Tracked > 0 {
		late += p.w.Say(" Besides, %d periods of what is only tracked.", p.Tracked)
	}
	return notify.BulletinPart{Heading: p.w.Say("Overall"), Text: append(lines, late)}
}

func (p paper) months() notify.BulletinPart {
	t := &sheet.Table{Name: p.w.Say("On time by month"), Heads: p.heads(14, "Month", 12, "On-time rate", 10, "Were due", 10, "On time", 10, "Late", 10, "Overdue")}
	for _, m := range p.ByMonth {
		t.Rows = append(t.Rows, []any{p.w.Period(m.Month), rateOf(m.Rate), m.Due, m.OnTime, m.Late, m.Overdue})
	}
	return notify.BulletinPart{Heading: t.Name, Table: t, Bars: 2}
}

func (p paper) unitName(id, name string) string {
	if u := p.view.Rules.Unit(id); u != nil {
		return u.DisplayName(p.language())
	}
	return name
}

func (p paper) language() string {
	if p.w.Chinese() {
		return catalogue.Chinese
	}
	return catalogue.English
}

func (p paper) title(zh, en string) string {
	if p.w.Chinese() || en == "" {
		return zh
	}
	return en
}

func (p paper) overdue() notify.BulletinPart {
	t := &sheet.Table{Name: p.w.Say("Overdue items"), Heads: p.heads(6, "No.", 8, "Ref", 44, "Item", 24, "Unit", 16, "Period", 14, "Earliest due date", 14, "Working days late")}
	for i, o := range p.Overdue {
		period := p.w.Period(o.Period)
		if o.Periods > 1 {
			period = p.w.Say("%d periods", o.Periods)
		}
		t.Rows = append(t.Rows, []any{i + 1, o.Ref, p.title(o.Title, o.TitleEn), p.unitName(o.Unit, o.UnitName), period, o.Since, o.Days})
	}
	part := notify.BulletinPart{Heading: t.Name, Table: t}
	if len(t.Rows) == 0 {
		part.Text = []string{p.w.Say("Nothing is overdue.")}
	}
	return part
}

func (p paper) ranking() notify.BulletinPart {
	t := &sheet.Table{Name: p.w.Say("On time by unit"), Heads: p.heads(6, "Rank", 26, "Unit", 12, "On-time rate", 16, "Change in points", 10, "Were due", 10, "On time", 10, "Late", 10, "Overdue", 10, "Open", 10, "Waived")}
	for i := range p.Units {
		u := &p.Units[i]
		var rank any = ""
		if u.Rank > 0 {
			rank = u.Rank
		}
		t.Rows = append(t.Rows, []any{rank, p.unitName(u.Unit, u.UnitName), rateOf(u.Rate), p.change(u), u.Due, u.OnTime, u.Late, u.Overdue, u.Open, u.Waived})
	}
	part := notify.BulletinPart{Heading: t.Name, Table: t, Bars: 3}
	if len(t.Rows) == 0 {
		part.Text = []string{p.w.Say("Nothing was due.")}
	}
	return part
}

func (p paper) moved() notify.BulletinPart {
	t := &sheet.Table{Name: p.w.Say("Extensions and transfers"), Heads: p.heads(10, "What", 24, "Unit", 44, "Item", 14, "Period", 14, "First due", 14, "Due", 16, "Standing", 30, "Reason")}
	add := func(what string, m Moved, unit string) {
		t.Rows = append(t.Rows, []any{p.w.Say(what), unit, p.title(m.Title, m.TitleEn), p.w.Period(m.Period), m.FirstDue, m.Due, p.w.Say("state " + string(m.State)), p.w.Reason(m.Reason)})
	}
	for _, m := range p.Extended {
		add("extended", m, p.unitName(m.Unit, m.UnitName))
	}
	for _, m := range p.Handed {
		add("transferred", m, p.unitName(m.Unit, m.UnitName)+" → "+p.unitName(m.To, m.ToName))
	}
	part := notify.BulletinPart{Heading: t.Name, Table: t, Text: []string{p.w.Say("%d were extended, %d were transferred.", len(p.Extended), len(p.Handed))}}
	if len(t.Rows) == 0 {
		part.Text = []string{p.w.Say("Nothing was extended or transferred.")}
	}
	return part
}
