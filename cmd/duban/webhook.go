package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/notify/post"
	"duban/rules/problem"
	"duban/scheduler/views"
	"duban/scheduler/webhook"
)

func webhookCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Look at the programs that are told what happens, and post again",
		Args:  exactly(),
		RunE: func(*cobra.Command, []string) error {
			return usagef("webhook wants list or retry")
		},
	}
	cmd.AddCommand(webhookListCommand(a), webhookRetryCommand(a))
	return cmd
}

func webhookListCommand(a *env) *cobra.Command {
	return jsonFlag(a, &cobra.Command{
		Use:   "list",
		Short: "List the webhooks, how far each has been told, and its last posts",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(l *app.Site, b *app.Book) error {
				rows, err := webhookRows(cmd.Context(), l, b)
				if err != nil {
					return err
				}
				if a.asJSON {
					return printJSON(a.out, rows)
				}
				var table [][]any
				for _, r := range rows {
					last := ""
					if len(r.Last) > 0 {
						last = r.Last[0].At + " " + r.Last[0].Type + ": " + r.Last[0].Detail
					}
					table = append(table, []any{r.Name, r.Host, a.words.Say(r.State), r.Behind, orDash(r.Since), last})
				}
				a.table([]column{{head: "WEBHOOK"}, {head: "HOST"}, {head: "STATE"}, {head: "BEHIND", right: true}, {head: "SINCE"}, {head: "LAST POST", width: 60}}, table)
				return nil
			})
		},
	})
}

// lastShown is how many posts are listed of each webhook.
const lastShown = 20

func webhookRows(ctx context.Context, l *app.Site, b *app.Book) ([]views.Webhook, error) {
	rows := []views.Webhook{}
	for _, h := range l.Config.Webhooks {
		r, err := views.NewWebhook(ctx, b, h.Name, lastShown, b.View())
		if err != nil {
			return nil, err
		}
		if to, err := h.Address(); err == nil {
			r.Host = to.Host()
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func webhookRetryCommand(a *env) *cobra.Command {
	var from int64
	cmd := &cobra.Command{
		Use:   "retry NAME",
		Short: "Post again at once what failed, also to a webhook that is paused",
		Long: `retry lets a webhook go on at once: what failed last is posted again, and then what
has happened since, in order. With --from it begins anew with that entry of the
journal (duban journal shows their numbers); what is posted twice has the same
webhook-id.`,
		Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.move(cmd.Context(), func(l *app.Site, b *app.Book) error {
				var names []string
				known := false
				for _, h := range l.Config.Webhooks {
					names, known = append(names, h.Name), known || h.Name == args[0]
				}
				if !known {
					return problem.Errorf("no webhook %q%s: duban webhook list shows them", args[0], problem.DidYouMean(args[0], names))
				}
				if err := webhook.Retry(cmd.Context(), b.Store, args[0], from); err != nil {
					return err
				}
				a.say("the daemon posts to %s within a few seconds", args[0])
				return nil
			})
		},
	}
	cmd.Flags().Int64Var(&from, "from", 0, "begin anew with this `entry` of the journal")
	return cmd
}

// webhooks looks whether each webhook's secret is there and right, whether its host
// answers, and whether it is paused; it posts nothing.
func (d *doctor) webhooks(ctx context.Context) {
	for _, h := range d.site.Config.Webhooks {
		d.webhook(ctx, h)
	}
}

func (d *doctor) webhook(ctx context.Context, h *config.Webhook) {
	check := "webhook " + h.Name
	problems := &problem.List{}
	h.Check(problems)
	if errs := problems.Errors(); len(errs) > 0 {
		d.add(check, resultWrong, d.env.words.Problem(errs[0]), "write the secret into the file that secret_file names")
		return
	}
	to, err := h.Address()
	if err == nil {
		err = post.Reach(ctx, post.Guarded(to, h.Allow), to)
	} else {
		d.add(check, resultWarning, err.Error(), "")
		return
	}
	if err != nil {
		d.add(check, resultWrong, err.Error(), "check the address, and the firewall")
		return
	}
	if l, err := d.env.openLedger(ctx); err == nil {
		defer l.Close()
		if w, _, err := l.Webhook(ctx, h.Name); err == nil && !w.Paused.IsZero() {
			d.add(check, resultWrong, "paused since "+w.Paused.Format(time.RFC3339)+": "+w.Reason, "when the other side is back: duban webhook retry "+h.Name)
			return
		}
	}
	d.add(check, resultOK, to.Host()+" answers", "")
}
