package web

import (
	"net/http"
	"strconv"

	"duban/ledger"
	"duban/notify"
)

// mailStates in the order of the filter.
var mailStates = []ledger.MailState{ledger.Pending, ledger.Sending, ledger.Sent, ledger.Failed, ledger.Held, ledger.Dropped}

// outboxPage lists notices, the newest first.
type outboxPage struct {
	State   ledger.MailState
	States  []ledger.MailState
	Notices []*ledger.Notice
	Next    string
	Waits   []channelWaits // where there is more than mail
	Hooks   bool           // there are webhooks
}

// channelWaits is how a channel stands.
type channelWaits struct {
	Name                  string
	Waiting, Held, Failed int
	LeftAlone             bool // its other side is not asked at present
}

func (s *office) channelsWait(r *http.Request) (out []channelWaits, err error) {
	lanes := s.lanes()
	if len(lanes) == 1 {
		return nil, nil
	}
	counts, err := s.ledger.ChannelCounts(r.Context())
	for _, lane := range lanes {
		of := counts[lane.Name()]
		out = append(out, channelWaits{lane.Name(), of[ledger.Pending] + of[ledger.Sending], of[ledger.Held], of[ledger.Failed], lane.LeftAlone(s.view().Now)})
	}
	return out, err
}

func (s *office) outbox(w http.ResponseWriter, r *http.Request) (err error) {
	p := outboxPage{State: ledger.MailState(r.URL.Query().Get("state")), States: mailStates, Hooks: len(s.hooks) > 0}
	before := int64(number(r.URL.Query().Get("before")))
	if p.Notices, err = s.ledger.Notices(r.Context(), ledger.NoticeQuery{State: p.State, Before: before, Newest: true, Limit: listRows}); err != nil {
		return err
	}
	if p.Waits, err = s.channelsWait(r); err != nil {
		return err
	}
	for _, n := range p.Notices {
		s.inZone(n)
	}
	if len(p.Notices) == listRows {
		p.Next = "/outbox?state=" + string(p.State) + "&before=" + strconv.FormatInt(p.Notices[listRows-1].ID, 10)
	}
	return s.frame.show(w, r, http.StatusOK, "outbox", p)
}

func (s *office) inZone(n *ledger.Notice) {
	n.Created, n.SentAt, n.NextTry = n.Created.In(s.view().Settings.Timezone), n.SentAt.In(s.view().Settings.Timezone), n.NextTry.In(s.view().Settings.Timezone)
}

// noticePage is one notice with its whole story.
type noticePage struct {
	*ledger.Notice
	Body     string
	Tries    []ledger.Attempt
	Carries  []*ledger.Occurrence
	MayRetry bool
	MayDrop  bool
}

func (s *office) notice(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	n, err := s.ledger.Notice(r.Context(), id)
	if err != nil {
		return err
	}
	p := noticePage{Notice: n}
	if p.Tries, err = s.ledger.Attempts(r.Context(), id); err != nil {
		return err
	}
	for i := range p.Tries {
		p.Tries[i].At = p.Tries[i].At.In(s.view().Settings.Timezone)
	}
	raw, err := s.mail(r.Context(), n)
	if err != nil {
		return err
	}
	if p.Body, err = bodyOf(n, raw); err != nil {
		return err
	}
	p.Body = CutLinks(p.Body) // links are the unit's, not the reader's
	for _, it := range n.Items {
		if it.Occurrence == 0 {
			continue
		}
		o, err := s.ledger.Occurrence(r.Context(), it.Occurrence)
		if err != nil {
			return err
		}
		p.Carries = append(p.Carries, o)
	}
	p.MayRetry = n.State == ledger.Failed || n.State == ledger.Pending || n.State == ledger.Dropped
	p.MayDrop = n.State == ledger.Pending || n.State == ledger.Held || n.State == ledger.Failed
	s.inZone(n)
	return s.frame.show(w, r, http.StatusOK, "notice", p)
}

// bodyOf is what people read of a notice's bytes.
func bodyOf(n *ledger.Notice, raw []byte) (string, error) {
	switch {
	case raw == nil:
		return "", nil
	case n.Channel == ledger.ByMail:
		return notify.ReadText(raw)
	}
	short, err := notify.ReadShort(raw)
	return short.Whole(), err
}

func (s *office) moveNotice(w http.ResponseWriter, r *http.Request) (err error) {
	by, next := user(r).Name, "/outbox/"+r.PathValue("id")
	if r.PathValue("id") == "held" && r.PathValue("what") == "release" {
		_, err = s.desk.ReleaseHeld(r.Context(), nil, by)
		return s.frame.done(w, r, err, "Released.", "/outbox")
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	switch r.PathValue("what") {
	case "retry":
		err = s.desk.MoveNotice(r.Context(), id, ledger.Pending, by, ledger.Failed, ledger.Pending, ledger.Dropped)
	case "drop":
		err = s.desk.MoveNotice(r.Context(), id, ledger.Dropped, by, ledger.Pending, ledger.Held, ledger.Failed)
	case "release":
		_, err = s.desk.ReleaseHeld(r.Context(), []int64{id}, by)
	default:
		err = errNotFound
	}
	return s.frame.done(w, r, err, "Saved.", next)
}
