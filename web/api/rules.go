package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"duban/ledger"
	"duban/rules"
	"duban/rules/catalogue"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
	"duban/scheduler/views"
)

// ruleTexts are the rules as their files have them, to read and to write.
type ruleTexts struct {
	view   func() engine.View
	editor *editor.Editor
}

func (s *ruleTexts) register(a huma.API) {
	huma.Register(a, known(a, operation(http.MethodGet, "/obligations/{id}", "getObligation", "rules", "One obligation, with its text", "With an ETag, which who writes it names in If-Match.")), answering(s.rule))
	op := act("/obligations/{id}", "putObligation", "rules", "Write the text of an obligation", "The text is its [[obligation]] in TOML, whole. It is taken over if all rules are right with it, and only where it is still the one that If-Match names.")
	op.Method = http.MethodPut
	huma.Register(a, op, answering(s.save))
}

// Rule is an obligation with its text.
type Rule struct {
	views.Obligation
	Text string `json:"text" doc:"Its [[obligation]] as its file has it, in TOML"`
}

type ruleIn struct {
	ID          string `path:"id" doc:"The obligation's id, or PLAN:ID, percent-encoded"`
	IfNoneMatch string `header:"If-None-Match" doc:"ETags: of one of these nothing is sent again"`
}

// found is an obligation with the place of its text.
func (s *ruleTexts) found(id string) (*rules.Obligation, planfile.Passage, error) {
	set := s.view().Rules
	o, err := set.FindObligation(id)
	if err != nil {
		return nil, planfile.Passage{}, err
	}
	at, err := planfile.Find(set, rules.ObligationEntry, o.Plan.ID, o.ID)
	if at.Text == "" {
		at.Text = o.Source // of a plan in the binary
	}
	return o, at, err
}

// shown is a rule as this token may see it.
func shownRule(ctx context.Context, o *rules.Obligation, text string) Rule {
	if tokenOf(ctx).Role != ledger.RoleAdmin {
		text = views.WithoutPeople(text)
	}
	return Rule{views.NewObligation(o), text}
}

func (s *ruleTexts) rule(ctx context.Context, in *ruleIn) (*tagged[Rule], error) {
	o, at, err := s.found(in.ID)
	if o == nil {
		return nil, err
	}
	out := &tagged[Rule]{Status: http.StatusOK, Body: shownRule(ctx, o, at.Text)}
	out.ETag = markOf(out.Body)
	if matches(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

type saveIn struct {
	ID      string `path:"id" doc:"The obligation's id, or PLAN:ID, percent-encoded"`
	IfMatch string `header:"If-Match" required:"true" doc:"The ETag of the text that this is to replace"`
	Body    struct {
		Text   string `json:"text" doc:"Its [[obligation]] as its file is to have it, in TOML"`
		Reason string `json:"reason,omitempty"`
	}
}

func (s *ruleTexts) save(ctx context.Context, in *saveIn) (*tagged[Rule], error) {
	o, at, err := s.found(in.ID)
	if err != nil {
		return nil, err
	}
	if err := unchanged(in.IfMatch, shownRule(ctx, o, at.Text)); err != nil {
		return nil, err
	}
	problems, err := s.editor.Save(ctx, editor.Edit{Passage: at, To: in.Body.Text, By: tokenOf(ctx).Name, Reason: in.Body.Reason})
	var theirs *editor.ConflictError
	switch {
	case errors.As(err, &theirs):
		return nil, &problem.Error{Code: problem.Changed, Field: "If-Match", Key: "This has changed since you read it: read it again."}
	case err != nil:
		return nil, err
	case problems.Err() != nil:
		return nil, wrongText(ctx, problems)
	}
	o, at, err = s.found(in.ID)
	if o == nil {
		return nil, err
	}
	out := &tagged[Rule]{Status: http.StatusOK, Body: shownRule(ctx, o, at.Text)}
	out.ETag = markOf(out.Body)
	return out, nil
}

// wrongText is all that is wrong with a text: nothing was saved.
func wrongText(ctx context.Context, problems *problem.List) error {
	words := catalogue.In(languageOf(ctx))
	p := newProblem(&problem.Error{Code: problem.Invalid, Field: "text", Key: "The rules would not be right with this: nothing was saved."}, languageOf(ctx))
	for _, one := range problems.Errors() {
		p.Errors = append(p.Errors, Fault{one.Said.Field, words.Problem(one)})
	}
	return p
}
