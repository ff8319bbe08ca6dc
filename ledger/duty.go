package ledger

import (
	"time"

	"duban/rules/calendar"
)

// Duty is one obligation of one unit: what the ledger knows of it before and
// between its occurrences.
type Duty struct {
	Plan       string
	Obligation string
	Unit       string
	Rule       int64
	From       time.Time     // since when that rule is followed
	MadeTo     calendar.Date // up to that anchor all has been made
	Wake       calendar.Date // when the next occurrence is to be made; 0: events make them
	Told       bool          // the unit has heard of it
	Retired    bool          // no rule asks for it any more
}

// Followed is a rule that a duty followed for a time, and no longer does.
type Followed struct {
	From, To time.Time // the rule held from the one until the other
	Extent   string    // of the rule; empty: an older version did not keep it
	MadeTo   calendar.Date
}

// RuleText is a rule as the ledger keeps it, for occurrences whose rule is gone.
type RuleText struct {
	Ref, Title, TitleEn, Basis, Source string
}
