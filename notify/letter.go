package notify

import (
	"fmt"
	"strings"

	"duban/rules/calendar"
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

var zhLetter = letterWords{
	subject: "%s：%s",
	acts:    map[Act]string{Review: "【待审】", Extension: "【延期】", Returned: "【退回】", Transfer: "【转办】"},
	asked:   map[string]string{"extension": "申请延期", "not-ours": "认为事项不属本单位"},
	granted: map[string]string{"extension": "延期申请已批准", "not-ours": "已确认事项不属贵单位"},
	refused: map[string]string{"extension": "延期申请未获批准", "not-ours": "事项仍由贵单位承担"},

	reported: "已报告办结，请审核", returned: "报告被退回",
	opening: map[string]string{
		"asked": "%s提出申请，请审核。", "reported": "%s报告以下事项已办结，请审核。",
		"returned": "以下事项的办结报告被退回，请补充后重新报告。", "answered": "贵单位的申请已有答复。",
	},
	item: "事项", id: "编号", due: "截止日", request: "申请", until: "申请延至", by: "经办", reason: "理由", note: "说明", evidence: "链接", answer: "结果",
	decideThere: "请打开以下链接审核：", reportThere: "请打开以下链接重新报告：",
}

var enLetter = letterWords{
	subject: "%s: %s",
	acts:    map[Act]string{Review: "[To decide] ", Extension: "[Extension] ", Returned: "[Returned] ", Transfer: "[Transfer] "},
	asked:   map[string]string{"extension": "asks for an extension", "not-ours": "says that an item is not theirs"},
	granted: map[string]string{"extension": "the extension is granted", "not-ours": "the item is not yours"},
	refused: map[string]string{"extension": "the extension is refused", "not-ours": "the item stays with you"},

	reported: "reported as done, please decide", returned: "a report is returned",
	opening: map[string]string{
		"asked": "%s has a request. Please decide.", "reported": "%s reports the following as done. Please decide.",
		"returned": "The report on the following is returned. Please complete it and report again.", "answered": "Your request is answered.",
	},
	item: "Item", id: "Id", due: "Due", request: "Request", until: "Until", by: "By", reason: "Reason", note: "Note", evidence: "Link", answer: "Decision",
	decideThere: "Decide here:", reportThere: "Report here:",
}

func (w *words) letter() *letterWords {
	if w.zh() {
		return &zhLetter
	}
	return &enLetter
}

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
