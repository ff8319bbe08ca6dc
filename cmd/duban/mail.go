package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules/address"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/delivery"
	"duban/scheduler/views"
	"duban/web"
)

var mailStates = []ledger.MailState{ledger.Pending, ledger.Sending, ledger.Sent, ledger.Failed, ledger.Held, ledger.Dropped}

func mailCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mail",
		Short: "Look into the outbox, and move what is in it",
		Args:  exactly(),
		RunE: func(*cobra.Command, []string) error {
			return usagef("mail wants list, show, retry, drop, release or test")
		},
	}
	cmd.AddCommand(
		mailListCommand(a), mailShowCommand(a),
		mailMoveCommand(a, "retry ID", "Send a notice that failed or waits again, now", ledger.Pending, ledger.Failed, ledger.Pending, ledger.Dropped),
		mailMoveCommand(a, "drop ID", "Discard a notice that has not been sent", ledger.Dropped, ledger.Pending, ledger.Held, ledger.Failed),
		mailReleaseCommand(a), mailTestCommand(a),
	)
	return cmd
}

func mailListCommand(a *env) *cobra.Command {
	var state ledger.MailState
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "list",
		Short: "List the notices",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				return listNotices(cmd.Context(), a, b, state)
			})
		},
	})
	cmd.Flags().Var(choiceValue[ledger.MailState]{&state, mailStates}, "state", "only those pending, sending, sent, failed, held or dropped")
	return cmd
}

// listNotices lists those in a state, or all, page by page: the ledger waits for no reader.
func listNotices(ctx context.Context, a *env, b *app.Book, state ledger.MailState) error {
	to, lister := a.notices(), views.NewLister(b, b.View())
	err := ledger.NoticesInTurn(ctx, b, ledger.NoticeQuery{State: state}, func(some []*ledger.Notice) error {
		rows, err := lister.Notices(ctx, some)
		for i := 0; err == nil && i < len(rows); i++ {
			err = to.add(rows[i])
		}
		return err
	})
	if err != nil {
		return err
	}
	return to.end()
}

// notices writes them as the reader wants them.
func (a *env) notices() list[views.Notice] {
	columns := []column{{head: "ID", right: true}, {head: "MADE"}, {head: "KIND"}, {head: "CHANNEL"}, {head: "STATE"}, {head: "TRIES", right: true}, {head: "TO", width: 30}, {head: "SUBJECT", width: 60}, {head: "ERROR", width: 60}}
	return listed(a, columns, func(r views.Notice) []any {
		return []any{r.ID, orDash(r.CreatedAt), a.name("notice", string(r.Kind)), orWord(r.Channel, ledger.ByMail), a.name("mail", string(r.State)), r.Attempts, strings.Join(r.To, " "), r.Subject, r.Error}
	})
}

func noticeID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, usagef("%q is no notice: give its number, as duban mail list shows it", s)
	}
	return id, nil
}

func mailShowCommand(a *env) *cobra.Command {
	var raw bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a notice: what became of it, and the mail itself",
		Args:  exactly("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := noticeID(args[0])
			if err != nil {
				return err
			}
			return a.look(cmd.Context(), func(l *app.Site, b *app.Book) error {
				n, err := b.Notice(cmd.Context(), id)
				if err != nil {
					return err
				}
				return showMail(cmd.Context(), a, l, b, n, raw)
			})
		},
	}
	cmd.Flags().BoolVar(&raw, "raw", false, "print the mail's bytes and nothing else")
	return cmd
}

// showMail tells a notice's whole story.
func showMail(ctx context.Context, a *env, l *app.Site, b *app.Book, n *ledger.Notice, raw bool) error {
	bytes, err := mailNow(ctx, l, b, n)
	if err != nil {
		return err
	}
	if raw {
		if bytes == nil {
			return problem.Errorf("notice %d has no mail: %s", n.ID, noMail(n))
		}
		_, err := a.out.Write(bytes)
		return err
	}
	if err := showStory(ctx, a, b, n); err != nil {
		return err
	}
	if bytes == nil {
		a.say("\n%s", noMail(n))
		return nil
	}
	text, err := textOf(n, bytes)
	if err != nil {
		return err
	}
	a.say("\n%s", web.CutLinks(text))
	return nil
}

// textOf is what people read of a notice's bytes.
func textOf(n *ledger.Notice, bytes []byte) (string, error) {
	if n.Channel == ledger.ByMail {
		return notify.ReadText(bytes)
	}
	short, err := notify.ReadShort(bytes)
	return short.Whole(), err
}

// noMail says why there is nothing to show.
func noMail(n *ledger.Notice) string {
	if n.State == ledger.Sent {
		return "the text of mails this old is no longer kept ([retention] mail_days)"
	}
	return "nothing in it is true any more: it will not be sent"
}

// mailNow is the mail as it was sent, or as it would be now; nil: not at all.
func mailNow(ctx context.Context, l *app.Site, b *app.Book, n *ledger.Notice) ([]byte, error) {
	if n.Body != nil && n.State != ledger.Pending && n.State != ledger.Held {
		return n.Body, nil
	}
	by := mail.NewChannel(nil, nil).Compose
	if n.Channel != ledger.ByMail {
		channel, err := namedChannel(l.Config, n.Channel)
		if err != nil {
			return n.Body, nil //nolint:nilerr // it has been taken from the configuration: what was made stays to be seen
		}
		by = channel.Compose
	}
	return delivery.Bytes(ctx, b.Store, b.View(), by, n)
}

func showStory(ctx context.Context, a *env, b *app.Book, n *ledger.Notice) error {
	attempts, err := b.Attempts(ctx, n.ID)
	if err != nil {
		return err
	}
	clock := func(t time.Time) string { return t.In(b.View().Settings.Timezone).Format("2006-01-02 15:04:05") }
	a.say("notice %d  %s  %s\n%s\nmade %s, leaves from %s", n.ID, a.name("notice", string(n.Kind)), a.name("mail", string(n.State)), n.Subject, clock(n.Created), n.Day)
	for _, r := range n.Recipients {
		a.say("  to %s: %s %s", r.Address, a.name("mail", string(r.State)), r.Error)
	}
	for _, t := range attempts {
		a.say("  %s attempt %d: %s: %s", clock(t.At), t.Number, t.Outcome, t.Detail)
	}
	switch {
	case n.State == ledger.Pending:
		a.say("  next attempt from %s", clock(n.NextTry))
	case n.Error != "":
		a.say("  %s", n.Error)
	}
	return nil
}

// mailMoveCommand moves one notice from one of some states to another.
func mailMoveCommand(a *env, use, short string, to ledger.MailState, from ...ledger.MailState) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  exactly("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := noticeID(args[0])
			if err != nil {
				return err
			}
			return a.move(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				if err := b.Desk.MoveNotice(cmd.Context(), id, to, who(), from...); err != nil {
					return err
				}
				a.say("notice %d is %s", id, a.name("mail", string(to)))
				return nil
			})
		},
	}
}

func mailReleaseCommand(a *env) *cobra.Command {
	var channel string
	cmd := &cobra.Command{
		Use:   "release [ID…]",
		Short: "Let held notices go: all of them, or those given",
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids []int64
			for _, arg := range args {
				id, err := noticeID(arg)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			if channel != "" && len(ids) > 0 {
				return usagef("give notices or a channel, not both")
			}
			return a.move(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				release := func() (int, error) { return b.Desk.ReleaseHeld(cmd.Context(), ids, who()) }
				if channel != "" {
					release = func() (int, error) { return b.Desk.ReleaseChannel(cmd.Context(), channel, who()) }
				}
				n, err := release()
				if err != nil {
					return err
				}
				a.say("%d notice(s) released", n)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&channel, "channel", "", "only what would leave by this channel")
	return cmd
}

func mailTestCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "test ADDRESS",
		Short: "Send a test mail now, past window and outbox",
		Args:  exactly("ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := address.Parse(args[0])
			if err != nil || to.Bare() != args[0] {
				return usagef("%q is no mail address: write it like office@example.org", args[0])
			}
			l, err := a.load()
			if err != nil {
				return err
			}
			channel, err := app.Mail(l.Config, time.Now)
			if err != nil {
				return err
			}
			defer channel.Close()
			return testMail(cmd.Context(), a, l, channel, to)
		},
	}
}

func testMail(ctx context.Context, a *env, l *app.Site, channel notify.Channel, to address.Address) error {
	s := l.Settings()
	now := a.now().In(s.Timezone)
	title := map[bool]string{true: "test mail", false: "测试邮件"}[l.Config.Language == "en"]
	n := &notify.Notice{Kind: notify.Admin, Language: l.Config.Language, Day: calendar.DayOf(now), Title: notify.AdminSubject(l.Config.Language, title), Text: title + " · " + now.Format(time.RFC3339)}
	id := notify.MessageID(l.Config.From.ASCIIHost(), "test", to.Bare(), now.Format(time.RFC3339Nano))
	raw, err := channel.Compose(n, notify.Envelope{MessageID: id, Date: now, From: l.Config.From, To: []address.Address{to}})
	if err != nil {
		return err
	}
	from := l.Config.EnvelopeFrom
	if from.IsZero() {
		from = l.Config.From
	}
	out := channel.Send(ctx, notify.Message{Name: id, From: from.Bare(), To: []string{to.Bare()}, Raw: raw})
	if out.Err == nil {
		out.Err = out.Refused[to.Bare()]
	}
	if out.Err != nil {
		return problem.Errorf("mail to %s: %w", to.Bare(), out.Err)
	}
	a.say("sent to %s: %s", to.Bare(), out.Reply)
	return nil
}
