package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// How often the ledger is proved: what came since the last proof, and all of it.
const (
	proveEvery      = 24 * time.Hour
	proveWholeEvery = 7 * 24 * time.Hour
)

const (
	factProved       = "proved"       // a proof
	factProofFailed  = "proof failed" // the day on which the administrators were told
	mostToldOfProofs = 20             // problems in a mail
)

// Proofs proves the ledger daily, by itself.
type Proofs struct {
	ledger ledger.Store
	view   func() engine.View
	role   *Role
	log    zerolog.Logger

	mu    sync.Mutex
	wrong error // what the last one found
}

// proof is the last one that went well.
type proof struct {
	Head  string    `json:"head"`  // SEQ:HASH of the journal's end then
	At    time.Time `json:"at"`    // when
	Whole time.Time `json:"whole"` // when all of it was proved last
}

// run proves what is due, from the first evaluation on.
func (p *Proofs) run(ctx context.Context, started <-chan struct{}) error {
	select {
	case <-ctx.Done():
		return nil
	case <-started:
	}
	return again(ctx, p.ifDue)
}

// ifDue proves what is due and tells when to look again.
func (p *Proofs) ifDue(ctx context.Context) time.Duration {
	if !p.role.Evaluates() {
		return longestWait
	}
	now := p.view().Now
	last, err := p.last(ctx)
	if since := now.Sub(last.At); err == nil && since >= 0 && since < proveEvery {
		return min(proveEvery-since, time.Hour) // a clock may be set
	}
	if err == nil {
		err = p.prove(ctx, last, now)
	}
	if err == nil || ctx.Err() != nil {
		return longestWait
	}
	if problem.CodeOf(err) == problem.Unavailable { // its database is away: that says nothing of what stands there
		p.log.Warn().Err(err).Msg("the ledger could not be proved; tried again in a minute")
		return time.Minute
	}
	p.log.Error().Err(err).Msg("the ledger does not prove right, or could not be proved; it is tried again in an hour")
	if err := p.tellWrong(ctx, err); err != nil {
		p.log.Error().Err(err).Msg("the administrators could not be told of it")
	}
	return time.Hour
}

// prove proves what came since the last proof, or all of it.
func (p *Proofs) prove(ctx context.Context, last proof, now time.Time) error {
	whole, since := now.Sub(last.Whole), last.Head
	if last.Head == "" || whole >= proveWholeEvery || whole < 0 {
		since = ""
	}
	v, err := engine.Verify(ctx, p.ledger, p.view(), last.Head, since)
	if err != nil {
		return err
	}
	if len(v.Problems) > 0 {
		p.finds(errors.New(v.Problems[0]))
		return &notProved{v.Problems}
	}
	p.finds(nil)
	next := proof{Head: v.Head, At: now, Whole: last.Whole}
	if since == "" {
		next.Whole = now
	}
	p.log.Info().Int("entries", v.Entries).Int("rows", v.Rows).Str("head", v.Head).Bool("whole", since == "").Msg("the ledger is proved")
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return p.ledger.Update(ctx, func(tx ledger.Tx) error {
		return errors.Join(tx.SetFact(factProved, string(text)), tx.SetFact(factProofFailed, ""))
	})
}

// notProved are the problems that a proof found.
type notProved struct{ problems []string }

func (e *notProved) Error() string {
	shown := e.problems[:min(len(e.problems), mostToldOfProofs)]
	text := strings.Join(shown, "\n")
	if more := len(e.problems) - len(shown); more > 0 {
		text += fmt.Sprintf("\n… %d", more)
	}
	return text
}

func (p *Proofs) last(ctx context.Context) (last proof, err error) {
	text, err := p.ledger.Fact(ctx, factProved)
	if err != nil || text == "" {
		return last, err
	}
	return last, json.Unmarshal([]byte(text), &last)
}

// Last is when the ledger last proved right; zero: never; wrong is what was found
// since.
func (p *Proofs) Last(ctx context.Context) (at time.Time, wrong, err error) {
	last, err := p.last(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	return last.At, p.wrong, err
}

func (p *Proofs) finds(wrong error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = wrong
}

// tellWrong tells the administrators, once a day.
func (p *Proofs) tellWrong(ctx context.Context, why error) error {
	v := p.view()
	return p.ledger.Update(ctx, func(tx ledger.Tx) error {
		return engine.TellOnceADay(tx, v, factProofFailed, v.Text("proof"), v.Text("proof text", why))
	})
}
