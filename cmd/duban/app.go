package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/journal"
	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/journald"
	"github.com/spf13/cobra"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// app is what every command has at hand.
type app struct {
	in         io.Reader
	out, err   io.Writer
	now        func() time.Time
	configFile string
	asJSON     bool
}

func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{in: in, out: out, err: errs, now: time.Now}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(errs, "duban: %v\nduban --help, and --help after a command, tell how it is used.\n", err)
		return exitUsage
	}
	fmt.Fprintf(errs, "%v\n", err)
	return exitFailed
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "duban",
		Short: "Remind units of what they owe, before, on and after each deadline",
		Long: `duban (督办) reads plans — who owes what, how often, by which working day —
keeps a ledger of what was done, and mails the responsible units before, on and
after each deadline until it is.

  duban check                 is everything that is written right?
  duban preview               which deadlines follow from it?
  duban explain OBLIGATION    how was a date counted?
  duban simulate              which mails will go out?
  duban serve                 do it
  duban status                how does it stand?
  duban done OCCURRENCE       it is done

An occurrence is written OBLIGATION/UNIT/PERIOD: 1.3-budget/czj/2017-07.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("no command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "configuration `file` (default: config.toml here, then /etc/duban/config.toml)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		a.serveCommand(), a.initCommand(), a.checkCommand(), a.rulesCommand(), a.previewCommand(), a.explainCommand(),
		a.simulateCommand(), a.tickCommand(), a.statusCommand(), a.eventCommand(), a.mailCommand(), a.journalCommand(),
		a.verifyCommand(), a.ledgerCommand(), a.reportCommand(), a.calendarCommand(), a.backupCommand(), a.restoreCommand(), a.doctorCommand(), a.userCommand(), a.linkCommand(), a.versionCommand(),
	)
	root.AddCommand(a.actCommands()...)
	return root
}

// exactly wants that many arguments, named for people.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		if len(names) == 0 {
			return usagef("%s takes no argument, but got %q", cmd.CommandPath(), args[0])
		}
		return usagef("%s wants %d argument(s): %v", cmd.CommandPath(), len(names), names)
	}
}

// atMost wants no more than that many arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%s: one argument too many: %q", cmd.CommandPath(), args[n])
		}
		return nil
	}
}

// jsonFlag gives a command --json.
func (a *app) jsonFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print JSON")
	return cmd
}

// loaded is the configuration with the rules it names.
type loaded struct {
	*config
	rules *rules.Set
}

// load reads configuration and rules; the error holds every problem.
func (a *app) load() (*loaded, error) {
	problems := &problem.List{}
	l, err := a.loadInto(problems, nil)
	if err != nil {
		return nil, err
	}
	return l, problems.Err()
}

func (a *app) loadInto(problems *problem.List, change func(*planfile.Sources)) (*loaded, error) {
	c, err := a.readConfig(problems)
	if err != nil {
		return nil, err
	}
	src := c.sources(problems)
	if change != nil {
		change(&src)
	}
	set, more := planfile.Load(src)
	problems.Join(more)
	return &loaded{c, set}, nil
}

// readConfig finds and reads the configuration alone.
func (a *app) readConfig(problems *problem.List) (*config, error) {
	file, err := findConfig(a.configFile)
	if err != nil {
		return nil, err
	}
	if file == "" {
		fmt.Fprintln(a.err, "no config.toml here and none in /etc/duban: running the plan in the binary; duban init DIR writes a configuration")
	}
	c := readConfig(file, problems)
	if c == nil {
		return nil, problems.Err()
	}
	return c, nil
}

// reload reads the rules again, for a daemon that runs.
func (a *app) reload(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
	problems := &problem.List{}
	l, err := a.loadInto(problems, change)
	if err != nil {
		if problems.Err() == nil {
			problems.Add(problem.Pos{File: a.configFile}, "%v", err)
		}
		return nil, problems
	}
	return l.rules, problems
}

// openLedger opens it for a command that only reads it and needs no rules.
func (a *app) openLedger(ctx context.Context) (*sqlite.Ledger, error) {
	return a.openLedgerWith(ctx, sqlite.Options{ReadOnly: true})
}

func (a *app) openLedgerWith(ctx context.Context, opt sqlite.Options) (*sqlite.Ledger, error) {
	problems := &problem.List{}
	c, err := a.readConfig(problems)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, c.ledger, opt)
}

// book is a ledger that a command has opened, with what acts on it.
type book struct {
	ledger.Store
	view func() engine.View
	desk *desk.Desk
}

// open opens the ledger for a command. The caller closes it.
func (a *app) open(ctx context.Context, l *loaded, opt sqlite.Options) (*book, error) {
	kept, err := sqlite.Open(ctx, l.ledger, opt)
	if err != nil {
		return nil, err
	}
	settings := l.settings(l.rules)
	view := func() engine.View { return engine.View{Rules: l.rules, Settings: settings, Now: a.now()} }
	return &book{kept, view, desk.New(kept, view, zerolog.Nop())}, nil
}

// worker is a scheduler that evaluates and delivers: the only one for its
// ledger. The caller closes it.
func (a *app) worker(ctx context.Context, l *loaded, log zerolog.Logger) (s *scheduler.Scheduler, closeAll func(), err error) {
	release, err := sqlite.Lock(l.ledger)
	if err != nil {
		return nil, nil, err
	}
	transport, err := l.openTransport(time.Now)
	if err == nil {
		if s, err = a.scheduler(ctx, l, transport, log); err != nil {
			_ = transport.Close() // the first error is the one to tell
		}
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return s, func() {
		_ = transport.Close() // all that was sent has been answered
		if err := s.Ledger.Close(); err != nil {
			log.Error().Err(err).Msg("closing the ledger")
		}
		release()
	}, nil
}

// scheduler opens the ledger for the daemon's work.
func (a *app) scheduler(ctx context.Context, l *loaded, transport mail.Transport, log zerolog.Logger) (*scheduler.Scheduler, error) {
	if links := l.links(); links != nil {
		if _, err := links.Key(); err != nil {
			return nil, fmt.Errorf("the key of the units' links: %w", err)
		}
	}
	options, err := l.options(l.rules)
	if err != nil {
		return nil, err
	}
	kept, err := sqlite.Open(ctx, l.ledger, sqlite.Options{Sole: true})
	if err != nil {
		return nil, err
	}
	return scheduler.New(options, l.rules, kept, transport, log, a.now), nil
}

// toRead is how commands that only show something open the ledger, toWrite how
// those do that record something beside the daemon.
var (
	toRead  = sqlite.Options{ReadOnly: true}
	toWrite = sqlite.Options{MustExist: true}
)

// with runs f on a ledger that is there.
func (a *app) with(ctx context.Context, f func(*loaded, *book) error) error {
	l, err := a.load()
	if err != nil {
		return err
	}
	return a.on(ctx, l, toWrite, f)
}

// look is with for commands that only show: they change nothing.
func (a *app) look(ctx context.Context, f func(*loaded, *book) error) error {
	return a.inSpite(ctx, toRead, f)
}

// move is with for commands that move mail.
func (a *app) move(ctx context.Context, f func(*loaded, *book) error) error {
	return a.inSpite(ctx, toWrite, f)
}

// inSpite works all the same while somebody's edit is broken and the daemon goes
// on with the old rules.
func (a *app) inSpite(ctx context.Context, opt sqlite.Options, f func(*loaded, *book) error) error {
	inConfig := &problem.List{}
	c, err := a.readConfig(inConfig)
	if err == nil {
		err = inConfig.Err()
	}
	if err != nil {
		return err
	}
	set, problems := planfile.Load(c.sources(&problem.List{}))
	if err := problems.Err(); err != nil {
		if len(set.Plans) == 0 {
			return err
		}
		fmt.Fprintf(a.err, "warning: the rules have %d error(s), which duban check shows; what depends on them may look otherwise\n", len(problems.Errors()))
	}
	return a.on(ctx, &loaded{c, set}, opt, f)
}

func (a *app) on(ctx context.Context, l *loaded, opt sqlite.Options, f func(*loaded, *book) error) error {
	b, err := a.open(ctx, l, opt)
	if err != nil {
		return err
	}
	defer b.Close()
	return f(l, b)
}

// logger writes as the configuration says: for people on a terminal, as fields
// to systemd's journal, else JSON.
func (a *app) logger(c *config) zerolog.Logger {
	w := a.err
	toJournal := false
	if c.logFormat == "auto" && a.err == os.Stderr {
		toJournal, _ = journal.StderrIsJournalStream() // not known: it is not
	}
	switch {
	case c.logFormat == "journal" || toJournal:
		w = journald.NewJournalDWriter()
	case c.logFormat == "console" || c.logFormat == "auto" && isTerminal(a.err):
		w = zerolog.ConsoleWriter{Out: a.err, TimeFormat: time.DateTime, NoColor: !isTerminal(a.err)}
	}
	return zerolog.New(w).Level(c.logLevel).With().Timestamp().Logger()
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// dateValue is a flag that holds a day.
type dateValue struct{ to *calendar.Date }

func (d dateValue) String() string {
	if d.to == nil {
		return ""
	}
	return d.to.String()
}

func (d dateValue) Set(s string) (err error) {
	*d.to, err = calendar.ParseDate(s)
	return err
}

func (d dateValue) Type() string { return "date" }

// choiceValue is a flag that holds one of a few words.
type choiceValue[T ~string] struct {
	to    *T
	words []T
}

func (c choiceValue[T]) String() string {
	if c.to == nil {
		return ""
	}
	return string(*c.to)
}

func (c choiceValue[T]) Set(s string) error {
	for _, w := range c.words {
		if s == string(w) {
			*c.to = w
			return nil
		}
	}
	return fmt.Errorf("%q is none of %v", s, c.words)
}

func (c choiceValue[T]) Type() string { return "word" }
