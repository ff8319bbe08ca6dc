package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/delivery"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

func tickCommand(a *env) *cobra.Command {
	var at string
	var backfill backfillFlags
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "tick",
		Short: "Evaluate once, deliver once, and exit",
		Long: `tick does what serve does at every tick, once: it takes over the rules, makes
occurrences, puts notices into the outbox and, in the window, delivers them.
--at takes the time to be another: 2017-07-14T09:00, a date (the window's start
on it), or RFC 3339.
--backfill lists what was past due when the rules first asked for it, since
--from or since the rules start; with --yes it is made.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := backfill.check(); err != nil {
				return err
			}
			l, err := a.loadToWork(cmd.Context())
			if err != nil {
				return err
			}
			if at != "" {
				t, err := parseTime(l, at)
				if err != nil {
					return usagef("%w", err)
				}
				a.now = func() time.Time { return t }
				l.Evaluated = true
			}
			return tick(cmd.Context(), a, l, backfill, at != "")
		},
	})
	cmd.Flags().StringVar(&at, "at", "", "evaluate as of this `time`")
	cmd.Flags().BoolVar(&backfill.on, "backfill", false, "list what was past due when the rules first asked for it")
	cmd.Flags().Var(dateValue{&backfill.from}, "from", "with --backfill: only what is due on that `day` or later")
	cmd.Flags().BoolVar(&backfill.yes, "yes", false, "with --backfill: make it")
	return cmd
}

// backfillFlags are those of tick that ask for what was past due.
type backfillFlags struct {
	on, yes bool
	from    calendar.Date
}

func (f *backfillFlags) check() error {
	if !f.on && (f.yes || f.from != 0) {
		return usagef("tick: --yes and --from go with --backfill")
	}
	return nil
}

// parseTime reads a time as people write it, in the time zone of the ticks.
func parseTime(l *app.Site, s string) (time.Time, error) {
	t, err := readTime(l, s)
	if err != nil {
		return t, err
	}
	if _, err := calendar.ParseDate(t.Format(time.DateOnly)); err != nil {
		return t, problem.Errorf("--at: %w", err)
	}
	return t, nil
}

func readTime(l *app.Site, s string) (time.Time, error) {
	settings := l.Settings()
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, settings.Timezone); err == nil {
			return t, nil
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, settings.Timezone); err == nil {
		return calendar.DayOf(t).At(settings.WindowFrom, settings.Timezone), nil
	}
	return time.Time{}, problem.Errorf("--at %q is no time: write 2017-07-14T09:00, 2017-07-14 or 2017-07-14T09:00:00+08:00", s)
}

func tick(ctx context.Context, a *env, l *app.Site, backfill backfillFlags, told bool) error {
	s, closeAll, err := l.Work(ctx, a.logger(l.Config), a.now)
	if err != nil {
		return err
	}
	defer closeAll()
	if told {
		s.Options.Settings.NotBefore = time.Time{} // whoever names the time knows it
	}
	if _, err := s.Courier.Resume(ctx); err != nil {
		return err
	}
	var report scheduler.Report
	switch b := (engine.Backfill{From: backfill.from}); {
	case backfill.on && !backfill.yes:
		return listBackfill(ctx, a, s, b)
	case backfill.on:
		report, err = s.Backfill(ctx, a.now(), b)
	default:
		report, err = s.Tick(ctx, a.now())
	}
	if err == nil && backfill.on && report.Doubtful {
		err = problem.Errorf("the clock is before the ledger's last tick: nothing was made; try again in ten minutes")
	}
	if err != nil {
		return err
	}
	d, err := s.Courier.Deliver(ctx)
	if err != nil {
		return err
	}
	return printTick(a, s, report, d)
}

// listBackfill says what --yes would make, and makes nothing.
func listBackfill(ctx context.Context, a *env, s *scheduler.Scheduler, b engine.Backfill) error {
	missing, err := editor.Missing(ctx, s.Ledger, s.View(), b)
	if err != nil {
		return err
	}
	if a.asJSON {
		rows := make([]map[string]any, len(missing))
		for i, c := range missing {
			rows[i] = map[string]any{"id": c.Occurrence, "due": c.Due, "provisional": c.Provisional}
		}
		return printJSON(a.out, rows)
	}
	for _, c := range missing {
		a.say("%s  due %s", c.Occurrence, a.due(c.Due, c.Provisional))
	}
	if len(missing) == 0 {
		a.say("nothing is missing")
		return nil
	}
	a.say("%d occurrence(s) were past due when the rules first asked for them; add --yes to make them", len(missing))
	return nil
}

func printTick(a *env, s *scheduler.Scheduler, report scheduler.Report, d delivery.Tally) error {
	if a.asJSON {
		return printJSON(a.out, map[string]int{
			"recounted": report.Changes, "notices": report.Notices, "held": report.Held,
			"sent": d.Sent, "failed": d.Failed, "retry": d.Retried, "dropped": d.Dropped,
		})
	}
	if report.Doubtful {
		a.say("the clock is before the ledger's last tick: nothing was made; a tick ten minutes from now, or later, goes on")
	}
	a.say("%d notice(s) made, %d held; %d sent, %d failed, %d to be tried again, %d dropped",
		report.Notices, report.Held, d.Sent, d.Failed, d.Retried, d.Dropped)
	if v := s.View(); !v.MailMayLeave() {
		a.say("the window is closed; it opens on %s", v.Opens().Format("2006-01-02 15:04"))
	}
	return nil
}
