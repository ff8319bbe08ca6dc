package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
)

func checkCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "check [PLAN…]",
		Short: "Validate configuration, plans, units and calendar",
		Long: `check reads the configuration and all that it names, or the plan folders
given, and prints everything that is wrong, a line each: file:line:column: what.`,
		RunE: func(_ *cobra.Command, args []string) error {
			problems := &problem.List{}
			set, err := checked(a, args, problems)
			if err != nil && problems.Err() == nil {
				return err
			}
			for _, p := range slices.Concat(problems.Warnings(), problems.InDrafts(), problems.Errors()) {
				fmt.Fprintln(a.out, a.problemText(p))
			}
			if n := len(problems.Errors()) + len(problems.InDrafts()); n > 0 {
				if len(problems.Errors()) == 0 {
					return problem.Errorf("%d problem(s) to put right: all of them in drafts, which are not published like that; the rest is not touched by them", n)
				}
				return problem.Errorf("%d problem(s) to put right", n)
			}
			verdict := a.words.Say("nothing wrong")
			if n := len(problems.Warnings()); n > 0 {
				verdict = a.words.Say("no error, %d warning(s)", n)
			}
			for _, p := range set.Plans {
				years := p.Calendar.Years()
				name := p.ID
				if p.Draft {
					name = a.words.Say("%s (draft)", name)
				}
				a.say("%s: %d obligations, %d units, calendar %d–%d: %s",
					name, len(p.Obligations), len(set.Units), years[0], years[len(years)-1], verdict)
			}
			return nil
		},
	}
}

func checked(a *env, plans []string, problems *problem.List) (*rules.Set, error) {
	if len(plans) == 0 {
		file, err := a.find()
		if err != nil {
			return nil, err
		}
		l := app.Load(file, problems, nil)
		if l == nil {
			return nil, problems.Err()
		}
		checkPlaces(l.Config, problems)
		return l.Rules, nil
	}
	src := planfile.Sources{Plans: plans}
	if file, err := config.Find(a.configFile); err == nil && file != "" {
		if c := config.Read(file, problems); c != nil {
			src.Units, src.Years = c.Units, c.Sources(problems).Years
		}
	} else if err != nil {
		return nil, err
	}
	set, more := planfile.Load(src)
	problems.Join(more)
	return set, nil
}

// checkPlaces looks at what the daemon will need: it changes nothing.
func checkPlaces(c *config.Config, problems *problem.List) {
	at := problem.Pos{File: c.File}
	if c.Transport == "smtp" {
		if _, err := app.Transport(c, time.Now); err != nil { // it connects to nothing yet
			problems.Add(at, "%v", err)
		}
	}
	if _, err := app.Signer(c); err != nil {
		problems.Add(at, "%v", err)
	}
	if _, err := app.Inbox(c); err != nil {
		problems.Add(at, "%v", err)
	}
	for _, channel := range c.Channels {
		channel.Check(problems)
	}
	for _, hook := range c.Webhooks {
		hook.Check(problems)
	}
	if c.Shared() {
		return // who loads the rules has asked the database for them
	}
	if info, err := os.Stat(c.Ledger); err == nil && info.IsDir() {
		problems.Add(at, "[ledger] path: %s is a folder: name a file", c.Ledger)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		problems.Add(at, "[ledger] path: %v", err)
	}
	for dir := filepath.Dir(c.Ledger); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			problems.Add(at, "[ledger] path: %s is not a folder", dir)
		}
		if err == nil || dir == filepath.Dir(dir) {
			return
		}
	}
}
