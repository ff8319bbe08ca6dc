package main

import (
	"context"
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
				return listJournal(cmd.Context(), a, b, occurrence)
			})
		},
	})
	cmd.Flags().StringVar(&occurrence, "occurrence", "", "only this `occurrence`")
	return cmd
}

// listJournal lists what was done, all or with one occurrence, page by page: the ledger
// waits for no reader.
func listJournal(ctx context.Context, a *env, b *app.Book, occurrence string) (err error) {
	to, zone := a.entries(), b.View().Settings.Timezone
	add := func(e ledger.Entry) error { return to.add(views.NewEntry(e, zone)) }
	if occurrence == "" {
		err = ledger.EntriesInTurn(ctx, b, add)
	} else {
		err = entriesOf(ctx, b, occurrence, add)
	}
	if err != nil {
		return err
	}
	return to.end()
}

// entriesOf calls f for what was done with one occurrence, which is soon read.
func entriesOf(ctx context.Context, b *app.Book, occurrence string, f func(ledger.Entry) error) error {
	o, err := b.Find(ctx, occurrence)
	if err != nil {
		return err
	}
	var all []ledger.Entry
	err = b.Entries(ctx, o.Subject(), func(e ledger.Entry) error {
		if !e.OnlyRows() { // verify reads it
			all = append(all, e)
		}
		return nil
	})
	for i := 0; err == nil && i < len(all); i++ {
		err = f(all[i])
	}
	return err
}

// entries writes them as the reader wants them.
func (a *env) entries() list[views.Entry] {
	columns := []column{{head: "#", right: true}, {head: "AT"}, {head: "BY"}, {head: "ACTION"}, {head: "SUBJECT OF IT"}, {head: "CHANGE", width: 60}, {head: "REASON", width: 40}}
	return listed(a, columns, func(r views.Entry) []any {
		return []any{r.Seq, r.At, r.By, a.name("action", r.Action), r.Occurrence, changed(r), r.Reason}
	})
}

// changed says which fields an entry changed.
func changed(e views.Entry) string {
	var before, after map[string]any
	if json.Unmarshal(e.After, &after) != nil || after == nil {
		return ""
	}
	_ = json.Unmarshal(e.Before, &before) // none: everything is new
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
