package ledger

import (
	"context"
	"time"

	"duban/rules"
)

// RuleText is a rule as the ledger keeps it, for occurrences whose rule is gone.
type RuleText struct {
	Ref, Title, TitleEn, Basis, Source string
}

// PlanReader answers which rules the ledger has met.
type PlanReader interface {
	// PlanSignature is that of the rules last adopted; empty: the ledger has never
	// met the plan, or it had been retired.
	PlanSignature(ctx context.Context, plan string) (signature string, met bool, err error)

	// Plans are the ids of those in force.
	Plans(ctx context.Context) ([]string, error)

	// Extent is which periods the rule with that number holds; empty: an older
	// version did not keep it.
	Extent(ctx context.Context, rule int64) (string, error)

	// RuleText is the text with that number.
	RuleText(ctx context.Context, id int64) (RuleText, error)
}

// PlanWriter keeps the rules that are adopted.
type PlanWriter interface {
	// SavePlan writes the signature that was adopted; an empty one retires the plan.
	SavePlan(plan, signature string, now time.Time) error

	// Rule is the number of a rule text, kept from now on.
	Rule(o *rules.Obligation, now time.Time) (int64, error)
}
