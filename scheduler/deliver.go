package scheduler

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/ledger"
	"duban/notify/mail"
)

// Delivery is what a round of delivery came to.
type Delivery struct {
	Sent, Failed, Retried, Dropped int
}

// claimed is how many notices are claimed at a time, and so how many may lie
// between the outbox and the connections.
const claimed = 64

// round is one run of the outbox: a feeder claims notices, workers send them,
// and a settler writes what became of them, all outcomes that wait in one
// commit. A worker says the last word of a mail only when the outcome of its
// last one is on disk, so a crash leaves at most one mail a connection in doubt.
type round struct {
	*Scheduler
	jobs      chan *ledger.Notice
	results   chan result
	halted    atomic.Bool // the server or the ledger is in trouble: hand back what is claimed
	unwritten atomic.Bool // the ledger is

	mu    sync.Mutex
	total Delivery
	err   error
}

type result struct {
	notice  *ledger.Notice
	outcome mail.Outcome
	unsent  bool
	settled chan struct{} // closed when the outcome is on disk, or cannot be written
}

// Deliver sends what may leave, until nothing more can be sent at present: the
// outbox is empty, the window closes, the server is in trouble, or ctx ends,
// whereupon the mails in hand are finished.
func (s *Scheduler) Deliver(ctx context.Context) (Delivery, error) {
	if s.Transport == nil || !s.MailMayLeave(s.Clock()) || s.breaker.open(s.Clock()) {
		return Delivery{}, nil
	}
	if err := s.settleLeft(); err != nil {
		return Delivery{}, err
	}
	r := &round{Scheduler: s, jobs: make(chan *ledger.Notice, claimed), results: make(chan result, s.Transport.Parallel())}
	var workers, settler sync.WaitGroup
	settler.Go(r.settle)
	for range s.Transport.Parallel() {
		workers.Go(func() { r.work(ctx) })
	}
	err := r.feed(ctx)
	close(r.jobs)
	workers.Wait()
	close(r.results)
	settler.Wait()
	return r.total, errors.Join(err, r.err)
}

// settleLeft writes the outcomes that an earlier round could not write. Until
// that is done nothing more is sent.
func (s *Scheduler) settleLeft() error {
	if len(s.unsettled) == 0 {
		return nil
	}
	if err := (&round{Scheduler: s}).write(s.unsettled); err != nil {
		return err
	}
	s.unsettled = nil
	return nil
}

// feed claims what is due and hands it out.
func (r *round) feed(ctx context.Context) error {
	for ctx.Err() == nil && !r.halted.Load() {
		now := r.Clock()
		if !r.MailMayLeave(now) {
			return nil
		}
		due, err := r.Ledger.DueNotices(ctx, now, claimed)
		if err != nil || len(due) == 0 {
			return err
		}
		ready, err := r.claim(context.WithoutCancel(ctx), due, now)
		if err != nil {
			return err
		}
		for _, n := range ready {
			r.jobs <- n
		}
	}
	return nil
}

// claim makes each notice true as of now, and durable before its first byte
// leaves; what has nothing true left is dropped.
func (r *round) claim(ctx context.Context, due []*ledger.Notice, now time.Time) ([]*ledger.Notice, error) {
	if err := r.compose(ctx, due, now); err != nil {
		return nil, err
	}
	var ready []*ledger.Notice
	err := r.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		ready = ready[:0]
		for _, n := range due {
			if n.Body == nil {
				e := entry(now, byDaemon)
				e.Reason = "nothing in it is true any more"
				if err := tx.MoveNotice(n, ledger.Dropped, time.Time{}, time.Time{}, e); err != nil {
					return err
				}
				r.count(func(t *Delivery) { t.Dropped++ })
				continue
			}
			ready = append(ready, n)
		}
		if len(ready) == 0 {
			return nil
		}
		return tx.Claim(ready)
	})
	return ready, err
}

// compose makes the mails' bytes, on all processors.
func (r *round) compose(ctx context.Context, due []*ledger.Notice, now time.Time) error {
	var ids []int64
	for _, n := range due {
		for _, it := range n.Items {
			if it.Occurrence != 0 {
				ids = append(ids, it.Occurrence)
			}
		}
	}
	known, err := r.Ledger.ByID(ctx, ids)
	if err != nil {
		return err
	}
	c := composer{r.Scheduler, r.Ledger, known}
	g := new(errgroup.Group)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, n := range due {
		g.Go(func() (err error) {
			made := n.Subject
			n.Body, n.Subject, err = c.mail(ctx, n, now)
			n.Resubject = n.Subject != made
			return err
		})
	}
	return g.Wait()
}

func (r *round) count(f func(*Delivery)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.total)
}

// errUnsettled takes a mail back whose predecessor's outcome could not be written.
var errUnsettled = errors.New("the ledger cannot be written")

// work sends notices one after the other.
func (r *round) work(ctx context.Context) {
	// A mail in hand is finished when ctx ends; every step of it has a deadline.
	sending := context.WithoutCancel(ctx)
	last := make(chan struct{})
	close(last)
	for n := range r.jobs {
		res := result{notice: n, settled: make(chan struct{})}
		if r.paced(ctx) == nil && !r.halted.Load() {
			m, before := r.mail(n), last
			m.Ready = func() error {
				if <-before; r.unwritten.Load() {
					return errUnsettled
				}
				return nil
			}
			res.outcome = r.Transport.Send(sending, m)
			res.unsent = errors.Is(res.outcome.Err, errUnsettled)
		} else {
			res.unsent = true
		}
		if mail.IsDown(res.outcome.Err) {
			r.halted.Store(true)
		}
		<-last
		r.results <- res
		last = res.settled
	}
	<-last
}

// paced waits until the next mail may leave; an error: ctx ends before that.
func (r *round) paced(ctx context.Context) error {
	if r.pace == nil || r.halted.Load() {
		return ctx.Err()
	}
	return r.pace.Wait(ctx)
}

func (r *round) mail(n *ledger.Notice) mail.Message {
	m := mail.Message{Name: n.MessageID, From: r.envelopeFrom(), Raw: n.Body, Again: n.MayHave}
	for _, rc := range n.Recipients {
		if rc.State == ledger.Pending {
			m.To = append(m.To, rc.Address)
		}
	}
	return m
}

// gather is how long outcomes wait for others to share a commit with. It costs
// nothing: meanwhile the connections are at their next mails.
const gather = 2 * time.Millisecond

// settle writes outcomes, those that come close to each other in one commit.
func (r *round) settle() {
	for res := range r.results {
		batch := []result{res}
		enough := time.NewTimer(gather)
	more:
		for len(batch) < r.Transport.Parallel() {
			select {
			case res, ok := <-r.results:
				if !ok {
					break more
				}
				batch = append(batch, res)
			case <-enough.C:
				break more
			}
		}
		enough.Stop()
		if err := r.write(batch); err != nil {
			// The next round writes them first; if there is none, the next start
			// sends what stayed "sending" again, as the same bytes.
			r.unsettled = append(r.unsettled, batch...)
			r.unwritten.Store(true)
			r.halted.Store(true)
			r.Log.Error().Err(err).Int("notices", len(batch)).Msg("outcomes of mail could not be written")
			r.mu.Lock()
			r.err = err
			r.mu.Unlock()
		}
		for _, res := range batch {
			close(res.settled)
		}
	}
}

// write settles a batch; a ledger that cannot be written just now is tried
// again for a while before the round ends.
func (r *round) write(batch []result) error {
	var err error
	for try := range 3 {
		if try > 0 {
			time.Sleep(time.Second)
		}
		now := r.Clock()
		var settled []ledger.Settled
		err = r.Ledger.Update(context.Background(), func(tx *ledger.Tx) error {
			settled = settled[:0]
			for _, res := range batch {
				if res.unsent {
					if err := tx.Release(res.notice, now); err != nil {
						return err
					}
					continue
				}
				settled = append(settled, r.judge(res, now))
			}
			if len(settled) == 0 {
				return nil
			}
			return tx.Settle(settled, entry(now, byDaemon))
		})
		if err != nil {
			continue
		}
		for _, s := range settled {
			r.tell(s)
		}
		return nil
	}
	return err
}

// judge turns a result into the notice's next state, and tells the breaker.
func (r *round) judge(res result, now time.Time) ledger.Settled {
	n := *res.notice
	n.Recipients = append([]ledger.Recipient(nil), n.Recipients...)
	s := ledger.Settled{Notice: &n}
	s.Outcome, s.Detail = judge(&n, res.outcome, now)
	if mail.IsDown(res.outcome.Err) {
		n.NextTry = r.breaker.trip(now)
	} else {
		r.breaker.reset()
	}
	return s
}

// judge turns an outcome into the notice's next state.
func judge(n *ledger.Notice, out mail.Outcome, now time.Time) (outcome, detail string) {
	n.Error, n.NextTry = "", time.Time{}
	detail = out.Reply
	var temporary error
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
		case mail.Permanent(err) && !mail.IsDown(err):
			rc.State, rc.Error = ledger.Failed, err.Error()
		default:
			temporary, rc.Error = err, err.Error()
		}
	}
	n.MayHave = n.MayHave || out.Unknown
	if temporary != nil && now.Before(n.GiveUp) {
		n.State, n.Error = ledger.Pending, temporary.Error()
		n.NextTry = now.Add(backoff(n.Attempts))
		n.MayHave = n.MayHave || someGot(n)
		return "retry", n.Error
	}
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
	switch {
	case someGot(n) && n.Error == "":
		n.State, n.SentAt = ledger.Sent, now
		return "sent", detail
	case someGot(n):
		n.State, n.SentAt = ledger.Sent, now
		return "partly sent", n.Error
	}
	n.State = ledger.Failed
	return "failed", n.Error
}

func someGot(n *ledger.Notice) bool {
	for _, rc := range n.Recipients {
		if rc.State == ledger.Sent {
			return true
		}
	}
	return false
}

// tell logs and counts what became of a notice, with the server's words.
func (r *round) tell(s ledger.Settled) {
	n := s.Notice
	r.health.beat(&r.health.delivery, r.Clock())
	if r.Observer != nil {
		r.Observer.Tried(s.Outcome)
	}
	log := r.Log.Info()
	if n.Error != "" {
		log = r.Log.Warn().Str("error", n.Error)
	}
	log.Int64("notice", n.ID).Str("unit", n.Unit).Str("kind", string(n.Kind)).Str("state", string(n.State)).Int("attempt", n.Attempts).Str("reply", s.Detail).Msg("mail")
	r.count(func(t *Delivery) {
		switch n.State {
		case ledger.Sent:
			t.Sent++
		case ledger.Failed:
			t.Failed++
		default:
			t.Retried++
		}
	})
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

// breaker keeps a server that is down from being asked for every notice.
type breaker struct {
	mu    sync.Mutex
	trips int
	until time.Time
}

func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	// A clock that was set back must not keep it open for longer than it said.
	return now.Before(b.until) && b.until.Sub(now) <= 15*time.Minute
}

// trip opens the breaker and tells when to ask again: after 15 s, doubling, to
// ten minutes.
func (b *breaker) trip(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.until) {
		return b.until // other connections noticed too
	}
	b.until = now.Add(jitter(min(15*time.Second<<min(b.trips, 6), 10*time.Minute)))
	b.trips++
	return b.until
}

func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trips, b.until = 0, time.Time{}
}
