package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/scheduler/views"
)

func journalCommand(a *env) *cobra.Command {
	var occurrence string
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "journal",
		Short: "Show every change in the ledger, who made it, and how it was before",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				var subject ledger.Subject
				if occurrence != "" {
					o, err := b.Find(cmd.Context(), occurrence)
					if err != nil {
						return err
					}
					subject = o.Subject()
				}
				out, table := []views.Entry{}, [][]any{}
				err := b.Entries(cmd.Context(), subject, func(e ledger.Entry) error {
					if e.OnlyRows() {
						return nil // verify reads it
					}
					r := views.NewEntry(e, b.View().Settings.Timezone)
					out = append(out, r)
					table = append(table, []any{r.Seq, r.At, r.By, a.name("action", r.Action), r.Occurrence, changed(e), r.Reason})
					return nil
				})
				if err != nil {
					return err
				}
				if a.asJSON {
					return printJSON(a.out, out)
				}
				a.table([]column{{head: "#", right: true}, {head: "AT"}, {head: "BY"}, {head: "ACTION"}, {head: "SUBJECT OF IT"}, {head: "CHANGE", width: 60}, {head: "REASON", width: 40}}, table)
				return nil
			})
		},
	})
	cmd.Flags().StringVar(&occurrence, "occurrence", "", "only this `occurrence`")
	return cmd
}

// changed says which fields an entry changed.
func changed(e ledger.Entry) string {
	var before, after map[string]any
	if json.Unmarshal([]byte(e.After), &after) != nil {
		return ""
	}
	_ = json.Unmarshal([]byte(e.Before), &before) // none: everything is new
	out := ""
	for _, k := range []string{"state", "due", "paused_on", "evidence", "provisional", "items"} {
		b, had := before[k]
		v, has := after[k]
		if !has && !had || fmt.Sprint(b) == fmt.Sprint(v) {
			continue
		}
		if out != "" {
			out += ", "
		}
		if had {
			out += fmt.Sprintf("%s: %v → %v", k, b, v)
		} else {
			out += fmt.Sprintf("%s: %v", k, v)
		}
	}
	return out
}
