// Package webhook tells programs what happens: what the journal says of occurrences is
// posted to them, entry by entry in its order, each at least once, signed as Standard
// Webhooks lays down.
//
// The journal is the queue. Nothing that people do writes to another: a cursor in the
// ledger says of each webhook up to which entry all is told, and moves when a post is
// answered with 2xx. So nothing is lost through a crash of either side, and what is
// posted twice has the same webhook-id. One daemon posts: the one that evaluates.
//
//	webhook.go   the poster: rounds, retries, pauses
//	events.go    what an entry of the journal says to programs
//	standing.go  how far a webhook is behind
package webhook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"duban/ledger"
	"duban/notify/post"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// Hook is a program that is told.
type Hook struct {
	Name    string
	On      []string                     // what of: Made, Reported, …
	Allow   []netip.Prefix               // inner networks that its name may lead to
	Address func() (post.Address, error) // with the secret that signs; read anew for each post
}

// Times of retries.
const (
	poll      = 2 * time.Second // how often the journal is looked at
	firstWait = 5 * time.Second // after a post that failed; doubling to
	lastWait  = time.Hour
	givesUp   = 3 * 24 * time.Hour // of failures pause a webhook
	atOnce    = 500                // entries that are read at a time
)

// Poster posts to the webhooks of the configuration.
type Poster struct {
	Hooks []Hook

	ledger    ledger.Store
	view      func() engine.View
	evaluates func() bool           // this daemon is the one that posts
	fence     func(ledger.Tx) error // lets a transaction come to pass only while it is
	posted    func(webhook, outcome string)
	log       zerolog.Logger

	parts sync.Map // by name: how much is told of an entry that tells several things
	met   sync.Map // by plan: at which moment it was asked for last, and where its first meeting then ended
}

// part is how many events of an entry a webhook has been told.
type part struct {
	entry int64
	n     int
}

// New makes a poster; posted, if not nil, hears of every post: one of Outcomes.
func New(hooks []Hook, l ledger.Store, view func() engine.View, evaluates func() bool, fence func(ledger.Tx) error, posted func(webhook, outcome string), log zerolog.Logger) *Poster {
	if posted == nil {
		posted = func(string, string) {}
	}
	return &Poster{Hooks: hooks, ledger: l, view: view, evaluates: evaluates, fence: fence, posted: posted, log: log}
}

// Run posts to one webhook until ctx ends. Each has a loop of its own: one that is down
// keeps no other waiting.
func (p *Poster) Run(ctx context.Context, h Hook) error {
	for ctx.Err() == nil {
		if p.evaluates() {
			if err := p.Round(ctx, h); err != nil && ctx.Err() == nil {
				p.log.Error().Err(err).Str("webhook", h.Name).Msg("what is to be posted could not be read or noted; tried again")
			}
		}
		timer := time.NewTimer(poll)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// Round posts what there is to one webhook, until a post fails. An error is the
// ledger's.
func (p *Poster) Round(ctx context.Context, h Hook) error {
	for ctx.Err() == nil && p.evaluates() {
		w, err := p.stand(ctx, h)
		if err != nil || !w.Paused.IsZero() || p.waits(w) {
			return err
		}
		entries, err := p.after(ctx, w.Seq)
		if err != nil || len(entries) == 0 {
			return err
		}
		if w.Tries == 0 { // all went well, or a person wants it again
			p.parts.Delete(h.Name)
		}
		more, err := p.tell(ctx, h, w, entries)
		if errors.Is(err, errRetried) {
			continue
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// waits tells whether a webhook is not to be asked yet. A clock that was set back
// keeps it from being asked no longer than the longest wait.
func (p *Poster) waits(w ledger.Webhook) bool {
	now := p.view().Now
	return now.Before(w.NextTry) && w.NextTry.Sub(now) <= 2*lastWait
}

// stand is where a webhook stands. One that is new is told what happens from now on.
func (p *Poster) stand(ctx context.Context, h Hook) (w ledger.Webhook, err error) {
	w, known, err := p.ledger.Webhook(ctx, h.Name)
	if err != nil || known {
		return w, err
	}
	err = p.ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		if w, known, err = tx.Webhook(tx.Context(), h.Name); err != nil || known { // somebody asked for more
			return err
		}
		if w.Seq, err = tx.LastEntry(tx.Context()); err != nil {
			return err
		}
		if err := tx.SaveWebhook(w); err != nil {
			return err
		}
		return p.fence(tx)
	})
	return w, err
}

var errEnough = errors.New("enough")

// after are the next entries of the journal.
func (p *Poster) after(ctx context.Context, seq int64) (entries []ledger.Entry, err error) {
	last, err := p.ledger.LastEntry(ctx)
	if err != nil || last <= seq {
		return nil, err
	}
	// Of one moment: what is left of a list that is given up is then not read.
	err = ledger.AsOfOneMoment(ctx, p.ledger, func(l ledger.Reader) error {
		entries = nil
		return l.EntriesSince(ctx, seq, func(e ledger.Entry) error {
			e.Rows = "" // which may be long
			if entries = append(entries, e); len(entries) == atOnce {
				return errEnough
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return entries, err
}

// tell posts what entries say; more: all of them, and there may be others.
func (p *Poster) tell(ctx context.Context, h Hook, w ledger.Webhook, entries []ledger.Entry) (more bool, err error) {
	was := w
	noted := w.Seq
	for _, e := range entries {
		var events []event
		if mayConcern(e, h.On) {
			if events, err = p.eventsOf(ctx, e); err != nil {
				return false, err
			}
		}
		told := part{entry: e.Seq}
		if of, ok := p.parts.Load(h.Name); ok && of.(part).entry == e.Seq {
			told = of.(part)
		}
		skip := told.n
		for _, ev := range events {
			if !slices.Contains(h.On, ev.on()) {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if ctx.Err() != nil || !p.evaluates() {
				return false, nil
			}
			sent := p.send(ctx, h, e, ev)
			if ctx.Err() != nil && sent.err != nil {
				return false, nil // told to stop in the middle: it goes again
			}
			if w, err = p.note(was, h, e, ev, sent); err != nil || sent.err != nil {
				return false, err
			}
			was = w
			told.n++
			p.parts.Store(h.Name, told)
		}
		if w.Seq = e.Seq; len(events) > 0 {
			if err := p.write(w, was, nil); err != nil {
				return false, err
			}
			noted, was = w.Seq, w
		}
	}
	if noted != w.Seq { // nothing was to be posted of the last of them
		return true, p.write(w, was, nil)
	}
	return true, nil
}

// errRetried says that a person has moved a webhook meanwhile: what he said holds.
var errRetried = errors.New("somebody has moved the webhook")

// write notes how a webhook stands, unless somebody else has moved it since it was so.
func (p *Poster) write(w, was ledger.Webhook, more func(ledger.Tx) error) error {
	return p.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		now, known, err := tx.Webhook(tx.Context(), w.Name)
		if err != nil {
			return err
		}
		if known && (now.Seq != was.Seq || now.Tries != was.Tries || now.Paused.IsZero() != was.Paused.IsZero()) {
			return errRetried
		}
		if err := tx.SaveWebhook(w); err != nil {
			return err
		}
		if more != nil {
			if err := more(tx); err != nil {
				return err
			}
		}
		return p.fence(tx)
	})
}

// sent is what a post came to.
type sent struct {
	reply string
	err   error         // nil: it was answered with 2xx
	gone  bool          // the program wants nothing any more
	wait  time.Duration // it says when to come again; 0: it does not
}

// send posts an event, signed.
func (p *Poster) send(ctx context.Context, h Hook, e ledger.Entry, ev event) sent {
	body, err := ev.body(e, p.view().Settings.Timezone)
	if err != nil {
		return sent{err: err}
	}
	to, err := h.Address()
	if err != nil {
		return sent{err: err}
	}
	now := p.view().Now
	header, err := signed(to.Secret, ev.id(e), now, body)
	if err != nil {
		return sent{err: err}
	}
	a, _, err := post.Do(ctx, post.Guarded(to, h.Allow), post.Request{Address: to, Header: header, Body: body})
	if err != nil {
		return sent{err: err}
	}
	out := sent{reply: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))}
	if a.Status < 200 || a.Status > 299 {
		out.err = fmt.Errorf("answered %d: %s", a.Status, a.Words(to))
		out.gone = a.Status == http.StatusGone
		if a.Header.Get("Retry-After") != "" {
			out.wait = a.Wait(now, firstWait)
		}
	}
	return out
}

// Check tells what is wrong with a secret, without saying what it is.
func Check(a post.Address) error {
	_, err := signed(a.Secret, "x", time.Unix(0, 0), nil)
	return err
}

// signed are the headers that Standard Webhooks lays down.
func signed(secret, id string, at time.Time, body []byte) (http.Header, error) {
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil || len(secret) < shortestSecret {
		return nil, problem.Errorf(`the secret is none: write one line like whsec_… with at least 24 bytes in base64 (openssl rand -base64 32)`)
	}
	signature, err := w.Sign(id, at, body)
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return h, err
}

// shortestSecret is 24 bytes in base64.
const shortestSecret = 32

// note writes what a post came to: when it comes again, or that the webhook is paused,
// which the administrators are told.
func (p *Poster) note(was ledger.Webhook, h Hook, e ledger.Entry, ev event, s sent) (ledger.Webhook, error) {
	v, w := p.view(), was
	t := ledger.WebhookTry{At: v.Now, Entry: e.Seq, What: ev.kind, About: ev.about, Outcome: Sent, Detail: s.reply}
	if s.err == nil {
		w.Since, w.Tries, w.NextTry, w.Reason = time.Time{}, 0, time.Time{}, ""
	} else {
		w.Tries++
		if w.Since.IsZero() {
			w.Since = v.Now
		}
		w.Reason, w.NextTry, t.Outcome, t.Detail = s.err.Error(), v.Now.Add(backoff(w.Tries, s.wait)), Retried, s.err.Error()
		if s.gone || v.Now.Sub(w.Since) >= givesUp {
			w.Paused, t.Outcome = v.Now, Paused
		}
		p.log.Warn().Str("webhook", h.Name).Str("type", ev.kind).Int64("entry", e.Seq).Int("attempt", w.Tries).Str("outcome", t.Outcome).Err(s.err).Msg("webhook")
	}
	p.posted(h.Name, t.Outcome)
	return w, p.write(w, was, func(tx ledger.Tx) error {
		if err := tx.AddWebhookTry(h.Name, t); err != nil {
			return err
		}
		if w.Paused.IsZero() {
			return nil
		}
		return engine.TellAdmins(tx, v, v.Text("webhook paused", h.Name), v.Text("webhook paused text", h.Name, w.Reason))
	})
}

// backoff is how long to wait after so many failures, give or take a fifth.
func backoff(tries int, asked time.Duration) time.Duration {
	d := firstWait << min(max(tries-1, 0), 20)
	d = max(min(d, lastWait), asked)
	return d*4/5 + rand.N(d*2/5)
}

// Retry lets a webhook go on at once, paused or not; from: with that entry of the
// journal again, 0: where it stands.
func Retry(ctx context.Context, l ledger.Store, name string, from int64) error {
	return l.Update(ctx, func(tx ledger.Tx) error {
		w, known, err := tx.Webhook(tx.Context(), name)
		if err != nil {
			return err
		}
		last, err := tx.LastEntry(tx.Context())
		if err != nil {
			return err
		}
		switch {
		case !known && from == 0:
			return problem.Refuse("", "nothing was posted to webhook %q yet", name)
		case from < 0 || from > last:
			return problem.Refuse("from", "the journal has no entry %d: its last is %d", from, last)
		case from > 0:
			w.Seq = from - 1
		}
		w.Paused, w.NextTry, w.Since, w.Tries, w.Reason = time.Time{}, time.Time{}, time.Time{}, 0, ""
		return tx.SaveWebhook(w)
	})
}
