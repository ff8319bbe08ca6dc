package notify

import (
	"fmt"
	"slices"
	"strings"

	"duban/rules/calendar"
	"duban/rules/catalogue"
)

// Act is what a letter (函) is about: its subject begins with it.
type Act string

// The acts.
const (
	Review    Act = "review"    // 待审: a report or a request waits for a decision
	Extension Act = "extension" // 延期: the answer to a request for one, or one that nobody asked for
	Returned  Act = "returned"  // 退回: a report is not enough
	Transfer  Act = "transfer"  // 转办: an item goes to another unit, or stays with one that says it is not its own
	Urge      Act = "urge"      // 催办: open items are to be done
	Withdrawn Act = "withdrawn" // 撤回: the event that started an item did not count
	Retracted Act = "retracted" // 撤回: a unit takes its report back
	Waived    Act = "waived"    // 豁免: an item need not be done
	NewLink   Act = "link"      // 链接: a unit asked for another, having lost its own
)

// Letter is what a letter says.
type Letter struct {
	Act      Act
	Request  string // what was asked: "extension" or "not-ours"; empty: it is about a report
	Granted  bool   // an answer: the request was granted
	Owner    string // the unit that owes the item, by name
	Item     string // its title
	ID       string // OBLIGATION/UNIT/PERIOD
	Due      calendar.Date
	Until    calendar.Date // asked for
	From, To string        // a transfer: the unit that had it, or that has it; an item that is not ours: whose it is said to be
	Each     []*Letter     // what it says of each item, where there are several; else none
	Fell     bool          // a transfer: the extension that was asked for needs no answer any more
	Items    []Item        // that are urged
	Said     []Quote       // what was said with that
	By       string        // who decided
	Reason   string
	Note     string
	Evidence string
	Link     string // where to act; empty: no page
	Desk     string // a new link: where a supervisor decides; empty: it supervises nobody
}

// Quote is what somebody said.
type Quote struct{ By, Text string }

// letterWords are a language's words for letters.
type letterWords struct {
	subject                                                    string            // whom it concerns, what
	several                                                    map[string]string // what, by kind, of several items
	fell, open                                                 string
	acts                                                       map[Act]string
	asked                                                      map[string]string // by request
	granted, refused                                           map[string]string
	reported, returned, retracted, extended, withdrawn, waived string
	newLink, desk                                              string
	handed, received, urged                                    string
	to, from                                                   string
	opening                                                    map[string]string // by what it is: "asked", "reported", "returned", "answered"
	item, id, due, request, until, by, reason, note, evidence  string
	answer                                                     string
	decideThere, reportThere, seeThere                         string
}

func newLetterWords(language string) *letterWords {
	say := func(key string) string { return catalogue.In(language).Say("letter: " + key) }
	w := &letterWords{
		subject:     say("subject"),
		reported:    say("reported"),
		returned:    say("returned"),
		retracted:   say("retracted"),
		withdrawn:   say("withdrawn"),
		waived:      say("waived"),
		extended:    say("extended"),
		handed:      say("handed"),
		received:    say("received"),
		urged:       say("urged"),
		newLink:     say("new link"),
		desk:        say("desk"),
		to:          say("to"),
		from:        say("from"),
		seeThere:    say("see there"),
		item:        say("item"),
		id:          say("id"),
		due:         say("due"),
		request:     say("request"),
		until:       say("until"),
		by:          say("by"),
		reason:      say("reason"),
		note:        say("note"),
		evidence:    say("evidence"),
		answer:      say("answer"),
		decideThere: say("decide there"),
		reportThere: say("report there"),
		fell:        say("fell"), open: say("open"),
		acts: map[Act]string{}, several: map[string]string{}, asked: map[string]string{}, granted: map[string]string{}, refused: map[string]string{}, opening: map[string]string{},
	}
	for _, a := range []Act{Review, Extension, Returned, Transfer, Urge, Retracted, NewLink, Withdrawn, Waived} {
		w.acts[a] = say("acts " + string(a))
	}
	for _, request := range []string{"extension", "not-ours"} {
		w.asked[request], w.granted[request], w.refused[request] = say("asked "+request), say("granted "+request), say("refused "+request)
	}
	for _, kind := range []string{"reported", "returned", "extended", "withdrawn", "waived", "handed", "received"} {
		w.several[kind] = say("several " + kind)
	}
	for _, what := range []string{"asked", "reported", "returned", "answered", "retracted", "withdrawn", "waived", "extended", "handed", "received", "urged", "urged more", "link"} {
		w.opening[what] = say("opening " + what)
	}
	return w
}

func (w *words) letter() *letterWords { return w.letters }

// kind is what sort of letter it is: by that its words are known.
func (l *Letter) kind() string {
	switch {
	case l.Act == Urge:
		return "urged"
	case l.Act == NewLink:
		return "link"
	case l.Act == Returned:
		return "returned"
	case l.Act == Retracted:
		return "retracted"
	case l.Act == Withdrawn:
		return "withdrawn"
	case l.Act == Waived:
		return "waived"
	case l.Act == Review && l.Request == "":
		return "reported"
	case l.Act == Review:
		return "asked"
	case l.Request != "":
		return "answered"
	case l.Act == Extension:
		return "extended"
	case l.From != "":
		return "received"
	}
	return "handed"
}

// what says in a few words what a letter is about.
func (l *Letter) what(w *letterWords) string {
	if len(l.Each) > 0 {
		return fmt.Sprintf(w.several[l.kind()], len(l.Each))
	}
	switch l.kind() {
	case "link":
		return w.newLink
	case "urged":
		return fmt.Sprintf(w.urged, len(l.Items))
	case "returned":
		return w.returned
	case "retracted":
		return w.retracted
	case "withdrawn":
		return w.withdrawn
	case "waived":
		return w.waived
	case "reported":
		return w.reported
	case "asked":
		return w.asked[l.Request]
	case "extended":
		return w.extended
	case "received":
		return w.received
	case "handed":
		return w.handed
	}
	if l.Granted {
		return w.granted[l.Request]
	}
	return w.refused[l.Request]
}

// subject is that of a letter; unit is whom it goes to.
func (l *Letter) subject(w *words, unit string) string {
	lw := w.letter()
	whose := unit
	if l.Act == Review || l.Act == Retracted {
		whose = l.Owner
	}
	return lw.acts[l.Act] + fmt.Sprintf(lw.subject, whose, l.what(lw))
}

// Words are what a letter says to others than a unit: a title without its act,
// and the text.
func (l *Letter) Words(language, unit string) (title, text string) {
	w := wordsOf(language)
	return strings.TrimPrefix(l.subject(w, unit), w.letter().acts[l.Act]), l.text(w)
}

// text is all that a letter says.
func (l *Letter) text(w *words) string {
	lw := w.letter()
	kind := l.kind()
	var b strings.Builder
	if opening := lw.opening[kind]; strings.Contains(opening, "%s") {
		fmt.Fprintf(&b, opening, l.Owner)
	} else {
		b.WriteString(opening)
	}
	b.WriteString("\n\n")
	switch kind {
	case "urged":
		l.urged(&b, w)
	case "link":
		if l.Desk != "" {
			b.WriteString(lw.desk + "\n" + l.Desk + "\n")
		}
	default:
		if len(l.Each) == 0 {
			writeFacts(&b, w, "", l.facts(w, kind))
		} else {
			l.each(&b, w, kind)
		}
	}
	where := map[string]string{
		"returned": lw.reportThere, "reported": lw.decideThere, "asked": lw.decideThere,
		"retracted": lw.seeThere, "extended": lw.seeThere, "received": lw.seeThere, "urged": lw.seeThere, "link": lw.seeThere,
	}[kind]
	if l.Link != "" && where != "" {
		b.WriteString("\n" + where + "\n" + l.Link + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// fact is a line of a letter: what it is about an item.
type fact struct{ label, value string }

// facts are what a letter says of its item, one a line; the first is what it is.
func (l *Letter) facts(w *words, kind string) (out []fact) {
	lw := w.letter()
	line := func(label, value string) {
		if value != "" {
			out = append(out, fact{label, value})
		}
	}
	line(lw.item, l.Item)
	line(lw.id, l.ID)
	line(lw.due, l.Due.String())
	switch kind {
	case "asked":
		line(lw.request, lw.asked[l.Request])
		line(lw.until, l.Until.String())
	case "answered":
		line(lw.answer, l.what(lw))
	}
	if l.Fell {
		line(lw.request, lw.fell)
	}
	line(lw.from, l.From)
	line(lw.to, l.To)
	line(lw.evidence, l.Evidence)
	line(lw.note, l.Note)
	line(lw.reason, l.Reason)
	line(lw.by, l.By)
	return out
}

func writeFacts(b *strings.Builder, w *words, indent string, facts []fact) {
	for _, f := range facts {
		b.WriteString(indent + f.label + w.Colon + strings.ReplaceAll(f.value, "\n", "\n"+indent) + "\n")
	}
}

// ofEach is how many lines are each item's own even where all say the same.
const ofEach = 3

// each lists the items of a letter that has several, and then what is said of all.
func (l *Letter) each(b *strings.Builder, w *words, kind string) {
	all := make([][]fact, len(l.Each))
	for i, one := range l.Each {
		all[i] = one.facts(w, kind)
	}
	common := slices.DeleteFunc(slices.Clone(all[0][min(ofEach, len(all[0])):]), func(f fact) bool {
		return slices.ContainsFunc(all, func(facts []fact) bool { return !slices.Contains(facts, f) })
	})
	for i, one := range l.Each {
		fmt.Fprintf(b, "%d. %s\n", i+1, all[i][0].value)
		if i >= mostListed { // each is named; what more there is to say of it, its page says
			continue
		}
		writeFacts(b, w, "   ", slices.DeleteFunc(all[i][1:], func(f fact) bool { return slices.Contains(common, f) }))
		if one.Link != "" {
			b.WriteString("   " + w.letter().open + w.Colon + one.Link + "\n")
		}
		b.WriteString("\n")
	}
	writeFacts(b, w, "", common)
}

// mostListed is of how many items a letter says all.
const mostListed = 50

// urged lists what is to be done, and what was said with that.
func (l *Letter) urged(b *strings.Builder, w *words) {
	lw := w.letter()
	for i, it := range l.Items {
		if i == mostListed {
			fmt.Fprintf(b, lw.opening["urged more"]+"\n\n", len(l.Items)-i)
			break
		}
		fmt.Fprintf(b, "%d. %s\n   %s%s%s · %s · %s\n   %s%s%s · %s%s%s\n", i+1, it.Title,
			lw.due, w.Colon, w.dueText(it), w.left(it), w.lights[it.Light], w.Period, w.Colon, w.in.Period(it.Period), lw.id, w.Colon, it.ID)
		if it.Link != "" {
			fmt.Fprintf(b, "   %s%s%s\n", w.Report, w.Colon, it.Link)
		}
		b.WriteString("\n")
	}
	for _, q := range l.Said {
		if q.Text == "" {
			b.WriteString(lw.by + w.Colon + q.By + "\n")
		} else {
			b.WriteString(q.By + w.Colon + q.Text + "\n")
		}
	}
}
