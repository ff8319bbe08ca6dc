package delivery

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/scheduler/engine"
)

// stopping is how long the mails in hand may still take when the daemon is told
// to stop; then they are left as they stand.
const stopping = 8 * time.Second

// round is one run of the outbox: a feeder claims notices, workers send them,
// and a settler writes what became of them, all outcomes that wait in one
// commit. A worker says the last word of a mail only when the outcome of its
// last one is on disk, so a crash leaves at most one mail a connection in doubt.
// Whether a mail may leave, and whether what it says is true, is asked when its
// turn comes, and again before the last word.
type round struct {
	c         *Courier
	lane      *Lane
	jobs      chan *job
	results   chan result
	stock     *stock
	parallel  int         // connections
	halted    atomic.Bool // the server or the ledger is in trouble: hand back what is claimed
	unwritten atomic.Bool // the ledger is
	stale     atomic.Bool // something was given back to be made anew

	mu    sync.Mutex
	total Tally
	err   error
}

type result struct {
	*job
	outcome notify.Outcome
	unsent  bool
	settled chan struct{} // closed when the outcome is on disk, or cannot be written
}

// runRound runs the outbox until it is empty; what had to be made anew at the last
// moment may still wait then.
func (l *Lane) runRound(ctx context.Context, parallel int) (*round, error) {
	r := &round{c: l.c, lane: l, jobs: make(chan *job, mostAhead), results: make(chan result, parallel), stock: newStock(parallel, l.pace != nil), parallel: parallel}
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopping, cancel) })()
	var workers, settler sync.WaitGroup
	settler.Go(r.settle)
	for range parallel {
		workers.Go(func() { r.work(ctx, sending) })
	}
	err := r.feed(ctx)
	close(r.jobs)
	workers.Wait()
	close(r.results)
	settler.Wait()
	return r, errors.Join(err, r.err)
}

// feed claims what is due and hands it out.
func (r *round) feed(ctx context.Context) error {
	for {
		room := r.stock.room()
		if ctx.Err() != nil || r.halted.Load() || r.lane.regroup.Load() {
			return nil
		}
		if r.c.shared && r.lane.breaker.open(r.c.view().Now) {
			return nil // another daemon has found out
		}
		if r.lane.pace != nil {
			waits, err := r.c.ledger.DueNotices(ctx, r.lane.name, r.c.view().Now, 1)
			if err != nil || len(waits) == 0 {
				return err
			}
			if err := r.lane.turn(ctx); ctx.Err() != nil {
				return nil // told to stop
			} else if err != nil {
				return err
			}
		}
		v := r.c.view()
		if !v.MailMayLeave() {
			return nil
		}
		due, err := r.lane.due(ctx, v.Now, room)
		if err != nil || len(due) == 0 {
			return err
		}
		ready, err := r.claim(context.WithoutCancel(ctx), due, v)
		if errors.Is(err, ledger.ErrMoved) {
			continue // somebody dropped or held one of them since: the others are read again
		}
		if err != nil {
			return err
		}
		r.stock.add(len(ready))
		for _, j := range ready {
			r.jobs <- j
		}
	}
}

func (r *round) count(f func(*Tally)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.total)
}

// These take a mail back that has not been sent: it waits on.
var (
	errUnsettled = errors.New("the ledger cannot be written")      // the outcome of the mail before it
	errClosed    = errors.New("the window for mail has closed")    // it leaves when it opens again
	errStale     = errors.New("what it says is not true any more") // it is made anew
	errLapsed    = errors.New("its lease has ended")               // another daemon may have taken it
	takenBack    = []error{errUnsettled, errClosed, errStale, errLapsed}
)

func isTakenBack(err error) bool {
	for _, e := range takenBack {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// work sends notices one after the other. sending outlives ctx by a few
// seconds; every step of a mail has a deadline of its own besides.
func (r *round) work(ctx, sending context.Context) {
	last := make(chan struct{})
	close(last)
	for j := range r.jobs {
		r.stock.taken(r.c.view().Now.Sub(j.at))
		res := result{job: j, settled: make(chan struct{})}
		if ctx.Err() != nil || r.halted.Load() {
			res.unsent = true
		} else if err := r.mayLeave(sending, j); err != nil {
			res.unsent = true
			r.heldBack(err)
		} else {
			res.outcome = r.send(sending, j, last)
			if res.unsent = isTakenBack(res.outcome.Err); res.unsent {
				r.heldBack(res.outcome.Err)
			}
		}
		if notify.IsDown(res.outcome.Err) {
			r.halted.Store(true)
		}
		<-last
		r.results <- res
		last = res.settled
	}
	<-last
}

// heldBack notes that a mail was taken back; another error that kept it from
// being sent ends the round.
func (r *round) heldBack(err error) {
	switch {
	case errors.Is(err, errStale):
		r.stale.Store(true)
	case !isTakenBack(err):
		r.trouble(err)
	}
}

// trouble ends the round with an error that is not about a mail.
func (r *round) trouble(err error) {
	r.halted.Store(true)
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
}

// send sends one mail; before is closed when the outcome of the one before it is
// on disk.
func (r *round) send(ctx context.Context, j *job, before <-chan struct{}) notify.Outcome {
	r.lane.inHand.Add(1)
	defer r.lane.inHand.Add(-1)
	began := r.c.view().Now
	m := r.message(j.Notice)
	m.Ready = func() error {
		if <-before; r.unwritten.Load() {
			return errUnsettled
		}
		if v := r.c.view(); v.Now.Sub(began) < time.Second && v.MailMayLeave() {
			return r.isOurs(j) // the rest was asked a moment ago
		}
		if err := r.mayLeave(ctx, j); err != nil {
			return err
		}
		return r.isOurs(j)
	}
	return r.lane.channel.Send(ctx, m)
}

// isOurs tells whether this daemon may still send a notice, if others share the
// ledger: one that was stopped for a while, with its machine perhaps, sends nothing
// that another has taken over.
func (r *round) isOurs(j *job) error {
	switch {
	case !r.c.shared:
		return nil
	case !r.lane.mayConnect():
		r.lane.regroup.Store(true)
		return errLapsed
	case !r.lane.hand.has(j.ID, r.c.now()):
		return errLapsed
	}
	return nil
}

func (r *round) message(n *ledger.Notice) notify.Message {
	m := notify.Message{Name: n.MessageID, From: r.c.envelopeFrom().Bare(), Raw: n.Body, Again: n.MayHave}
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
		for len(batch) < r.parallel {
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
			r.lane.unsettled = append(r.lane.unsettled, batch...)
			r.unwritten.Store(true)
			r.c.log.Error().Err(err).Int("notices", len(batch)).Msg("outcomes of mail could not be written")
			r.trouble(err)
		}
		for _, res := range batch {
			close(res.settled)
		}
	}
}

const factRefused = "refused day" // when the mail server, or "refused day NAME" another channel, refused us last

// tellOfRefusal tells the administrators, once a day, that the other side answers
// and dislikes who we are. Where that is the mail server it reaches them when that
// is put right, if not by another way: the log, doctor and the board tell it at once.
func (r *round) tellOfRefusal(tx ledger.Tx, v engine.View, batch []result) error {
	for _, res := range batch {
		err := res.outcome.Err
		if !notify.IsOurs(err) {
			continue
		}
		r.c.log.Error().Err(err).Str("channel", r.lane.name).Msg("the other side refuses us")
		if r.lane.name != ledger.ByMail {
			return engine.TellOnceADay(tx, v, factRefused+" "+r.lane.name, v.Text("channel refused", r.lane.name), v.Text("channel refused text", r.lane.name, err))
		}
		return engine.TellOnceADay(tx, v, factRefused, v.Text("refused"), v.Text("refused text", err))
	}
	return nil
}

// write settles a batch; a ledger that cannot be written just now is tried
// again for a while before the round ends.
func (r *round) write(batch []result) error {
	var err error
	for try := range 3 {
		if try > 0 {
			time.Sleep(time.Second)
		}
		v := r.c.view()
		var settled []ledger.Settled
		var own []result
		told := func() {}
		err = r.c.ledger.Update(context.Background(), func(tx ledger.Tx) (err error) {
			if own, err = r.lane.own(tx, batch); err != nil {
				return err
			}
			settled = settled[:0]
			for _, res := range own {
				if res.unsent {
					if err := tx.Unclaim(res.Notice, v.Now); err != nil {
						return err
					}
					continue
				}
				settled = append(settled, r.judge(res, v.Now))
			}
			if len(settled) == 0 {
				return nil
			}
			if told, err = r.lane.tellBreaker(tx); err != nil {
				return err
			}
			if err := r.tellOfRefusal(tx, v, own); err != nil {
				return err
			}
			if err := tx.Settle(settled, v.Entry(engine.ByDaemon)); err != nil {
				return err
			}
			return r.lane.holdRest(tx, v, own)
		})
		if err != nil {
			continue
		}
		told()
		r.lane.hand.put(batch)
		if lost := len(batch) - len(own); lost > 0 {
			r.c.log.Warn().Int("notices", lost).Str("channel", r.lane.name).Msg("another daemon has taken over what this one held too long")
		}
		for _, s := range settled {
			r.tell(s)
		}
		return nil
	}
	return err
}

// tell logs and counts what became of a notice, with the server's words.
func (r *round) tell(s ledger.Settled) {
	n := s.Notice
	if r.c.tried != nil {
		r.c.tried(r.lane.name, s.Outcome)
	}
	log := r.c.log.Info()
	switch {
	case n.Kind == ledger.Admin && len(s.Refused) > 0:
		log = r.c.log.Error().Str("error", n.Error) // mail cannot tell of it
	case n.Error != "":
		log = r.c.log.Warn().Str("error", n.Error)
	}
	log.Int64("notice", n.ID).Str("unit", n.Unit).Str("channel", n.Channel).Str("kind", string(n.Kind)).Str("state", string(n.State)).Int("attempt", n.Attempts).Str("reply", s.Detail).Msg("mail")
	r.count(func(t *Tally) {
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
