package scheduler

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long files must rest before they are read: an editor or a
// copy writes several in a row.
const settleTime = 500 * time.Millisecond

// Watch notices edits of rule files. Folders are watched, not files, since editors
// put a new file in place.
type Watch struct {
	w     *fsnotify.Watcher
	paths func() []string
	files map[string]bool // named ones; their neighbours do not count
	trees map[string]bool // folders in which every .toml and .json file counts
}

// NewWatch watches the paths, and in folders among them what is inside. They are
// asked for anew after each edit, which may bring others.
func NewWatch(paths func() []string) (*Watch, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	watch := &Watch{w: w, paths: paths, files: map[string]bool{}, trees: map[string]bool{}}
	if err := watch.add(); err != nil {
		_ = w.Close() // the first error is the one to tell
		return nil, err
	}
	return watch, nil
}

// add watches what is not watched yet.
func (w *Watch) add() error {
	for _, p := range w.paths() {
		if err := watchPath(w.w, filepath.Clean(p), w.files, w.trees); err != nil {
			return err
		}
	}
	return nil
}

// errBlind is that nothing is noticed any more.
var errBlind = errors.New("edits of files are not noticed any more: the system ended the watch")

// Run asks for a reload when something was edited, until ctx ends.
func (w *Watch) Run(ctx context.Context, changed chan<- struct{}) error {
	defer w.w.Close()
	rest := time.NewTimer(time.Hour)
	rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.w.Events:
			if !ok {
				return errBlind
			}
			if w.concerns(e) {
				rest.Reset(settleTime)
			}
		case _, ok := <-w.w.Errors:
			if !ok {
				return errBlind
			}
			rest.Reset(settleTime) // events were lost: look
		case <-rest.C:
			if w.add() != nil {
				rest.Reset(time.Minute) // what cannot be watched is looked at
			}
			select {
			case changed <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// concerns tells whether an event is of a rule file; a folder that is new in one
// that is watched is watched too.
func (w *Watch) concerns(e fsnotify.Event) bool {
	name := filepath.Clean(e.Name)
	inTree := w.trees[filepath.Dir(name)]
	if inTree && e.Has(fsnotify.Create) {
		_ = watchPath(w.w, name, map[string]bool{}, w.trees) // gone again, or a file
	}
	ext := filepath.Ext(name)
	return e.Op != fsnotify.Chmod && (w.files[name] || inTree && (ext == ".toml" || ext == ".json" || w.trees[name]))
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
		switch {
		case os.IsNotExist(err): // gone again
			return nil
		case err != nil || !d.IsDir():
			return err
		}
		trees[p] = true
		return w.Add(p)
	})
}
