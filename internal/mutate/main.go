// Mutate tells how well the tests of a room bite: it changes one small thing in
// the room's code, runs the tests, and says whether they noticed.
//
//	go run ./internal/mutate -n 100 -seed 1 ledger
//
// The files themselves are never touched: a changed one is laid over (go build
// -overlay). What does not compile is no mutant and another is drawn. Each test is run
// alone once, to know which lines it comes by: only those that come by a mutant are asked.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mutant is one change of a file: text in place of what stands from one offset
// to another.
type mutant struct {
	file     string
	line     int
	from, to int
	was, is  string
}

func main() {
	n := flag.Int("n", 100, "how many `mutants`")
	seed := flag.Uint64("seed", 1, "of the sample")
	skip := flag.String("skip", "", "none of the tests that match, as go test -skip")
	kept := flag.String("o", "", "a `file` that keeps each answer as it comes; what it tells already is not tried again")
	flag.Parse()
	s := sample{room: flag.Arg(0), skip: *skip, kept: *kept}
	if err := s.try(*n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// sample is some mutants of one room, and how they are tried.
type sample struct {
	room, skip string
	tests      []test
	kept       string
}

func (s *sample) try(n int, seed uint64) error {
	if s.room == "" {
		return errors.New("name a room: rules, ledger, notify, scheduler …")
	}
	all, err := mutants(s.room)
	if err != nil {
		return err
	}
	known, err := s.known()
	if err != nil {
		return err
	}
	if s.tests, err = testsOf(s.room, s.skip); err != nil {
		return err
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	tried, killed := 0, 0
	for _, m := range all {
		if tried == n {
			break
		}
		what := strings.TrimSpace(fmt.Sprintf("%s:%d: %s → %s", m.file, m.line, m.was, m.is))
		word, is := known[what]
		if !is {
			if word = s.word(&m); word != noMutant {
				fmt.Println(word, what)
			}
			if err := s.keep(word + " " + what); err != nil {
				return err
			}
		}
		if word != noMutant {
			tried++
		}
		if word == killedWord {
			killed++
		}
	}
	return s.keep(fmt.Sprintf("%s: %d of %d killed, of %d that there are", s.room, killed, tried, len(all)))
}

const (
	killedWord = "killed  "
	survives   = "SURVIVES"
	noMutant   = "no build"
)

// word tries one by the tests that come by its line, the quickest first; where those of
// one package notice nothing, those of the next are asked. What no test comes by survives.
func (s *sample) word(m *mutant) string {
	overlay, err := m.overlay()
	if err != nil {
		return noMutant
	}
	defer os.RemoveAll(filepath.Dir(overlay))
	if exec.Command("go", "build", "-overlay", overlay, "./"+filepath.Dir(m.file)).Run() != nil {
		return noMutant
	}
	for _, some := range inTurn(s.tests, m) {
		if noticed(overlay, some) {
			return killedWord
		}
	}
	return survives
}

// known reads what an earlier run kept.
func (s *sample) known() (map[string]string, error) {
	out := map[string]string{}
	b, err := os.ReadFile(s.kept)
	if s.kept == "" || errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	for line := range strings.Lines(string(b)) {
		if len(line) > len(survives) {
			out[strings.TrimSpace(line[len(survives)+1:])] = line[:len(survives)]
		}
	}
	return out, err
}

func (s *sample) keep(line string) error {
	if s.kept == "" {
		if strings.HasPrefix(line, s.room) {
			fmt.Println(line)
		}
		return nil
	}
	f, err := os.OpenFile(s.kept, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Close())
}

// overlay writes what go build -overlay reads.
func (m *mutant) overlay() (string, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	src, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	changed, name := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {abs: changed}})
	if err != nil {
		return "", err
	}
	src = bytes.Join([][]byte{src[:m.from], src[m.to:]}, []byte(m.is))
	return name, errors.Join(os.WriteFile(changed, src, 0o600), os.WriteFile(name, text, 0o600))
}

// mutants are all of a room.
func mutants(room string) (out []mutant, err error) {
	err = filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "ledgertest") {
			return err
		}
		found, err := mutantsOf(path)
		out = append(out, found...)
		return err
	})
	return out, err
}

// operators become another that is near.
var operators = map[token.Token]string{
	token.EQL: "!=", token.NEQ: "==", token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
	token.LAND: "||", token.LOR: "&&", token.ADD: "-", token.SUB: "+",
}

func mutantsOf(path string) (out []mutant, err error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	at := func(p token.Pos) int { return set.Position(p).Offset }
	add := func(from, to token.Pos, is string) {
		was := string(src[at(from):at(to)])
		if len(was) < 200 {
			out = append(out, mutant{path, set.Position(from).Line, at(from), at(to), strings.Join(strings.Fields(was), " "), is})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if is, ok := operators[n.Op]; ok {
				add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), is)
			}
		case *ast.IfStmt:
			add(n.Cond.Pos(), n.Cond.End(), "!("+string(src[at(n.Cond.Pos()):at(n.Cond.End())])+")")
		case *ast.ExprStmt: // a call is left out
			add(n.Pos(), n.End(), "")
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN {
				add(n.Pos(), n.End(), "")
			}
		case *ast.BranchStmt:
			add(n.Pos(), n.End(), "")
		case *ast.BasicLit:
			if n.Value == "0" || n.Value == "1" {
				add(n.Pos(), n.End(), string('0'+'1'-n.Value[0]))
			}
		}
		return true
	})
	return out, nil
}
