package notify

import (
	"fmt"
	"strings"

	"duban/rules/calendar"
	"duban/rules/catalogue"
)

// Act is what a letter (函) is about: its subject begins with it.
type Act string

// The acts.
const (
	Review    Act = "review"    // 待审: a report or a request waits for a decision
	Extension Act = "extension" // 延期: the answer to a request for one
	Returned  Act = "returned"  // 退回: a report is not enough
	Transfer  Act = "transfer"  // 转办: the answer to a unit that says an item is not its own
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
	By       string        // who decided
	Reason   string
	Note     string
	Evidence string
	Link     string // where to act; empty: no page
}

// letterWords are a language's words for letters.
type letterWords struct {
	subject                                                   string // whom it concerns, what
	acts                                                      map[Act]string
	asked                                                     map[string]string // by request
	granted, refused                                          map[string]string
	reported, returned                                        string
	opening                                                   map[string]string // by what it is: "asked", "reported", "returned", "answered"
	item, id, due, request, until, by, reason, note, evidence string
	answer                                                    string
	decideThere, reportThere                                  string
}

func newLetterWords(language string) *letterWords {
	say := func(key string) string { return catalogue.In(language).Say("letter: " + key) }
	w := &letterWords{
		subject:     say("subject"),
		reported:    say("reported"),
		returned:    say("returned"),
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
		acts:        map[Act]string{}, asked: map[string]string{}, granted: map[string]string{}, refused: map[string]string{}, opening: map[string]string{},
	}
	for _, a := range []Act{Review, Extension, Returned, Transfer} {
		w.acts[a] = say("acts " + string(a))
	}
	for _, request := range []string{"extension", "not-ours"} {
		w.asked[request], w.granted[request], w.refused[request] = say("asked "+request), say("granted "+request), say("refused "+request)
	}
	for _, what := range []string{"asked", "reported", "returned", "answered"} {
		w.opening[what] = say("opening " + what)
	}
	return w
}

func (w *words) letter() *letterWords { return w.letters }

// what says in a few words what a letter is about.
func (l *Letter) what(w *letterWords) string {
	switch {
	case l.Act == Returned:
		return w.returned
	case l.Act == Review && l.Request == "":
		return w.reported
	case l.Act == Review:
		return w.asked[l.Request]
	case l.Granted:
		return w.granted[l.Request]
	}
	return w.refused[l.Request]
}

// subject is that of a letter; unit is whom it goes to.
func (l *Letter) subject(w *words, unit string) string {
	lw := w.letter()
	whose := unit
	if l.Act == Review {
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
	var b strings.Builder
	opening, where := "answered", ""
	switch {
	case l.Act == Returned:
		opening, where = "returned", lw.reportThere
	case l.Act == Review && l.Request == "":
		opening, where = "reported", lw.decideThere
	case l.Act == Review:
		opening, where = "asked", lw.decideThere
	}
	if l.Act == Review {
		fmt.Fprintf(&b, lw.opening[opening], l.Owner)
	} else {
		b.WriteString(lw.opening[opening])
	}
	b.WriteString("\n\n")
	line := func(label, value string) {
		if value != "" {
			b.WriteString(label + w.Colon + value + "\n")
		}
	}
	line(lw.item, l.Item)
	line(lw.id, l.ID)
	line(lw.due, l.Due.String())
	switch {
	case l.Act == Review && l.Request != "":
		line(lw.request, lw.asked[l.Request])
		if l.Until != 0 {
			line(lw.until, l.Until.String())
		}
	case opening == "answered":
		line(lw.answer, l.what(lw))
	}
	line(lw.evidence, l.Evidence)
	line(lw.note, l.Note)
	line(lw.reason, l.Reason)
	line(lw.by, l.By)
	if l.Link != "" && where != "" {
		b.WriteString("\n" + where + "\n" + l.Link + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}
