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
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/journald"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	"duban/rules/planfile"
	"duban/rules/problem"
)

// usagef is about a command line that cannot be understood.
func usagef(format string, args ...any) error { return problem.New(problem.Usage, format, args...) }

// env is what every command is given: where it reads and writes, the clock, and
// what was said before the command.
type env struct {
	in         io.Reader
	out, err   io.Writer
	now        func() time.Time
	words      *catalogue.Words
	configFile string
	asJSON     bool
}

func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &env{in: in, out: out, err: errs, now: time.Now, words: wordsHere()}
	root := rootCommand(a)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	translate(root, a.words)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	code := problem.CodeOf(err)
	if code == problem.Usage {
		err = problem.Errorf("duban: %w\nduban --help, and --help after a command, tell how it is used", err)
	}
	fmt.Fprintln(errs, a.errorText(err))
	return code.Exit()
}

func rootCommand(a *env) *cobra.Command {
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
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.AddCommand(
		serveCommand(a), initCommand(a), checkCommand(a), importCommand(a), publishCommand(a), rulesCommand(a), previewCommand(a), explainCommand(a),
		simulateCommand(a), tickCommand(a), statusCommand(a), eventCommand(a), mailCommand(a), channelCommand(a), webhookCommand(a), journalCommand(a), attachmentCommand(a),
		verifyCommand(a), ledgerCommand(a), reportCommand(a), bulletinCommand(a), calendarCommand(a), backupCommand(a), restoreCommand(a), doctorCommand(a), userCommand(a), tokenCommand(a), linkCommand(a), versionCommand(a),
	)
	root.AddCommand(actCommands(a)...)
	return root
}

// flagError is why a flag is not understood.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return usagef("no flag --%s", unknown.GetSpecifiedName())
	case errors.As(err, &bare):
		return usagef("--%s wants a value", bare.GetFlag().Name)
	case errors.As(err, &invalid):
		return usagef("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return usagef("%w", err)
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
func jsonFlag(a *env, cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print JSON")
	return cmd
}

// load reads configuration and rules; the error holds every problem.
func (a *env) load() (*app.Site, error) {
	file, err := a.find()
	if err != nil {
		return nil, err
	}
	problems := &problem.List{}
	site := app.Load(file, problems, nil)
	a.tellDrafts(problems)
	return site, problems.Err()
}

// tellDrafts says that drafts have errors, which stop nothing else.
func (a *env) tellDrafts(problems *problem.List) {
	if n := len(problems.InDrafts()); n > 0 {
		a.aside("warning: drafts have %d error(s), which duban check shows; they are not published like that", n)
	}
}

// find is the configuration to read; empty: the defaults.
func (a *env) find() (string, error) {
	file, err := config.Find(a.configFile)
	if err == nil && file == "" {
		a.aside("no config.toml here and none in /etc/duban: running the plan in the binary; duban init DIR writes a configuration")
	}
	return file, err
}

// configured reads the configuration alone.
func (a *env) configured() (*config.Config, error) {
	file, err := a.find()
	if err != nil {
		return nil, err
	}
	problems := &problem.List{}
	c := config.Read(file, problems)
	return c, problems.Err()
}

// openLedger opens it for a command that only reads it and needs no rules.
func (a *env) openLedger(ctx context.Context) (ledger.Store, error) {
	return a.openLedgerWith(ctx, app.ToRead)
}

func (a *env) openLedgerWith(ctx context.Context, to app.Access) (ledger.Store, error) {
	c, err := a.configured()
	if err != nil {
		return nil, err
	}
	return app.OpenLedger(ctx, c, to)
}

// loadToWork is load for what evaluates and delivers: the ledger's schema is this
// version's then, and the rules can be read out of it where it has them.
func (a *env) loadToWork(ctx context.Context) (*app.Site, error) {
	c, err := a.configured()
	if err != nil {
		return nil, err
	}
	if c.Shared() {
		if err := app.Migrate(ctx, c); err != nil {
			return nil, err
		}
	}
	return a.load()
}

// with runs f on a ledger that is there.
func (a *env) with(ctx context.Context, f func(*app.Site, *app.Book) error) error {
	l, err := a.load()
	if err != nil {
		return err
	}
	return a.on(ctx, l, app.ToWrite, f)
}

// look is with for commands that only show: they change nothing.
func (a *env) look(ctx context.Context, f func(*app.Site, *app.Book) error) error {
	return a.inSpite(ctx, app.ToRead, f)
}

// move is with for commands that move mail.
func (a *env) move(ctx context.Context, f func(*app.Site, *app.Book) error) error {
	return a.inSpite(ctx, app.ToWrite, f)
}

// inSpite works all the same while somebody's edit is broken and the daemon goes
// on with the old rules.
func (a *env) inSpite(ctx context.Context, to app.Access, f func(*app.Site, *app.Book) error) error {
	c, err := a.configured()
	if err != nil {
		return err
	}
	set, problems := planfile.Load(app.Sources(c))
	if err := problems.Err(); err != nil {
		if len(set.Plans) == 0 {
			return err
		}
		a.aside("warning: the rules have %d error(s), which duban check shows; what depends on them may look otherwise", len(problems.Errors()))
	}
	return a.on(ctx, &app.Site{Config: c, Rules: set, Problems: problems}, to, f)
}

func (a *env) on(ctx context.Context, l *app.Site, to app.Access, f func(*app.Site, *app.Book) error) error {
	b, err := l.Open(ctx, to, a.now)
	if err != nil {
		return err
	}
	defer b.Close()
	return f(l, b)
}

// logger writes as the configuration says: for people on a terminal, as fields
// to systemd's journal, else JSON.
func (a *env) logger(c *config.Config) zerolog.Logger {
	w := a.err
	toJournal := false
	if c.LogFormat == "auto" && a.err == os.Stderr {
		toJournal, _ = journal.StderrIsJournalStream() // not known: it is not
	}
	switch {
	case c.LogFormat == "journal" || toJournal:
		w = journald.NewJournalDWriter()
	case c.LogFormat == "console" || c.LogFormat == "auto" && isTerminal(a.err):
		w = zerolog.ConsoleWriter{Out: a.err, TimeFormat: time.DateTime, NoColor: !isTerminal(a.err)}
	}
	return zerolog.New(w).Level(c.LogLevel).With().Timestamp().Logger()
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
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
	return problem.Errorf("%q is none of %v", s, c.words)
}

func (c choiceValue[T]) Type() string { return "word" }
