package delivery

import (
	"errors"
	"math/rand/v2"
	"time"

	"duban/ledger"
	"duban/notify"
)

// judge turns a result into the notice's next state, and tells the breaker.
func (r *round) judge(res result, now time.Time) ledger.Settled {
	n := *res.Notice
	n.Recipients = append([]ledger.Recipient(nil), n.Recipients...)
	s := ledger.Settled{Notice: &n}
	s.Outcome, s.Detail = judge(&n, res.outcome, now)
	for i, rc := range n.Recipients {
		if rc.State == ledger.Failed && res.Recipients[i].State != ledger.Failed {
			s.Refused = append(s.Refused, rc)
		}
	}
	if len(n.Recipients) == 0 && n.State == ledger.Failed {
		s.Refused = append(s.Refused, ledger.Recipient{Error: n.Error})
	}
	switch {
	case isUnsendable(res.outcome.Err): // no server was asked
	case !notify.IsDown(res.outcome.Err):
		r.lane.breaker.reset()
	case n.State == ledger.Pending:
		n.NextTry = r.lane.breaker.trip(now, notify.WaitOf(res.outcome.Err))
		if res.first && !n.MayHave {
			n.Language = "" // nothing was said about it: it has not been tried
		}
		if r.lane.holds(res.outcome.Err) {
			n.State, n.NextTry = ledger.Held, time.Time{}
		}
	default:
		r.lane.breaker.trip(now, notify.WaitOf(res.outcome.Err))
	}
	return s
}

// judge turns an outcome into the notice's next state.
func judge(n *ledger.Notice, out notify.Outcome, now time.Time) (outcome, detail string) {
	n.Error, n.NextTry = "", time.Time{}
	temporary := judgeEach(n, out)
	n.MayHave = n.MayHave || out.Unknown
	if temporary != nil && now.Before(n.GiveUp) {
		n.State, n.Error = ledger.Pending, temporary.Error()
		n.NextTry = now.Add(backoff(n.Attempts))
		n.MayHave = n.MayHave || someGot(n)
		return "retry", n.Error
	}
	giveUp(n)
	switch {
	case someGot(n) && n.Error == "":
		n.State, n.SentAt = ledger.Sent, now
		return "sent", out.Reply
	case someGot(n):
		n.State, n.SentAt = ledger.Sent, now
		return "partly sent", n.Error
	}
	n.State = ledger.Failed
	if n.Error == "" && out.Err != nil {
		n.Error = out.Err.Error()
	}
	return "failed", n.Error
}

// judgeEach notes what became of the recipients that still waited; temporary is why
// one of them may yet get it.
func judgeEach(n *ledger.Notice, out notify.Outcome) (temporary error) {
	for i := range n.Recipients {
		rc := &n.Recipients[i]
		if rc.State != ledger.Pending {
			continue
		}
		err := out.Err
		if err == nil {
			err = out.Refused[rc.Address]
		}
		switch {
		case err == nil:
			rc.State, rc.Error = ledger.Sent, ""
		case isUnsendable(err) || notify.IsRefused(err):
			rc.State, rc.Error = ledger.Failed, err.Error()
		default:
			temporary, rc.Error = err, err.Error()
		}
	}
	return temporary
}

// giveUp fails the recipients that still wait, and says of a failure whose it is.
func giveUp(n *ledger.Notice) {
	for i := range n.Recipients {
		rc := &n.Recipients[i]
		if rc.State == ledger.Pending {
			rc.State = ledger.Failed
			rc.Error += " (given up after three days)"
		}
		if rc.State == ledger.Failed {
			n.Error = rc.Address + ": " + rc.Error
		}
	}
}

func isUnsendable(err error) bool {
	var u *unsendable
	return errors.As(err, &u)
}

func someGot(n *ledger.Notice) bool {
	for _, rc := range n.Recipients {
		if rc.State == ledger.Sent {
			return true
		}
	}
	return false
}

// backoff is how long to wait after that many attempts: from a minute,
// doubling, to four hours, give or take a fifth.
func backoff(attempts int) time.Duration {
	d := time.Minute << min(max(attempts-1, 0), 8)
	return jitter(min(d, 4*time.Hour))
}

func jitter(d time.Duration) time.Duration {
	return d*4/5 + rand.N(d*2/5)
}
