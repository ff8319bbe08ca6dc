package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/notify"
	"duban/notify/post"
	"duban/rules/calendar"
	"duban/rules/problem"
)

func channelCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "channel",
		Short: "Look at the ways to reach units beside mail, and try them",
		Args:  exactly(),
		RunE: func(*cobra.Command, []string) error {
			return usagef("channel wants list or test")
		},
	}
	cmd.AddCommand(channelListCommand(a), channelTestCommand(a))
	return cmd
}

// channelRow is a channel as it is listed: never its address.
type channelRow struct {
	Name         string   `json:"name"`
	Service      string   `json:"service"`
	Host         string   `json:"host"` // empty: of a service's own scheme, or unknown
	Link         bool     `json:"link"`
	MaxPerMinute int      `json:"max_per_minute"`
	Units        []string `json:"units"`
	Waiting      int      `json:"waiting"`
	Held         int      `json:"held"`
	Failed       int      `json:"failed"`
	Wrong        string   `json:"wrong"` // what is wrong with its address; empty: nothing that can be seen
}

func channelListCommand(a *env) *cobra.Command {
	return jsonFlag(a, &cobra.Command{
		Use:   "list",
		Short: "List the channels, whom they reach, and what waits for each",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(l *app.Site, b *app.Book) error {
				rows, err := channelRows(cmd.Context(), a, l, b)
				if err != nil {
					return err
				}
				if a.asJSON {
					return printJSON(a.out, rows)
				}
				var table [][]any
				for _, r := range rows {
					table = append(table, []any{r.Name, r.Service, r.Host, len(r.Units), r.Waiting, r.Held, r.Failed, r.Wrong})
				}
				a.table([]column{
					{head: "CHANNEL"}, {head: "SERVICE"}, {head: "HOST"}, {head: "UNITS", right: true},
					{head: "WAITING", right: true}, {head: "HELD", right: true}, {head: "FAILED", right: true}, {head: "ERROR", width: 60},
				}, table)
				return nil
			})
		},
	})
}

func channelRows(ctx context.Context, a *env, l *app.Site, b *app.Book) ([]channelRow, error) {
	counts, err := b.ChannelCounts(ctx)
	if err != nil {
		return nil, err
	}
	rows := []channelRow{}
	for _, c := range l.Config.Channels {
		r := channelRow{Name: c.Name, Service: c.Service, Link: c.Link, MaxPerMinute: c.MaxPerMinute, Units: []string{}}
		for _, u := range l.Rules.Units {
			if slices.Contains(u.Channels, c.Name) {
				r.Units = append(r.Units, u.ID)
			}
		}
		of := counts[c.Name]
		r.Waiting, r.Held, r.Failed = of[ledger.Pending]+of[ledger.Sending], of[ledger.Held], of[ledger.Failed]
		r.Host, r.Wrong = seen(a, c)
		rows = append(rows, r)
	}
	return rows, nil
}

// seen is what can be told of a channel's address without trying it.
func seen(a *env, c *config.Channel) (host, wrong string) {
	if address, err := c.Address(); err == nil {
		host = address.Host()
	}
	problems := &problem.List{}
	c.Check(problems)
	for _, p := range slices.Concat(problems.Errors(), problems.Warnings()) {
		return host, a.words.Problem(p)
	}
	return host, ""
}

// namedChannel opens one.
func namedChannel(c *config.Config, name string) (notify.Channel, error) {
	var names []string
	for _, one := range c.Channels {
		if one.Name == name {
			return app.Channel(c, one, time.Now)
		}
		names = append(names, one.Name)
	}
	return nil, problem.Errorf("no channel %q%s: duban channel list shows them", name, problem.DidYouMean(name, names))
}

func channelTestCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "test NAME",
		Short: "Send a line by a channel now, past window and outbox",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.load()
			if err != nil {
				return err
			}
			channel, err := namedChannel(l.Config, args[0])
			if err != nil {
				return err
			}
			defer channel.Close()
			return testChannel(cmd.Context(), a, l, args[0], channel)
		},
	}
}

func testChannel(ctx context.Context, a *env, l *app.Site, name string, channel notify.Channel) error {
	s := l.Settings()
	now := a.now().In(s.Timezone)
	title := map[bool]string{true: "test message", false: "\u6d4b\u8bd5\u6d88\u606f"}[l.Config.Language == "en"]
	n := &notify.Notice{Kind: notify.Admin, Language: l.Config.Language, Day: calendar.DayOf(now), Title: notify.AdminSubject(l.Config.Language, title), Text: title + " \u00b7 " + now.Format(time.RFC3339)}
	id := name + "." + notify.MessageID(l.Config.From.ASCIIHost(), "test", name, now.Format(time.RFC3339Nano))
	raw, err := channel.Compose(n, notify.Envelope{MessageID: id, Date: now})
	if err != nil {
		return err
	}
	out := channel.Send(ctx, notify.Message{Name: id, To: []string{name}, Raw: raw})
	if out.Err != nil {
		return problem.Errorf("[channel.%s]: %w", name, out.Err)
	}
	a.say("sent by %s: %s", name, out.Reply)
	return nil
}

// channels looks whether each channel's address is there and right, and whether what
// it leads to can be reached; it sends nothing.
func (d *doctor) channels(ctx context.Context) {
	for _, c := range d.site.Config.Channels {
		check := "channel " + c.Name
		problems := &problem.List{}
		c.Check(problems)
		if errs := problems.Errors(); len(errs) > 0 {
			d.add(check, resultWrong, d.env.words.Problem(errs[0]), "write its address into the file that url_file names; duban channel test "+c.Name+" tries it")
			continue
		}
		if warnings := problems.Warnings(); len(warnings) > 0 {
			d.add(check, resultWarning, d.env.words.Problem(warnings[0]), "")
			continue
		}
		address, err := c.Address()
		if err == nil {
			client := post.Open()
			if c.Guarded() {
				client = post.Guarded(address, c.Allow)
			}
			err = post.Reach(ctx, client, address)
		}
		if err != nil {
			d.add(check, resultWrong, err.Error(), "check the address, and the firewall; duban channel test "+c.Name+" tries it")
			continue
		}
		d.add(check, resultOK, orWord(address.Host(), c.Service)+" answers; duban channel test "+c.Name+" sends a line", "")
	}
}
