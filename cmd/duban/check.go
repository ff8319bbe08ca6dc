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

	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [PLAN…]",
		Short: "Validate configuration, plans, units and calendar",
		Long: `check reads the configuration and all that it names, or the plan folders
given, and prints everything that is wrong, a line each: file:line:column: what.`,
		RunE: func(_ *cobra.Command, args []string) error {
			problems := &problem.List{}
			set, err := a.checked(args, problems)
			if err != nil && problems.Err() == nil {
				return err
			}
			for _, p := range slices.Concat(problems.Warnings(), problems.Errors()) {
				fmt.Fprintln(a.out, p)
			}
			if n := len(problems.Errors()); n > 0 {
				return fmt.Errorf("%d problem(s) to put right", n)
			}
			verdict := "nothing wrong"
			if n := len(problems.Warnings()); n > 0 {
				verdict = fmt.Sprintf("no error, %d warning(s)", n)
			}
			for _, p := range set.Plans {
				years := p.Calendar.Years()
				fmt.Fprintf(a.out, "%s: %d obligations, %d units, calendar %d–%d: %s\n",
					p.ID, len(p.Obligations), len(set.Units), years[0], years[len(years)-1], verdict)
			}
			return nil
		},
	}
}

func (a *app) checked(plans []string, problems *problem.List) (*rules.Set, error) {
	if len(plans) == 0 {
		l, err := a.loadInto(problems, nil)
		if err != nil {
			return nil, err
		}
		l.checkPlaces(problems)
		return l.rules, nil
	}
	src := planfile.Sources{Plans: plans}
	if file, err := findConfig(a.configFile); err == nil && file != "" {
		if c := readConfig(file, problems); c != nil {
			src.Units, src.Years = c.units, c.sources(problems).Years
		}
	} else if err != nil {
		return nil, err
	}
	set, more := planfile.Load(src)
	problems.Join(more)
	return set, nil
}

// checkPlaces looks at what the daemon will need: it changes nothing.
func (c *config) checkPlaces(problems *problem.List) {
	at := problem.Pos{File: c.file}
	if c.transport == "smtp" {
		if _, err := c.openTransport(time.Now); err != nil { // it connects to nothing yet
			problems.Add(at, "%v", err)
		}
	}
	if _, err := c.signer(); err != nil {
		problems.Add(at, "%v", err)
	}
	if _, err := c.inbox(); err != nil {
		problems.Add(at, "%v", err)
	}
	if info, err := os.Stat(c.ledger); err == nil && info.IsDir() {
		problems.Add(at, "[ledger] path: %s is a folder: name a file", c.ledger)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		problems.Add(at, "[ledger] path: %v", err)
	}
	for dir := filepath.Dir(c.ledger); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			problems.Add(at, "[ledger] path: %s is not a folder", dir)
		}
		if err == nil || dir == filepath.Dir(dir) {
			return
		}
	}
}
