package delivery

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/scheduler/engine"
)

// job is a claimed notice on its way to a connection.
type job struct {
	*ledger.Notice
	first bool // it has not been tried: it goes to the addresses of now
	wrong error

	// What it was made of, to tell whether it is still true.
	at    time.Time
	seen  ledger.Mark
	asked time.Time // when others' changes were looked for
	rules *rules.Set
	said  *notify.Notice
}

// claim makes each notice true as of now, and durable before its first byte
// leaves; what has nothing true left is dropped, and what cannot be made into a
// mail fails by itself.
func (r *round) claim(ctx context.Context, due []*ledger.Notice, v engine.View) ([]*job, error) {
	jobs, err := r.compose(ctx, due, v)
	if err != nil {
		return nil, err
	}
	var ready []*job
	var failed []ledger.Settled
	lease := r.c.lease()
	before := make([]ledger.Notice, len(jobs)) // a transaction may be begun anew
	for i, j := range jobs {
		before[i] = *j.Notice
	}
	err = r.c.ledger.Update(ctx, func(tx ledger.Tx) error {
		ready, failed = ready[:0], failed[:0]
		var claims []*ledger.Notice
		for i, j := range jobs {
			j.State, j.Attempts = before[i].State, before[i].Attempts
			switch {
			case j.wrong != nil:
				j.Attempts++
				failed = append(failed, r.judge(result{job: j, outcome: notify.Outcome{Err: j.wrong}}, v.Now))
			case j.Body == nil:
				e := v.Entry(engine.ByDaemon)
				e.Reason = "nothing in it is true any more, or a newer notice says it"
				if err := tx.MoveNotice(j.Notice, ledger.Dropped, time.Time{}, time.Time{}, e); err != nil {
					return err
				}
			default:
				ready, claims = append(ready, j), append(claims, j.Notice)
			}
		}
		if len(failed) > 0 {
			if err := tx.Settle(failed, v.Entry(engine.ByDaemon)); err != nil {
				return err
			}
		}
		if len(claims) == 0 {
			return nil
		}
		return tx.Claim(claims, lease)
	})
	if err != nil {
		return nil, err
	}
	if r.c.shared {
		r.lane.hand.take(ready, lease)
	}
	for _, s := range failed {
		r.tell(s)
	}
	r.count(func(t *Tally) { t.Dropped += len(jobs) - len(ready) - len(failed) })
	return ready, nil
}

// compose makes the mails' bytes, on all processors.
func (r *round) compose(ctx context.Context, due []*ledger.Notice, v engine.View) ([]*job, error) {
	var ids []int64
	for _, n := range due {
		for _, it := range n.Items {
			if it.Occurrence != 0 {
				ids = append(ids, it.Occurrence)
			}
		}
	}
	seen, err := r.c.ledger.Mark(ctx)
	if err != nil {
		return nil, err
	}
	known, err := r.c.ledger.ByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	c := composer{v, r.c.ledger, r.lane.channel.Compose, known}
	jobs := make([]*job, len(due))
	g := new(errgroup.Group)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, n := range due {
		j := &job{Notice: n, first: n.Language == "" && !n.MayHave, at: v.Now, seen: seen, asked: v.Now, rules: v.Rules}
		jobs[i] = j
		g.Go(func() error { return r.makeTrue(ctx, c, j) })
	}
	return jobs, g.Wait()
}

// makeTrue gives a notice the addresses, the language and the words of its moment.
func (r *round) makeTrue(ctx context.Context, c composer, j *job) (err error) {
	n := j.Notice
	if j.first {
		if to := c.view.Recipients(n); !sameRecipients(n.Recipients, to) {
			n.Recipients, n.Readdress = kept(n.Recipients, to), true
		}
		n.Language = c.view.LanguageOf(n)
	}
	made := n.Subject
	n.Body, n.Subject, j.said, err = c.message(ctx, n)
	n.Resubject = n.Subject != made
	if isUnsendable(err) {
		j.wrong = err
		return nil
	}
	return err
}

func sameRecipients(have, want []ledger.Recipient) bool {
	return slices.EqualFunc(have, want, func(a, b ledger.Recipient) bool {
		return a.Address == b.Address && a.Copy == b.Copy
	})
}

// kept are the recipients of now, those that have the notice already as they
// were: a person sends it again to the others.
func kept(have, want []ledger.Recipient) []ledger.Recipient {
	var out []ledger.Recipient
	for _, rc := range have {
		if rc.State == ledger.Sent {
			out = append(out, rc)
		}
	}
	for _, rc := range want {
		if !slices.ContainsFunc(out, func(h ledger.Recipient) bool { return h.Address == rc.Address }) {
			out = append(out, rc)
		}
	}
	return out
}

// A mail is taken to be true where nothing was written: for so long, and for so
// long without asking whether another process, such as a command, wrote something.
const (
	believed = time.Minute
	beside   = 100 * time.Millisecond
)

// mayLeave asks whether a mail may leave at this moment: the window is open, and
// it says what is true. What a server may have already only wants the window.
func (r *round) mayLeave(ctx context.Context, j *job) error {
	if err := r.isOurs(j); err != nil {
		return err
	}
	v := r.c.view()
	now := v.Now
	switch {
	case !v.MailMayLeave():
		return errClosed
	case j.MayHave:
		return nil
	}
	changed := j.rules != v.Rules || now.Sub(j.at) >= believed || r.c.ledger.ChangedHere(j.seen)
	if !changed && now.Sub(j.asked) >= beside {
		var err error
		if changed, err = r.c.ledger.Changed(ctx, j.seen); err != nil {
			return err
		}
		j.asked = now
	}
	if !changed {
		return nil
	}
	seen, err := r.c.ledger.Mark(ctx)
	if err != nil {
		return err
	}
	said, err := engine.Say(ctx, r.c.ledger, v, j.Notice, nil)
	if err != nil {
		return err
	}
	if j.first && v.Rules != j.rules && !sameRecipients(kept(j.Recipients, v.Recipients(j.Notice)), j.Recipients) || !sameWords(said, j.said) {
		return errStale
	}
	j.seen, j.asked, j.rules, j.at = seen, now, v.Rules, now
	return nil
}

// sameWords tells whether two notices say the same; links are made anew each time.
func sameWords(a, b *notify.Notice) bool {
	return reflect.DeepEqual(withoutLinks(a), withoutLinks(b))
}

func withoutLinks(n *notify.Notice) notify.Notice {
	out := *n
	out.All = ""
	out.Items = slices.Clone(n.Items)
	for i := range out.Items {
		out.Items[i].Link = ""
	}
	if n.Letter != nil {
		l := *n.Letter
		l.Link = ""
		l.Items = slices.Clone(l.Items)
		for i := range l.Items {
			l.Items[i].Link = ""
		}
		l.Each = slices.Clone(l.Each)
		for i, one := range l.Each {
			bare := *one
			bare.Link = ""
			l.Each[i] = &bare
		}
		out.Letter = &l
	}
	return out
}

// mostAhead is how many notices may be claimed and not yet in the hands of a
// connection, so that claims share a commit.
const mostAhead = 128

// stock bounds that number by what leaves in a moment: what is claimed and waits
// cannot be told from what was being sent when the machine stops.
type stock struct {
	mu      sync.Mutex
	moved   *sync.Cond
	waiting int // claimed, not taken
	limit   int
	least   int
	fixed   bool
}

// moment is how long a claimed notice may wait for a connection.
const moment = 200 * time.Millisecond

func newStock(parallel int, paced bool) *stock {
	s := &stock{limit: parallel, least: parallel}
	if paced { // one at a time, when it may leave
		s.limit, s.fixed = 1, true
	}
	s.moved = sync.NewCond(&s.mu)
	return s
}

// room waits until half of what may wait has gone, and tells how many fit.
func (s *stock) room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.waiting > s.limit/2 {
		s.moved.Wait()
	}
	return s.limit - s.waiting
}

func (s *stock) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting += n
}

// taken says that a connection took one that had waited so long.
func (s *stock) taken(waited time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	switch {
	case s.fixed:
	case waited > moment:
		s.limit = max(s.least, s.limit-1)
	case s.limit < mostAhead:
		s.limit++
	}
	s.moved.Signal()
}
