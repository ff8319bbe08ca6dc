package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// tally is what the charts are drawn from.
type tally struct {
	onTime, judged map[int]int // by month
}

func newTally() *tally { return &tally{map[int]int{}, map[int]int{}} }

// add takes one that goes on, count those that have ended.
func (c *tally) add(v engine.View, b *ledger.Brief, light rules.Light) {
	o := b.Occurrence()
	late := v.Late(&o)
	m := monthOf(b.Due)
	switch {
	case light == rules.Red && b.State == ledger.StateOpen:
		c.judged[m]++
	case b.State == ledger.StateOpen:
	case late:
		c.judged[m]++
	default:
		c.judged[m]++
		c.onTime[m]++
	}
}

func (c *tally) count(e ledger.Ended) {
	if e.State != ledger.StateClosed {
		return
	}
	m := monthOf(e.Due)
	c.judged[m] += e.N
	if !e.Late {
		c.onTime[m] += e.N
	}
}

// months are all that were judged.
func (c *tally) months() (out []judged) {
	for m, n := range c.judged {
		out = append(out, judged{m, n, c.onTime[m]})
	}
	return out
}

// move has what was transferred after its due date count for who had it then, not for
// who has it.
func (c *tally) move(v engine.View, passed []figures.Passed, mine func(unit string) bool) {
	for _, p := range passed {
		n := 0
		switch has, had := mine(p.Unit), mine(p.Had); {
		case has && !had:
			n = -1
		case had && !has:
			n = 1
		}
		late := v.Late(p.Occurrence)
		if p.State == ledger.StateWaived || p.State == ledger.StateOpen && !late {
			continue
		}
		m := monthOf(p.Due)
		if c.judged[m] += n; !late {
			c.onTime[m] += n
		}
	}
}

// chartMonths is the first day that a chart shows, and its last month.
func chartMonths(now time.Time) (first calendar.Date, last int) {
	last = monthOf(calendar.DayOf(now))
	m := last - gridMonths + 1
	return calendar.DateOf(m/12, time.Month(m%12+1), 1), last
}

// draw shows how many were on time, by month.
func (c *tally) draw(now time.Time, w *words) template.HTML {
	_, last := chartMonths(now)
	var months []bar
	for m := last - gridMonths + 1; m <= last; m++ {
		b := bar{label: w.month(monthName(m)), text: "–"}
		if n := c.judged[m]; n > 0 {
			b.value = float64(c.onTime[m]) / float64(n)
			b.text = fmt.Sprintf("%.0f%%", b.value*100)
			b.title = b.label + w.t(": ") + b.text + w.t(" (%s)", fmt.Sprintf("%d/%d", c.onTime[m], n))
		}
		months = append(months, b)
	}
	if len(c.judged) == 0 {
		return ""
	}
	return columns(w, w.t("On time by month"), months)
}

// bar is one bar of a chart; value is its length, 0 to 1.
type bar struct {
	label string
	value float64
	text  string
	title string
}

// columns draws standing bars as SVG 1.1; classes give the colours.
func columns(w *words, title string, bars []bar) template.HTML {
	const width, height, step = 600, 170, 50
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, describe(w, title, bars))
	for i, one := range bars {
		x, h := float64(i*step+6), one.value*110
		fmt.Fprintf(&b, `<g><title>%s</title><rect class="bar-back" x="%.0f" y="24" width="38" height="110"/><rect class="bar" x="%.0f" y="%.1f" width="38" height="%.1f"/>`,
			template.HTMLEscapeString(one.title), x, x, 134-h, h)
		fmt.Fprintf(&b, `<text x="%.0f" y="16" text-anchor="middle">%s</text><text x="%.0f" y="154" text-anchor="middle">%s</text></g>`,
			x+19, template.HTMLEscapeString(one.text), x+19, template.HTMLEscapeString(one.label))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// describe says in words what a chart shows.
func describe(w *words, title string, bars []bar) string {
	parts := make([]string, len(bars))
	for i, b := range bars {
		parts[i] = b.label + " " + b.text
	}
	return template.HTMLEscapeString(title + w.t(": ") + strings.Join(parts, w.t(", ")))
}
