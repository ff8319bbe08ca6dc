package main

import (
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/ledger/tables"
)

func ledgerCopyCommand(a *env) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "copy --to DATABASE|FILE",
		Short: "Copy the ledger into PostgreSQL, or from there into a file",
		Long: `copy makes the same ledger in another place: in an empty database, named as
postgres://USER@HOST/DATABASE, or in a new file. Every row is compared, and the
copy is proved, before it is a ledger: one that does not prove right (verify)
cannot be copied. A copy that was interrupted goes on where it was when it is
called again. Stop the daemons first; the configuration still names the ledger
that was copied until you change it.`,
		Example: "  duban ledger copy --to postgres://duban@db.example/duban",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usagef("ledger copy: say where to: add --to")
			}
			c, err := a.configured()
			if err != nil {
				return err
			}
			tell, done := a.copying()
			err = app.Copy(cmd.Context(), c, to, tell)
			done()
			if err != nil {
				return err
			}
			a.say("copied and proved the same, row by row; name it under [ledger] in %s, and then start duban", c.File)
			if config.DatabaseOf(to) != nil && !c.Shared() {
				a.say("the rules lie in a database too: duban ledger plans push brings them in")
				if linkKey := c.LinkKey(); isThere(linkKey) {
					a.say("the links in mails that have left go on to work with the key that made them: set [web] link_key_file = %q", linkKey)
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "where to: postgres://… or a new file")
	return cmd
}

// copying shows how far a copy is, where somebody looks.
func (a *env) copying() (tell tables.Progress, done func()) {
	if !isTerminal(a.err) {
		return func(string, int64, int64) {}, func() {}
	}
	bar := progress.NewWriter()
	bar.SetOutputWriter(a.err)
	bar.SetUpdateFrequency(100 * time.Millisecond)
	bar.SetAutoStop(false)
	t := &progress.Tracker{Units: progress.UnitsDefault}
	bar.AppendTracker(t)
	go bar.Render()
	return func(table string, done, all int64) {
			t.UpdateTotal(all)
			t.UpdateMessage(table)
			t.SetValue(done)
		}, func() {
			t.MarkAsDone()
			bar.Stop()
		}
}
