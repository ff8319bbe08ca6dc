package scheduler

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"duban/ledger"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// maxTold is how many problems a mail to the administrators lists.
const maxTold = 30

const factBadRules = "bad rules told" // the problems last told

// Reload takes over the rules as they now stand. A broken edit keeps those in
// force; every problem is logged, and the administrators are told once.
func (s *Scheduler) Reload(ctx context.Context, load editor.Loader) {
	set, problems := load(nil)
	for _, w := range problems.Warnings() {
		s.Log.Warn().Msg(w.String())
	}
	if problems.Err() == nil {
		s.SetRules(set)
		s.Log.Info().Msg("rules reloaded")
		if err := s.tellBadRules(ctx, ""); err != nil {
			s.Log.Error().Err(err).Msg("reload")
		}
		return
	}
	var lines []string
	for _, p := range problems.Errors() {
		s.Log.Error().Str("file", p.File).Int("line", p.Line).Int("column", p.Col).Msg(p.Message)
		if len(lines) < maxTold {
			lines = append(lines, p.String())
		}
	}
	if n := len(problems.Errors()); n > maxTold {
		lines = append(lines, fmt.Sprintf("… %d", n))
	}
	s.Log.Error().Msg("the rules have errors: the old ones stay in force")
	if err := s.tellBadRules(ctx, strings.Join(lines, "\n")); err != nil {
		s.Log.Error().Err(err).Msg("the administrators could not be told of it")
	}
}

// TakeOver puts what was saved in force at once, also when whoever saved it has
// gone. What cannot be adopted just now the next tick adopts.
func (s *Scheduler) TakeOver(ctx context.Context, load editor.Loader) {
	ctx = context.WithoutCancel(ctx)
	s.Reload(ctx, load)
	if _, err := s.Tick(ctx, s.Clock()); err != nil {
		s.Log.Error().Err(err).Msg("saved, and adopted by the next tick")
	}
}

// tellBadRules tells the administrators of problems they have not heard of;
// none: the slate is clean.
func (s *Scheduler) tellBadRules(ctx context.Context, text string) error {
	told, err := s.Ledger.Fact(ctx, factBadRules)
	if err != nil || told == text {
		return err
	}
	v := s.View()
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		if text != "" {
			if err := engine.TellAdmins(tx, v, v.Text("rules"), v.Text("rules text", text)); err != nil {
				return err
			}
		}
		return tx.SetFact(factBadRules, text)
	})
}

// settleTime is how long files must rest before they are read: an editor or a
// copy writes several in a row.
const settleTime = 500 * time.Millisecond

// Watch sends to changed when one of the paths does, or a .toml or .json file in
// a folder among them, until ctx ends. Folders are watched, not files, since
// editors put a new file in place.
func Watch(ctx context.Context, paths []string, changed chan<- struct{}) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	files := map[string]bool{} // named ones; their neighbours do not count
	trees := map[string]bool{} // folders in which every rule file counts
	for _, p := range paths {
		if err := watchPath(w, filepath.Clean(p), files, trees); err != nil {
			_ = w.Close() // the first error is the one to tell
			return err
		}
	}
	go func() {
		defer w.Close()
		rest := time.NewTimer(time.Hour)
		rest.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case e, ok := <-w.Events:
				if !ok {
					return
				}
				name := filepath.Clean(e.Name)
				inTree := trees[filepath.Dir(name)]
				if inTree && e.Has(fsnotify.Create) {
					_ = watchPath(w, name, map[string]bool{}, trees) // gone again, or a file
				}
				ext := filepath.Ext(name)
				if e.Op != fsnotify.Chmod && (files[name] || inTree && (ext == ".toml" || ext == ".json" || trees[name])) {
					rest.Reset(settleTime)
				}
			case _, ok := <-w.Errors:
				if !ok {
					return
				}
				rest.Reset(settleTime) // events were lost: look
			case <-rest.C:
				select {
				case changed <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return nil
}

// watchPath watches a folder with those inside it, or the folder of a file.
func watchPath(w *fsnotify.Watcher, path string, files, trees map[string]bool) error {
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return nil // in the binary, or made later
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		files[path] = true
		return w.Add(filepath.Dir(path))
	}
	return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		trees[p] = true
		return w.Add(p)
	})
}
