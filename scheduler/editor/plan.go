package editor

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/google/renameio/v2"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
)

// Home is where new plans go, and how they come into force there.
type Home interface {
	// Folder is the one that a plan of that id would lie in.
	Folder(id string) string
	// Listing is the file that names the plans, as it has to be for that folder to
	// be among them; no data: it is as it stands.
	Listing(folder string) (file string, data []byte, err error)
	// Line is what to write into that file where the editor may not.
	Line(folder string) string
}

// At makes an editor whose new plans have a home.
func (ed *Editor) At(h Home) *Editor {
	ed.home = h
	return ed
}

// RehearsePlan tells what a new plan would do; files are its own, by their names
// in its folder, with slashes.
func (ed *Editor) RehearsePlan(ctx context.Context, id string, files map[string][]byte) (*Rehearsal, *problem.List, error) {
	folder, err := folderFor(ed, id, files)
	if err != nil {
		return nil, &problem.List{}, err
	}
	set, problems, err := ed.loaded(ctx, with(folder, files))
	return ed.rehearse(ctx, set, problems, err)
}

// with is what is there and a plan that is not yet.
func with(folder string, files map[string][]byte) func(*planfile.Sources) {
	return func(src *planfile.Sources) {
		src.Plans = append(slices.Clone(src.Plans), folder)
		src.Instead = map[string][]byte{}
		for name, data := range files {
			src.Instead[filepath.Join(folder, filepath.FromSlash(name))] = data
		}
	}
}

// folderFor is where a new plan would go; the error says why it cannot.
func folderFor(ed *Editor, id string, files map[string][]byte) (string, error) {
	if ed.home == nil {
		return "", problem.New(problem.Conflict, "new plans have no folder here")
	}
	if err := rules.CheckID(id); err != nil {
		return "", &problem.Error{Code: problem.Invalid, Field: "id", Key: "%v", Args: []any{err}}
	}
	if ed.view().Rules.Plan(id) != nil {
		return "", problem.Refuse("id", "there is a plan %q already: give the new one another id", id)
	}
	for name := range files {
		if !filepath.IsLocal(filepath.FromSlash(name)) || path.Ext(name) != ".toml" || path.Clean(name) != name {
			return "", problem.Errorf("%q is no file of a plan: plan.toml, units.toml and obligations/NAME.toml are", problem.Clip(name))
		}
	}
	folder := ed.home.Folder(id)
	if ed.held {
		return folder, nil // all that lie in the ledger are read
	}
	if _, err := os.Lstat(folder); err == nil {
		return "", problem.Refuse("id", "the folder %s is there already, and is no plan that is read: name it in the configuration, or take it away", folder)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return folder, nil
}

// NewPlan writes a plan's folder, if the rules are right with it: whole or not at
// all, and named among the plans. Then the rules are taken over. What is wrong
// inside a draft is told, and hinders nothing.
func (ed *Editor) NewPlan(ctx context.Context, id string, files map[string][]byte, by string) (*problem.List, error) {
	done, err := ed.begin(ctx)
	if err != nil {
		return &problem.List{}, err
	}
	defer done()
	folder, err := folderFor(ed, id, files)
	if err != nil {
		return &problem.List{}, err
	}
	set, problems := ed.load(with(folder, files))
	if problems.Err() != nil {
		return problems, nil
	}
	if set.Plan(id) == nil {
		return problems, problem.Refuse("id", "plan.toml has another id than %q, the folder's name", id)
	}
	e := ledger.Entry{Action: "plan added", Subject: ledger.Subject{Kind: ledger.AboutPlan, Ref: id}, Actor: by, After: planText{folder, texts(files)}.String()}
	if err := ed.keepPlan(ctx, folder, files, e); err != nil {
		return problems, err
	}
	ed.inForce(ctx)
	return problems, nil
}

// planText is what the journal keeps of a plan that was added.
type planText struct {
	Folder string            `json:"folder"`
	Files  map[string]string `json:"files"`
}

func (p planText) String() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(b)
}

func texts(files map[string][]byte) map[string]string {
	out := map[string]string{}
	for name, data := range files {
		out[name] = string(data)
	}
	return out
}

// keepPlan is keep for a folder: it lies ready under a hidden name, and with it the
// new list of plans; the ledger knows what is to come; then folder and list get
// their names.
func (ed *Editor) keepPlan(ctx context.Context, folder string, files map[string][]byte, e ledger.Entry) error {
	if ed.held {
		inside := map[string][]byte{}
		for name, data := range files {
			inside[path.Join(folder, name)] = data
		}
		return ed.keepHeld(ctx, inside, []ledger.Entry{e})
	}
	if err := Finish(ctx, ed.ledger); err != nil {
		return err
	}
	list, listed, err := ed.home.Listing(folder)
	if err != nil {
		return err
	}
	var pending *renameio.PendingFile
	if listed != nil {
		if pending, err = ready(list, listed); err != nil {
			return problem.New(problem.Conflict, "%s names the plans, and duban may not write it (%v): add %s to its plans by hand and try again, or write plans = [\"plans/*\"] there once for all",
				list, cause(err), ed.home.Line(folder))
		}
		defer pending.Cleanup() // nothing left to do once it has its name
	}
	lies := lies(folder)
	defer os.RemoveAll(lies)
	if err := writePlan(lies, files); err != nil {
		return err
	}
	in := intent{File: filepath.Join(folder, "plan.toml"), Sum: sumOf(files["plan.toml"]), Entry: e}
	if listed != nil { // which is the last step
		in.File, in.Sum, in.Folder = list, sumOf(listed), folder
	}
	if err := intend(ctx, ed, in); err != nil {
		return err
	}
	err = os.Rename(lies, folder)
	if err == nil {
		err = syncDir(filepath.Dir(folder))
	}
	if err == nil && pending != nil {
		if err = pending.CloseAtomicallyReplace(); err != nil {
			err = errors.Join(err, os.Rename(folder, lies)) // not listed, it would only be in the way
		}
	}
	if err != nil {
		return errors.Join(err, Finish(ctx, ed.ledger))
	}
	journalTells(ctx, ed, in, folder)
	return nil
}

// lies is where a new folder lies ready until it gets its name.
func lies(folder string) string {
	return filepath.Join(filepath.Dir(folder), ".new-"+filepath.Base(folder))
}

// WriteFolder writes a plan's folder where there is none yet, or in the place of an empty
// one, whose permissions it keeps: whole or not at all. It is for folders that no daemon
// reads yet.
func WriteFolder(folder string, files map[string][]byte) error {
	folder = filepath.Clean(folder)
	cannotBe := func(err error) error {
		return problem.New(problem.Conflict, "%s cannot be a plan's folder (%v): name another; nothing was written", folder, cause(err))
	}
	switch there, err := os.ReadDir(folder); {
	case err == nil && len(there) > 0:
		return problem.New(problem.Conflict, "%s is there already and holds something: name another folder; nothing was written", folder)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return cannotBe(err)
	}
	lies := lies(folder)
	defer os.RemoveAll(lies)
	if err := writePlan(lies, files); err != nil {
		return err
	}
	if empty, err := os.Lstat(folder); err == nil {
		if err := os.Chmod(lies, empty.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := syscall.Rename(lies, folder); err != nil { // os.Rename would not put it in an empty one's place
		return cannotBe(err)
	}
	return syncDir(filepath.Dir(folder))
}

// cause is an error of a file without the file's temporary name.
func cause(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// writePlan writes a folder, down to the disk; one left of an attempt that a power
// cut ended goes.
func writePlan(folder string, files map[string][]byte) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	folders := map[string]bool{folder: true}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(folder, filepath.FromSlash(name))
		for dir := filepath.Dir(file); strings.HasPrefix(dir, folder); dir = filepath.Dir(dir) {
			folders[dir] = true
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := writeSynced(file, files[name]); err != nil {
			return err
		}
	}
	for dir := range folders {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func writeSynced(file string, data []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir makes the names in a folder outlive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
