package main

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"duban/rules/problem"
)

//go:embed all:example
var example embed.FS

func initCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Write a commented configuration and a small example plan, to start one's own",
		Args:  exactly("DIR"),
		RunE:  func(_ *cobra.Command, args []string) error { return writeSite(a, args[0]) },
	}
}

func writeSite(a *env, dir string) error {
	files := map[string][]byte{}
	err := fs.WalkDir(example, "example", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel("example", name)
		if err != nil {
			return err
		}
		files[filepath.Join(dir, rel)], err = example.ReadFile(name)
		return err
	})
	if err != nil {
		return err
	}
	for name := range files {
		if _, err := os.Lstat(name); err == nil {
			return problem.Errorf("%s is there already: name another folder; nothing was written", name)
		}
	}
	today := a.now().Format(time.DateOnly)
	dates := strings.NewReplacer("@TODAY@", today, "@YEAR@", today[:4]) // a plan is one of some year: this one
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := renameio.WriteFile(name, []byte(dates.Replace(string(data))), 0o644); err != nil {
			return err
		}
	}
	a.say("written to %s. Next:\n  cd %s\n  duban check\n  duban preview\n  duban serve", dir, dir)
	return nil
}
