package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
)

// journalRow is one entry in journal --json.
type journalRow struct {
	Seq        int64           `json:"seq"`
	At         string          `json:"at"`
	By         string          `json:"by"`
	Action     string          `json:"action"`
	Occurrence string          `json:"occurrence"` // or event, notice, plan
	Reason     string          `json:"reason"`
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after"`
	Hash       string          `json:"hash"`
}

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
				out, table := []journalRow{}, [][]any{}
				err := b.Entries(cmd.Context(), subject, func(e ledger.Entry) error {
					if e.OnlyRows() {
						return nil // verify reads it
					}
					r := journalRow{e.Seq, e.At.In(b.View().Settings.Timezone).Format(time.RFC3339), e.Actor, e.Action, e.Subject.String(), e.Reason, rawJSON(e.Before), rawJSON(e.After), e.Hash}
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
				a.table([]column{{head: "#", right: true}, {head: "AT"}, {head: "BY"}, {head: "ACTION"}, {head: "ON"}, {head: "CHANGE", width: 60}, {head: "REASON", width: 40}}, table)
				return nil
			})
		},
	})
	cmd.Flags().StringVar(&occurrence, "occurrence", "", "only this `occurrence`")
	return cmd
}

// rawJSON is a stored JSON text as such; a plain text, such as a plan's
// signature, becomes a string.
func rawJSON(s string) json.RawMessage {
	switch {
	case s == "":
		return json.RawMessage("null")
	case json.Valid([]byte(s)):
		return json.RawMessage(s)
	}
	b, _ := json.Marshal(s) // a string always marshals
	return b
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
