package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/rules"
	"duban/rules/problem"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// maxTold is how many problems a mail to the administrators lists.
const maxTold = 30

const factBadRules = "bad rules told" // the problems last told

// Reload takes over the rules as they now stand. A broken edit keeps those in
// force; every problem is logged, and the administrators are told once.
func (s *Scheduler) Reload(ctx context.Context, load editor.Loader) {
	version, err := s.filesVersion(ctx)
	if err != nil {
		s.log.Error().Err(err).Msg("reload: the old rules stay in force")
		return
	}
	set, problems := load(nil)
	if why := away(problems); why != nil {
		s.files.Store(-1) // asked for again as soon as it answers
		s.log.Error().Err(why).Msg("reload: the ledger has the rules and does not answer; the old ones stay in force")
		return
	}
	s.files.Store(version)
	for _, w := range problems.Warnings() {
		s.log.Warn().Msg(w.String())
	}
	if problems.Err() == nil {
		if err := markDrafts(ctx, s.Ledger, set, problems, s.log); err != nil {
			s.files.Store(-1)
			s.log.Error().Err(err).Msg("reload: the old rules stay in force")
			return
		}
	}
	for _, p := range problems.InDrafts() {
		s.log.Warn().Str("file", p.File).Int("line", p.Line).Int("column", p.Col).Msg("in a draft: " + p.Message())
	}
	if problems.Err() == nil {
		s.SetRules(set)
		s.log.Info().Msg("rules reloaded")
		if err := s.tellBadRules(ctx, ""); err != nil {
			s.log.Error().Err(err).Msg("reload")
		}
		return
	}
	var lines []string
	for _, p := range problems.Errors() {
		s.log.Error().Str("file", p.File).Int("line", p.Line).Int("column", p.Col).Msg(p.Message())
		if len(lines) < maxTold {
			lines = append(lines, p.String())
		}
	}
	if n := len(problems.Errors()); n > maxTold {
		lines = append(lines, fmt.Sprintf("… %d", n))
	}
	s.log.Error().Msg("the rules have errors: the old ones stay in force")
	if err := s.tellBadRules(ctx, strings.Join(lines, "\n")); err != nil {
		s.log.Error().Err(err).Msg("the administrators could not be told of it")
	}
}

// away is why the rules could not be read at all, where the ledger has them: that is no
// fault of theirs, and nobody has to be told.
func away(problems *problem.List) error {
	for _, p := range problems.Errors() {
		for _, a := range p.Said.Args {
			if err, ok := a.(error); ok && errors.Is(err, ledger.ErrAway) {
				return err
			}
		}
	}
	return nil
}

// markDrafts asks the ledger which plans are drafts.
func markDrafts(ctx context.Context, l ledger.Store, set *rules.Set, problems *problem.List, log zerolog.Logger) error {
	inForce, err := engine.MarkDrafts(ctx, l, set, problems)
	for _, p := range inForce {
		log.Warn().Str("plan", p.ID).Msg("its file says draft = true, and it is in force: only duban publish --withdraw makes it a draft again")
	}
	return err
}

// TakeOver puts what was saved in force at once, also when whoever saved it has
// gone. What cannot be adopted just now the next tick adopts.
func (s *Scheduler) TakeOver(ctx context.Context, load editor.Loader) {
	ctx = context.WithoutCancel(ctx)
	s.Reload(ctx, load)
	if _, err := s.Tick(ctx, s.clock()); errors.Is(err, ledger.ErrTaken) && s.Role.Shared() {
		s.log.Debug().Err(err).Msg("saved, and adopted there")
	} else if err != nil {
		s.log.Error().Err(err).Msg("saved, and adopted by the next tick")
	}
}

// tellBadRules tells the administrators of problems they have not heard of;
// none: the slate is clean.
func (s *Scheduler) tellBadRules(ctx context.Context, text string) error {
	if !s.Role.Evaluates() {
		return nil // who does tells of it
	}
	told, err := s.Ledger.Fact(ctx, factBadRules)
	if err != nil || told == text {
		return err
	}
	v := s.View()
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		if text != "" {
			if err := engine.TellAdmins(tx, v, v.Text("rules"), v.Text("rules text", text)); err != nil {
				return err
			}
		}
		return tx.SetFact(factBadRules, text)
	})
}
