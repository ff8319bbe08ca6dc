package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

func verifyCommand(a *env) *cobra.Command {
	var expect string
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "verify",
		Short: "Prove that the ledger is whole and was changed only through duban",
		Long: `verify proves that the file is whole, that each journal entry follows from the
one before, that every row which the journal covers stands as the journal says
and no other is there, and that open due dates and next reminders follow from
the rules last adopted. What the page and the daemon remember for themselves
(sessions, facts) and the bytes of mails are not covered. What an older duban
kept no hashes of is named as not proved.

It prints the journal's end as SEQ:HASH. Whoever can write the file could write
all of it anew: keep that line elsewhere, and give it to --expect later.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if expect != "" {
				if err := ledger.CheckHead(expect); err != nil {
					return usagef("--expect %w", err)
				}
			}
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				v, err := engine.Verify(cmd.Context(), b.Store, b.View(), expect, "")
				if err != nil {
					return err
				}
				return printVerdict(a, v)
			})
		},
	})
	cmd.Flags().StringVar(&expect, "expect", "", "an end of the journal that verify printed earlier: `SEQ:HASH`")
	return cmd
}

func printVerdict(a *env, v ledger.Verdict) error {
	if a.asJSON {
		err := printJSON(a.out, map[string]any{
			"ok": len(v.Problems) == 0, "entries": v.Entries, "occurrences": v.Occurrences, "rows": v.Rows, "head": v.Head,
			"problems": orEmpty(v.Problems), "not_proved": orEmpty(v.NotProved),
		})
		if err != nil {
			return err
		}
	} else {
		for _, p := range v.Problems {
			fmt.Fprintln(a.out, p)
		}
		for _, n := range v.NotProved {
			a.say("not proved: %s", n)
		}
	}
	if len(v.Problems) > 0 {
		return problem.Errorf("the ledger is not as the journal says: %d problem(s); restore a backup, or find out who changed it", len(v.Problems))
	}
	if !a.asJSON {
		a.say("%d journal entries, %d occurrences and %d rows in all: nothing wrong\n%s", v.Entries, v.Occurrences, v.Rows, v.Head)
	}
	return nil
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
