package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/desk"
)

func tokenCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Say which programs may use the API",
		Args:  exactly(),
		RunE:  func(*cobra.Command, []string) error { return usagef("token: say add, list or remove") },
	}
	cmd.AddCommand(tokenAddCommand(a), tokenListCommand(a), tokenRemoveCommand(a))
	return cmd
}

func tokenAddCommand(a *env) *cobra.Command {
	var role ledger.Role
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Let a program use the API",
		Long: `add prints the token alone on the standard output. It is shown this once: the
ledger keeps a hash of it. The journal has what the program does under NAME. With
the role admin it does the work; with viewer it reads.`,
		Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if role == "" {
				return usagef("token add: say --role admin or --role viewer")
			}
			return atAccounts(cmd.Context(), a, func(at *desk.Desk) error {
				token, err := at.AddToken(cmd.Context(), args[0], role, who())
				if err == nil {
					_, err = fmt.Fprintln(a.out, token)
				}
				return err
			})
		},
	}
	cmd.Flags().Var(choiceValue[ledger.Role]{&role, ledger.Roles}, "role", "admin or viewer")
	return cmd
}

func tokenListCommand(a *env) *cobra.Command {
	return jsonFlag(a, &cobra.Command{
		Use:   "list",
		Short: "List which programs may use the API",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				tokens, err := b.Tokens(cmd.Context())
				if err != nil {
					return err
				}
				rows, table := []userRow{}, [][]any{}
				for _, t := range tokens {
					r := userRow{t.Name, t.Role, t.Created.In(b.View().Settings.Timezone).Format(time.RFC3339)}
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

func tokenRemoveCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a token away; whatever uses it is out at once",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atAccounts(cmd.Context(), a, func(at *desk.Desk) error {
				err := at.RemoveToken(cmd.Context(), args[0], who())
				if errors.Is(err, ledger.ErrNotFound) {
					return problem.Errorf("no token %q: duban token list shows them", args[0])
				}
				return accountDone(a, err, args[0], "%s is removed")
			})
		},
	}
}
