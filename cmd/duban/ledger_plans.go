package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/editor"
)

func ledgerPlansCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plans",
		Short: "Bring rule files into a ledger in PostgreSQL, or write them into a folder",
		Args:  exactly(),
		RunE:  func(*cobra.Command, []string) error { return usagef("ledger plans: say push or pull") },
	}
	cmd.AddCommand(plansPushCommand(a), plansPullCommand(a))
	return cmd
}

func plansPushCommand(a *env) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "push [DIR]",
		Short: "Bring plans, units and calendar years into the ledger",
		Long: `push brings into a ledger in PostgreSQL what all daemons go by: the plan in DIR;
or, where DIR has folders plans, units and calendar as pull writes them, all of
that; without DIR the plans, units and added years that the configuration names.
Nothing changes unless the rules are right with it. A plan that is brought is
then as it is in DIR; other plans stay as they are, but what was pulled into DIR
and is no longer there is taken away. What somebody changed in the ledger
meanwhile, on the page say, is not overwritten: push names it and stops.
--force overwrites it. The journal keeps what stood there before.`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.shared("plans push")
			if err != nil {
				return err
			}
			files, pulled, err := toPush(c, args)
			if err != nil {
				return err
			}
			return push(cmd.Context(), a, c, files, pulled, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite what was changed in the ledger meanwhile")
	return cmd
}

// shared is the configuration of a ledger in a database.
func (a *env) shared(what string) (*config.Config, error) {
	c, err := a.configured()
	if err == nil && !c.Shared() {
		err = problem.New(problem.Conflict, "ledger %s is for a ledger in a database: this one lies in the file %s, and the plans in the folders that the configuration names", what, c.Ledger)
	}
	return c, err
}

// toPush are the files to bring, by their paths in the ledger, and the versions of those
// that were pulled.
func toPush(c *config.Config, args []string) (files map[string][]byte, pulled map[string]int64, err error) {
	if len(args) == 0 {
		src := planfile.Sources{Plans: c.Plans, Units: c.Units}
		files, err = src.Gather(c.YearsBefore())
		return files, nil, err
	}
	dir := args[0]
	if _, err := os.Stat(filepath.Join(dir, "plan.toml")); err == nil {
		files, err = planfile.Sources{Plans: []string{dir}}.Gather("")
		return files, nil, err
	}
	var src planfile.Sources
	for _, pattern := range []string{planfile.HeldPlans + "/*/plan.toml", planfile.HeldUnits + "/*.toml", planfile.HeldCalendar + "/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, nil, err
		}
		switch filepath.Dir(pattern) {
		case planfile.HeldPlans + "/*":
			for _, f := range found {
				src.Plans = append(src.Plans, filepath.Dir(f))
			}
		case planfile.HeldUnits:
			src.Units = found
		}
	}
	if files, err = src.Gather(filepath.Join(dir, planfile.HeldCalendar)); err != nil {
		return nil, nil, err
	}
	if len(files) == 0 {
		return nil, nil, problem.Errorf("%s holds no plan: name a folder with plan.toml in it, or one with folders %s, %s and %s", dir, planfile.HeldPlans, planfile.HeldUnits, planfile.HeldCalendar)
	}
	data, err := toml.ReadFile(filepath.Join(dir, editor.Pulled))
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &pulled)
	}
	if err != nil {
		err = problem.Errorf("%s: %w: pull into another folder", filepath.Join(dir, editor.Pulled), err)
	}
	return files, pulled, err
}

func push(ctx context.Context, a *env, c *config.Config, files map[string][]byte, pulled map[string]int64, force bool) error {
	l := &app.Site{Config: c, Rules: &rules.Set{}, Problems: &problem.List{}}
	return a.onShelf(ctx, l, func(ed *editor.Editor) error {
		told, problems, err := ed.Push(ctx, files, pulled, who(), force)
		if err != nil {
			return err
		}
		for _, p := range slices.Concat(problems.Warnings(), problems.InDrafts(), problems.Errors()) {
			fmt.Fprintln(a.err, a.problemText(p))
		}
		if n := len(problems.Errors()); n > 0 {
			return problem.Errorf("nothing was pushed: %d problem(s) to put right", n)
		}
		for _, p := range told {
			a.say("%-8s %s", a.words.Say(p.What), p.File)
		}
		if len(told) == 0 {
			a.say("the ledger has all of it as it is here")
		}
		return nil
	})
}

// onShelf runs f with an editor of the rules' files in the ledger, which need not be
// right, or there, yet.
func (a *env) onShelf(ctx context.Context, l *app.Site, f func(*editor.Editor) error) error {
	book, err := app.OpenLedger(ctx, l.Config, app.ToAdmit)
	if err != nil {
		return err
	}
	defer book.Close()
	return f(l.Shelf(book, a.now, zerolog.Nop()))
}

func plansPullCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "pull DIR",
		Short: "Write the rule files of the ledger into a folder that is not there yet",
		Long: `pull writes all plans, units and calendar years that the ledger in PostgreSQL
keeps into a new folder, whole or not at all. push brings them back; it knows by
versions.json which of them somebody has changed in the ledger since.`,
		Args: exactly("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.shared("plans pull")
			if err != nil {
				return err
			}
			book, err := app.OpenLedger(cmd.Context(), c, app.ToRead)
			if err != nil {
				return err
			}
			defer book.Close()
			files, err := editor.Pull(cmd.Context(), book)
			if err != nil {
				return err
			}
			for name := range files {
				if !filepath.IsLocal(name) {
					return problem.Errorf("the ledger has a rule file %q, which no folder can hold: nothing was written", name)
				}
			}
			if err := editor.WriteFolder(args[0], files); err != nil {
				return err
			}
			a.say("%d file(s) written into %s", len(files)-1, args[0])
			return nil
		},
	}
}
