package ledgertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// Faulty is a store each of whose transactions fails many times before it goes
// through: at the end of its first call that writes, at that of its second, and
// so on, as where a disk fills up or a connection breaks. What such a try leaves
// behind, t is told. What is given to Update is therefore run several times.
func Faulty(t testing.TB, s ledger.Store) ledger.Store { return faulty{s, t} }

type faulty struct {
	ledger.Store
	t testing.TB
}

var errBroken = errors.New("broken, for a test")

// mostFaults is more than any transaction of the tests has calls.
const mostFaults = 100

func (s faulty) Update(ctx context.Context, f func(ledger.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // a try may end it
	for n := range mostFaults {
		last, err := s.LastEntry(ctx)
		if err != nil {
			return err
		}
		mark, err := s.Mark(ctx)
		if err != nil {
			return err
		}
		err = s.Store.Update(ctx, func(tx ledger.Tx) error { return f(&breaking{Tx: tx, after: n}) })
		if !errors.Is(err, errBroken) {
			return err
		}
		now, err := s.LastEntry(ctx)
		if err != nil {
			return err
		}
		if changed, err := s.Changed(ctx, mark); err != nil || changed || now != last {
			s.t.Errorf("a transaction that broke after %d calls has left something: %d entries, %v", n, now-last, err)
		}
	}
	s.t.Errorf("a transaction with over %d calls", mostFaults)
	return nil
}

// breaking is a transaction whose calls that write do what they should and then
// fail, once so many have gone well.
type breaking struct {
	ledger.Tx
	after int
}

func (b *breaking) call(err error) error {
	if err != nil {
		return err
	}
	if b.after == 0 {
		return errBroken
	}
	b.after--
	return nil
}

func call[T any](b *breaking, v T, err error) (T, error) { return v, b.call(err) }

func (b *breaking) PutAside(before calendar.Date, most int, e ledger.Entry) (int, error) {
	n, err := b.Tx.PutAside(before, most, e)
	return call(b, n, err)
}

func (b *breaking) AddOccurrence(o *ledger.Occurrence, e ledger.Entry) (bool, error) {
	made, err := b.Tx.AddOccurrence(o, e)
	return call(b, made, err)
}

func (b *breaking) AddOccurrences(all []*ledger.Occurrence, e ledger.Entry) ([]bool, error) {
	added, err := b.Tx.AddOccurrences(all, e)
	return call(b, added, err)
}

func (b *breaking) SaveOccurrence(before, o *ledger.Occurrence, e ledger.Entry) error {
	return b.call(b.Tx.SaveOccurrence(before, o, e))
}

func (b *breaking) SaveReminder(o *ledger.Occurrence) error { return b.call(b.Tx.SaveReminder(o)) }

func (b *breaking) AddPause(o int64, from calendar.Date, reason string) error {
	return b.call(b.Tx.AddPause(o, from, reason))
}

func (b *breaking) EndPause(o int64, to calendar.Date) error { return b.call(b.Tx.EndPause(o, to)) }

func (b *breaking) SaveDuty(d *ledger.Duty, now time.Time) error {
	return b.call(b.Tx.SaveDuty(d, now))
}

func (b *breaking) DutyMade(d *ledger.Duty) error { return b.call(b.Tx.DutyMade(d)) }
func (b *breaking) DutyTold(d *ledger.Duty) error { return b.call(b.Tx.DutyTold(d)) }

func (b *breaking) DutyUntold(plan, obligation, unit string, own bool) error {
	return b.call(b.Tx.DutyUntold(plan, obligation, unit, own))
}

func (b *breaking) EndFollowed(d *ledger.Duty, now time.Time) error {
	return b.call(b.Tx.EndFollowed(d, now))
}

func (b *breaking) FollowedBy(now time.Time) error { return b.call(b.Tx.FollowedBy(now)) }

func (b *breaking) SavePlan(plan, signature string, now time.Time) error {
	return b.call(b.Tx.SavePlan(plan, signature, now))
}

func (b *breaking) Rule(o *rules.Obligation, now time.Time) (int64, error) {
	id, err := b.Tx.Rule(o, now)
	return call(b, id, err)
}

func (b *breaking) AddEvent(e *ledger.Event, entry ledger.Entry) error {
	return b.call(b.Tx.AddEvent(e, entry))
}

func (b *breaking) RecordAgain(was, now *ledger.Event, e ledger.Entry) error {
	return b.call(b.Tx.RecordAgain(was, now, e))
}

func (b *breaking) WithdrawEvent(e *ledger.Event, entry ledger.Entry) error {
	return b.call(b.Tx.WithdrawEvent(e, entry))
}

func (b *breaking) AddRequest(r *ledger.Request, o *ledger.Occurrence, e ledger.Entry) error {
	return b.call(b.Tx.AddRequest(r, o, e))
}

func (b *breaking) DecideRequest(r *ledger.Request, o *ledger.Occurrence, e ledger.Entry) error {
	return b.call(b.Tx.DecideRequest(r, o, e))
}

func (b *breaking) Withhold(o int64) error             { return b.call(b.Tx.Withhold(o)) }
func (b *breaking) ReleaseWithheld(notice int64) error { return b.call(b.Tx.ReleaseWithheld(notice)) }

func (b *breaking) AddNotice(n *ledger.Notice, e ledger.Entry) error {
	return b.call(b.Tx.AddNotice(n, e))
}

func (b *breaking) AddNotices(all []*ledger.Notice, e ledger.Entry) error {
	return b.call(b.Tx.AddNotices(all, e))
}

func (b *breaking) Claim(all []*ledger.Notice, l ledger.Lease) error {
	return b.call(b.Tx.Claim(all, l))
}

func (b *breaking) Unclaim(n *ledger.Notice, next time.Time) error {
	return b.call(b.Tx.Unclaim(n, next))
}

func (b *breaking) Settle(all []ledger.Settled, e ledger.Entry) error {
	return b.call(b.Tx.Settle(all, e))
}

func (b *breaking) MoveNotice(n *ledger.Notice, to ledger.MailState, next, giveUp time.Time, e ledger.Entry) error {
	return b.call(b.Tx.MoveNotice(n, to, next, giveUp, e))
}

func (b *breaking) ResumeSending(owner string, now time.Time) (int, error) {
	n, err := b.Tx.ResumeSending(owner, now)
	return call(b, n, err)
}

func (b *breaking) MadeToday(today calendar.Date, now time.Time) error {
	return b.call(b.Tx.MadeToday(today, now))
}

func (b *breaking) DropBodies(before time.Time, most int, e ledger.Entry) (int, error) {
	n, err := b.Tx.DropBodies(before, most, e)
	return call(b, n, err)
}

func (b *breaking) ToldOfFailures(told []ledger.Failure, by int64, today calendar.Date, e ledger.Entry) error {
	return b.call(b.Tx.ToldOfFailures(told, by, today, e))
}

func (b *breaking) Bounced(n *ledger.Notice, address, reason string, e ledger.Entry) (ledger.FailingAddress, error) {
	f, err := b.Tx.Bounced(n, address, reason, e)
	return call(b, f, err)
}

func (b *breaking) ToldOfAddress(address string) error { return b.call(b.Tx.ToldOfAddress(address)) }

func (b *breaking) AddressWorks(address string, now time.Time) error {
	return b.call(b.Tx.AddressWorks(address, now))
}

func (b *breaking) Journal(entries ...ledger.Entry) error { return b.call(b.Tx.Journal(entries...)) }
func (b *breaking) SetFact(name, value string) error      { return b.call(b.Tx.SetFact(name, value)) }

func (b *breaking) TakeLease(task string, l ledger.Lease, now time.Time) error {
	return b.call(b.Tx.TakeLease(task, l, now))
}

func (b *breaking) Fence(task, owner string) error { return b.call(b.Tx.Fence(task, owner)) }

func (b *breaking) ForgetLeases(begin string, before time.Time) error {
	return b.call(b.Tx.ForgetLeases(begin, before))
}

func (b *breaking) SaveWebhook(w ledger.Webhook) error { return b.call(b.Tx.SaveWebhook(w)) }

func (b *breaking) AddWebhookTry(name string, t ledger.WebhookTry) error {
	return b.call(b.Tx.AddWebhookTry(name, t))
}

func (b *breaking) SetBreaker(channel string, x ledger.Breaker) error {
	return b.call(b.Tx.SetBreaker(channel, x))
}

func (b *breaking) TakeTurn(channel string, now time.Time, every time.Duration) (time.Time, error) {
	at, err := b.Tx.TakeTurn(channel, now, every)
	return call(b, at, err)
}

func (b *breaking) Reserve(channel string, now time.Time, limit int, l ledger.Lease) ([]*ledger.Notice, error) {
	found, err := b.Tx.Reserve(channel, now, limit, l)
	return call(b, found, err)
}

func (b *breaking) KeepClaims(ids []int64, l ledger.Lease) ([]int64, error) {
	kept, err := b.Tx.KeepClaims(ids, l)
	return call(b, kept, err)
}

func (b *breaking) SaveRuleFile(f *ledger.RuleFile) error { return b.call(b.Tx.SaveRuleFile(f)) }

func (b *breaking) RemoveRuleFile(path string, version int64, by string, now time.Time) error {
	return b.call(b.Tx.RemoveRuleFile(path, version, by, now))
}

func (b *breaking) SaveAccount(a *ledger.Account, e ledger.Entry) error {
	return b.call(b.Tx.SaveAccount(a, e))
}

func (b *breaking) RemoveAccount(name string, e ledger.Entry) error {
	return b.call(b.Tx.RemoveAccount(name, e))
}

func (b *breaking) AddToken(t *ledger.Token, e ledger.Entry) error {
	return b.call(b.Tx.AddToken(t, e))
}

func (b *breaking) RemoveToken(name string, e ledger.Entry) error {
	return b.call(b.Tx.RemoveToken(name, e))
}

func (b *breaking) KeepAnswer(a *ledger.Answer, before time.Time, most int) error {
	return b.call(b.Tx.KeepAnswer(a, before, most))
}

func (b *breaking) SaveSession(token string, data []byte, expires, now time.Time) error {
	return b.call(b.Tx.SaveSession(token, data, expires, now))
}

func (b *breaking) EndSession(token string) error { return b.call(b.Tx.EndSession(token)) }
