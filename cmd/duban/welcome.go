package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"duban/cmd/duban/app"
	"duban/ledger"
)

// How long the log of a start is waited for, before what came of it is said.
const (
	longestStart = 15 * time.Second
	lookAgain    = 200 * time.Millisecond
)

// welcome tells whoever has started serve on a terminal what came of it, once
// the first mails have gone: where they are, how to read one, where the page is,
// what comes next.
func welcome(ctx context.Context, a *env, d *app.Daemon) {
	s := d.Scheduler
	limit := time.After(longestStart)
	select {
	case <-ctx.Done():
		return
	case <-limit:
	case <-s.Health.Started():
	}
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for waiting := true; waiting; {
		select {
		case <-ctx.Done():
			return
		case <-limit:
			waiting = false
		case <-look.C:
			counts, err := s.Ledger.OutboxCounts(ctx, ledger.Pending, ledger.Sending)
			waiting = err == nil && counts[ledger.Pending]+counts[ledger.Sending] > 0 && s.View().MailMayLeave()
		}
	}
	if text, err := whatCame(ctx, a, d); err == nil { // else the log has it
		fmt.Fprint(a.out, "\n"+text+"\n")
	}
}

func whatCame(ctx context.Context, a *env, d *app.Daemon) (string, error) {
	s, c := d.Scheduler, d.Site.Config
	counts, err := s.Ledger.OutboxCounts(ctx, ledger.Pending, ledger.Sending, ledger.Sent, ledger.Held)
	if err != nil {
		return "", err
	}
	latest, err := s.Ledger.Notices(ctx, ledger.NoticeQuery{Newest: true, Limit: 1})
	if err != nil {
		return "", err
	}
	next, err := s.Ledger.FirstReminder(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	tell := func(key string, args ...any) { b.WriteString(a.words.Say(key, args...)) }
	if c.Transport == "maildir" {
		tell("%d mails lie in %s.", counts[ledger.Sent], c.Maildir)
	} else {
		tell("%d mails were sent.", counts[ledger.Sent])
	}
	if waiting := counts[ledger.Pending] + counts[ledger.Sending]; waiting > 0 && !s.View().MailMayLeave() {
		tell(" %d wait until the window opens on %s.", waiting, s.View().Opens().Format("2006-01-02 15:04"))
	} else if waiting > 0 {
		tell(" %d are on their way.", waiting)
	}
	if n := counts[ledger.Held]; n > 0 {
		tell(" %d are held for you to look at: %s mail release.", n, self())
	}
	if len(latest) > 0 {
		tell(" To read one: %s mail show %d", self(), latest[0].ID)
		if c.Transport == "maildir" {
			tell(", or mutt -f %s", c.Maildir)
		}
	}
	b.WriteString("\n")
	switch {
	case c.Listen == "":
		tell("There is no page ([web] listen is empty).")
	case d.First != "":
		tell("The page: %s makes the first account, once; after that %s", d.First, c.BaseURL)
	default:
		tell("The page: %s", c.BaseURL)
	}
	b.WriteString("\n")
	tell("It looks again at %s", s.Health.NextTick().In(s.Options.Settings.Timezone).Format("15:04"))
	if !next.IsZero() {
		tell("; the next reminders are of %s", next.String())
	}
	tell(". Ctrl-C ends it.")
	b.WriteString("\n")
	return b.String(), nil
}

// self is how whoever started this starts it again.
func self() string {
	if exe, err := os.Executable(); err == nil && strings.Contains(exe, "go-build") {
		return "go run ./cmd/duban"
	}
	return "duban"
}
