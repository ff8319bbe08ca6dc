package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
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

// proof is the last one that went well.
type proof struct {
	Head  string    `json:"head"`  // SEQ:HASH of the journal's end then
	At    time.Time `json:"at"`    // when
	Whole time.Time `json:"whole"` // when all of it was proved last
}

// proveLoop proves the ledger daily, by itself.
func (s *Scheduler) proveLoop(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-s.Started():
	}
	for ctx.Err() == nil {
		timer := time.NewTimer(s.proveIfDue(ctx))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// proveIfDue proves what is due and tells when to look again.
func (s *Scheduler) proveIfDue(ctx context.Context) time.Duration {
	now := s.Clock()
	last, err := s.lastProof(ctx)
	if since := now.Sub(last.At); err == nil && since >= 0 && since < proveEvery {
		return min(proveEvery-since, time.Hour) // a clock may be set
	}
	if err == nil {
		err = s.prove(ctx, last, now)
	}
	if err == nil || ctx.Err() != nil {
		return longestWait
	}
	s.Log.Error().Err(err).Msg("the ledger does not prove right, or could not be proved; it is tried again in an hour")
	if err := s.tellNotProved(ctx, err); err != nil {
		s.Log.Error().Err(err).Msg("the administrators could not be told of it")
	}
	return time.Hour
}

// prove proves what came since the last proof, or all of it.
func (s *Scheduler) prove(ctx context.Context, last proof, now time.Time) error {
	whole, since := now.Sub(last.Whole), last.Head
	if last.Head == "" || whole >= proveWholeEvery || whole < 0 {
		since = ""
	}
	v, err := engine.Verify(ctx, s.Ledger, s.View(), last.Head, since)
	if err != nil {
		return err
	}
	if len(v.Problems) > 0 {
		s.health.fails(&s.health.proofErr, errors.New(v.Problems[0]))
		return &notProved{v.Problems}
	}
	s.health.fails(&s.health.proofErr, nil)
	next := proof{Head: v.Head, At: now, Whole: last.Whole}
	if since == "" {
		next.Whole = now
	}
	s.Log.Info().Int("entries", v.Entries).Int("rows", v.Rows).Str("head", v.Head).Bool("whole", since == "").Msg("the ledger is proved")
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
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

func (s *Scheduler) lastProof(ctx context.Context) (p proof, err error) {
	text, err := s.Ledger.Fact(ctx, factProved)
	if err != nil || text == "" {
		return p, err
	}
	return p, json.Unmarshal([]byte(text), &p)
}

// LastProof is when the ledger last proved right; zero: never; wrong is
// what was found since.
func (s *Scheduler) LastProof(ctx context.Context) (at time.Time, wrong, err error) {
	p, err := s.lastProof(ctx)
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return p.At, s.health.proofErr, err
}

// tellNotProved tells the administrators, once a day.
func (s *Scheduler) tellNotProved(ctx context.Context, why error) error {
	v := s.View()
	today := v.Today().String()
	told, err := s.Ledger.Fact(ctx, factProofFailed)
	if err != nil || told == today {
		return err
	}
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		if err := engine.TellAdmins(tx, v, v.Text("proof"), v.Text("proof text", why)); err != nil {
			return err
		}
		return tx.SetFact(factProofFailed, today)
	})
}
