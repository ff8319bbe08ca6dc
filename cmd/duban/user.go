package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

func userCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Say who may use the page",
		Args:  exactly(),
		RunE:  func(*cobra.Command, []string) error { return usagef("user: say add, list, remove or password") },
	}
	cmd.AddCommand(userAddCommand(a), userListCommand(a), userRemoveCommand(a), userPasswordCommand(a))
	return cmd
}

func userAddCommand(a *env) *cobra.Command {
	role := ledger.RoleAdmin
	var passwordFile string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Let somebody use the page",
		Long: `add asks for a password, twice; where there is no terminal it is the first line
of the standard input, or of --password-file. An admin edits rules and does the
work; a viewer looks.`,
		Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := newPassword(a, passwordFile)
			if err != nil {
				return err
			}
			return atAccounts(cmd.Context(), a, func(at *desk.Desk) error {
				account, err := at.AddAccount(cmd.Context(), args[0], role, password, who(), nil)
				if err == nil {
					a.say("%s may use the page as %s", account.Name, account.Role)
				}
				return err
			})
		},
	}
	cmd.Flags().Var(choiceValue[ledger.Role]{&role, ledger.Roles}, "role", "admin or viewer")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "read the password from this `file`")
	return cmd
}

type userRow struct {
	Name      string      `json:"name"`
	Role      ledger.Role `json:"role"`
	CreatedAt string      `json:"created_at"`
}

func userListCommand(a *env) *cobra.Command {
	return jsonFlag(a, &cobra.Command{
		Use:   "list",
		Short: "List who may use the page",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				accounts, err := b.Accounts(cmd.Context())
				if err != nil {
					return err
				}
				rows, table := []userRow{}, [][]any{}
				for _, u := range accounts {
					r := userRow{u.Name, u.Role, u.Created.In(b.View().Settings.Timezone).Format(time.RFC3339)}
					rows, table = append(rows, r), append(table, []any{r.Name, a.name("role", string(r.Role)), r.CreatedAt})
				}
				if a.asJSON {
					return printJSON(a.out, rows)
				}
				a.table([]column{{head: "NAME"}, {head: "ROLE"}, {head: "SINCE"}}, table)
				return nil
			})
		},
	})
}

func userRemoveCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Take an account away; whoever is signed in with it is out at once",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atAccounts(cmd.Context(), a, func(at *desk.Desk) error {
				err := at.RemoveAccount(cmd.Context(), args[0], who())
				return accountDone(a, err, args[0], "%s is removed")
			})
		},
	}
}

func userPasswordCommand(a *env) *cobra.Command {
	var passwordFile string
	cmd := &cobra.Command{
		Use:   "password NAME",
		Short: "Give an account another password; whoever is signed in with it is out at once",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := newPassword(a, passwordFile)
			if err != nil {
				return err
			}
			return atAccounts(cmd.Context(), a, func(at *desk.Desk) error {
				_, err := at.ChangePassword(cmd.Context(), args[0], password, who())
				return accountDone(a, err, args[0], "%s has a new password")
			})
		},
	}
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "read the password from this `file`")
	return cmd
}

func accountDone(a *env, err error, name, what string) error {
	if errors.Is(err, ledger.ErrNotFound) {
		return problem.Errorf("no account %q: duban user list shows them", name)
	}
	if err == nil {
		a.say(what, name)
	}
	return err
}

// atAccounts opens the desk without the rules: accounts need none. The ledger is made if
// need be: they may be there before the daemon.
func atAccounts(ctx context.Context, a *env, f func(*desk.Desk) error) error {
	kept, err := a.openLedgerWith(ctx, app.ToAdmit)
	if err != nil {
		return err
	}
	defer kept.Close()
	return f(desk.New(kept, func() engine.View { return engine.View{Now: a.now()} }, zerolog.Nop()))
}

// newPassword is asked for at the terminal, or read.
func newPassword(a *env, file string) (string, error) {
	var in io.Reader = a.in
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	} else if tty, ok := a.in.(*os.File); ok && term.IsTerminal(int(tty.Fd())) {
		return askPassword(a, int(tty.Fd()))
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usagef("no password: write it on the first line of the standard input, or name --password-file")
	}
	return line, nil
}

func askPassword(a *env, tty int) (string, error) {
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Once more: "} {
		fmt.Fprint(a.err, prompt)
		b, err := term.ReadPassword(tty)
		fmt.Fprintln(a.err)
		if err != nil {
			return "", err
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", problem.Errorf("the two are not the same: nothing was changed")
	}
	return typed[0], nil
}
