package main

import (
	"bytes"
	"fmt"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/notify"
	"duban/rules/problem"
	"duban/rules/sheet"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

type bulletinFormat string

var bulletinFormats = []bulletinFormat{"text", "html", "xlsx"}

func bulletinCommand(a *env) *cobra.Command {
	var from, to, output, by string
	var send bool
	format := bulletinFormats[0]
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "bulletin",
		Short: "Who was on time in some months, and what is late now",
		Long: `bulletin (通报) shows the on-time rate of each unit in some months (default: the
month before), what changed since as many months before, what is overdue now, and
what was extended or transferred. With --send it is mailed, with a workbook, to
those that [bulletin] to names in the configuration, or to all units that supervise
others.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			with := a.look
			if send {
				with = a.move
			}
			return with(cmd.Context(), func(l *app.Site, b *app.Book) error {
				months, err := engine.ReadMonths(from, to, b.View().Today())
				if err != nil {
					return problem.New(problem.Usage, "%w", err)
				}
				if send {
					return a.sendBulletin(cmd, b, months, by)
				}
				made, err := figures.NewBulletin(cmd.Context(), b.Store, b.View(), months)
				if err != nil {
					return err
				}
				if a.asJSON {
					return printJSON(a.out, made)
				}
				language := readersLanguage(l.Config)
				return a.writeBulletin(made.In(b.View(), language), format, language, output)
			})
		},
	})
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "the first `month`, as in 2017-10 (default: the month before this one)")
	f.StringVar(&to, "to", "", "the last `month` (default: the first)")
	f.Var(choiceValue[bulletinFormat]{&format, bulletinFormats}, "format", "text, html or xlsx")
	f.StringVarP(&output, "output", "o", "", "write to this `file` instead of the standard output")
	f.BoolVar(&send, "send", false, "mail it instead")
	f.StringVar(&by, "by", who(), "`who` sends it")
	return cmd
}

func (a *env) sendBulletin(cmd *cobra.Command, b *app.Book, months engine.Months, by string) error {
	to, err := b.Desk.SendBulletin(cmd.Context(), months, by)
	if err != nil {
		return err
	}
	for _, unit := range to {
		a.say("in the outbox: the bulletin for %s", unit)
	}
	return nil
}

func (a *env) writeBulletin(made *notify.Bulletin, format bulletinFormat, language, output string) error {
	var b bytes.Buffer
	switch format {
	case "xlsx":
		if output == "" && isTerminal(a.out) {
			return usagef("a spreadsheet cannot be shown here: add --output FILE.xlsx")
		}
		book, err := made.Workbook()
		if err != nil {
			return err
		}
		b.Write(book)
	case "html":
		said, err := (&notify.Notice{Kind: notify.BulletinKind, Language: language, Bulletin: made}).Say()
		if err != nil {
			return err
		}
		b.WriteString(said.HTML)
	default:
		fmt.Fprintf(&b, "%s\n%s\n", made.Title, made.AsOf)
		for _, p := range made.Parts {
			fmt.Fprintf(&b, "\n%s\n", p.Heading)
			for _, text := range p.Text {
				fmt.Fprintf(&b, "%s\n", text)
			}
			if p.Table != nil {
				if err := writeTables(&b, a.words, "table", []sheet.Table{*p.Table}); err != nil {
					return err
				}
			}
		}
	}
	if output == "" {
		_, err := a.out.Write(b.Bytes())
		return err
	}
	return renameio.WriteFile(output, b.Bytes(), 0o644)
}
