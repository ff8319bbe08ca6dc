// Package house holds what keeps the house in order and no compiler sees: which way
// the rooms import each other, and who may ask the clock.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const root = "../.."

// floors are the rooms of design §2, from the ground up: a room imports what lies on
// floors below its own, and below it in its own folder. One that is not named stands
// where the folder that it lies in does.
var floors = map[string]int{
	"rules":                1,
	"ledger":               2,
	"notify":               2,
	"scheduler/engine":     3,
	"scheduler/figures":    4,
	"scheduler/desk":       4,
	"scheduler/editor":     4,
	"scheduler/delivery":   4,
	"scheduler/simulation": 5,
	"scheduler":            5,
	"web":                  6,
	"cmd":                  7,
}

// floor of a room, and the name under which the house knows it.
func floor(room string) (name string, n int) {
	for dir := room; dir != "."; dir = path.Dir(dir) {
		if n, ok := floors[dir]; ok {
			return dir, n
		}
	}
	return room, 0
}

// mayImport tells whether the arrow goes down: to a lower floor, or to a part of the
// same room.
func mayImport(from, to string) bool {
	a, here := floor(from)
	b, there := floor(to)
	if a == b {
		return true
	}
	return there != 0 && there < here
}

type file struct {
	name, room string
	syntax     *ast.File
}

// files are the Go files of the house, without its tests.
func files(t *testing.T) (out []file) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != root && (strings.HasPrefix(base, ".") || base == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		rel = filepath.ToSlash(rel)
		out = append(out, file{rel, path.Dir(rel), parsed})
		return err
	})
	if err != nil || len(out) < 100 {
		t.Fatalf("%d files, %v", len(out), err)
	}
	return out
}

// imports are the rooms that a file imports, and under which name "time" is known
// to it.
func (f file) imports() (rooms []string, clock string) {
	for _, i := range f.syntax.Imports {
		name, _ := strconv.Unquote(i.Path.Value) // the parser has seen to that
		if room, ours := strings.CutPrefix(name, "duban/"); ours {
			rooms = append(rooms, room)
		}
		if name == "time" {
			clock = "time"
			if i.Name != nil {
				clock = i.Name.Name
			}
		}
	}
	return rooms, clock
}

func TestImportsRunOneWay(t *testing.T) {
	for _, f := range files(t) {
		if strings.HasPrefix(f.room, "internal/") {
			continue // only tests import it
		}
		rooms, _ := f.imports()
		for _, to := range rooms {
			switch {
			case strings.HasPrefix(to, "internal/"):
				t.Errorf("%s imports %s, which is for tests", f.name, to)
			case !mayImport(f.room, to):
				t.Errorf("%s imports %s: %s stands no lower", f.name, to, to)
			}
		}
	}
}

// What design §2 says of single rooms.
func TestRoomsKnowOnlyWhatTheyMay(t *testing.T) {
	for _, f := range files(t) {
		for _, i := range f.syntax.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			for _, rule := range []struct{ room, not, why string }{
				{"rules", "net", "rules is pure"}, {"rules", "database/sql", "rules is pure"},
				{"notify", "database/sql", "notify knows no database"}, {"ledger", "net/smtp", "the ledger sends nothing"},
				{"scheduler/engine", "os", "the engine asks only the ledger"}, {"scheduler/engine", "github.com/rs/zerolog", "the engine says what it did, and logs nothing"},
			} {
				if name == rule.not && (f.room == rule.room || strings.HasPrefix(f.room, rule.room+"/")) {
					t.Errorf("%s imports %s: %s", f.name, name, rule.why)
				}
			}
		}
	}
}

// Below cmd time is a value, or comes from one clock that is passed in.
func TestOnlyCommandsAskTheClock(t *testing.T) {
	asks := []string{"Now", "Since", "Until"}
	for _, f := range files(t) {
		_, clock := f.imports()
		if clock == "" || strings.HasPrefix(f.room, "cmd/") || strings.HasPrefix(f.room, "internal/") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == clock && slices.Contains(asks, s.Sel.Name) {
					t.Errorf("%s asks time.%s", f.name, s.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestTheArrowsAreKnownToGoDown(t *testing.T) {
	for _, c := range []struct {
		from, to string
		may      bool
	}{
		{"rules/words", "rules/calendar", true}, {"rules", "ledger", false}, {"ledger", "notify", false}, {"notify", "ledger", false},
		{"scheduler/engine", "ledger", true}, {"scheduler/engine", "scheduler/desk", false}, {"scheduler/desk", "scheduler/engine", true},
		{"scheduler/desk", "scheduler/delivery", false}, {"scheduler/delivery", "scheduler", false}, {"scheduler", "scheduler/delivery", true},
		{"web", "scheduler", true}, {"scheduler", "web", false}, {"cmd/duban", "web", true}, {"web", "cmd/duban/app", false},
		{"ledger/sqlite", "ledger", true}, {"cmd/duban", "ledger/sqlite", true}, {"somewhere/new", "rules", false}, {"rules", "somewhere/new", false},
	} {
		if mayImport(c.from, c.to) != c.may {
			t.Errorf("%s → %s: want %v", c.from, c.to, c.may)
		}
	}
}

// docs/architecture.md leads a reader through files that are there.
func TestTheArchitectureNamesFilesThatAreThere(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z]+/[a-z0-9/_-]+\\.(?:go|1))`").FindAllSubmatch(text, -1)
	if len(named) < 20 {
		t.Fatalf("it names only %d", len(named))
	}
	for _, m := range named {
		if _, err := os.Stat(root + "/" + string(m[1])); err != nil {
			t.Error(err)
		}
	}
}

// longest is how long a line of a template may be, to be read.
const longest = 120

func TestTemplatesAreLaidOutToBeRead(t *testing.T) {
	seen := 0
	for _, room := range []string{"web", "notify"} {
		err := filepath.WalkDir(filepath.Join(root, room, "templates"), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			for i, line := range strings.Split(string(data), "\n") {
				if n := utf8.RuneCountInString(line); n > longest {
					t.Errorf("%s:%d has %d characters", name, i+1, n)
				}
				seen++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Error("no template was read")
	}
}

// No object is one that everything passes through: those of the scheduler have fewer than
// 30 methods, those of page and commands fewer than 60.
func TestNoObjectDoesEverything(t *testing.T) {
	most := map[string]int{"scheduler": 30, "web": 60, "cmd": 60}
	methods := map[string]int{} // by package and type
	for _, f := range files(t) {
		if most[strings.SplitN(f.room, "/", 2)[0]] == 0 {
			continue
		}
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				of := fn.Recv.List[0].Type
				if star, ok := of.(*ast.StarExpr); ok {
					of = star.X
				}
				if name, ok := of.(*ast.Ident); ok {
					methods[f.room+"."+name.Name]++
				}
			}
		}
	}
	if methods["scheduler.Scheduler"] == 0 {
		t.Fatal("the daemon has no methods: this test reads nothing")
	}
	for name, n := range methods {
		if most := most[strings.SplitN(strings.SplitN(name, ".", 2)[0], "/", 2)[0]]; n >= most {
			t.Errorf("%s has %d methods, and fewer than %d are wanted", name, n, most)
		}
	}
}
