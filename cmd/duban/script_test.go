package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"duban/internal/robottest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"duban": main, "receiver": receive})
}

// TestScripts drives the command line as people do: testdata/script holds one
// story a file.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			env.Setenv("USER", "tester")
			env.Setenv("YEAR", time.Now().Format("2006"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"json":   cmdJSON,
			"count":  cmdCount,
			"exits":  cmdExits,
			"sqlite": cmdSQLite,
			"robot":  cmdRobot,
			"reads":  cmdReads,
		},
		RequireExplicitExec: true,
	})
}

// robot SERVICE FILE [SECRET] starts a robot and writes its address into a file.
func cmdRobot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: robot SERVICE FILE [SECRET]")
	}
	r := robottest.Serve(args[0], strings.Join(args[2:], ""), time.Now)
	ts.Defer(r.Close)
	robots.Store(ts.MkAbs(args[1]), r)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(r.File()), 0o600))
}

// reads FILE N TEXT checks that the group of that file has N messages, with the text in
// the last.
func cmdReads(ts *testscript.TestScript, neg bool, args []string) {
	r, ok := robots.Load(ts.MkAbs(args[0]))
	if neg || len(args) != 3 || !ok {
		ts.Fatalf("usage: reads FILE N TEXT")
	}
	texts := r.(*robottest.Robot).Texts()
	if fmt.Sprint(len(texts)) != args[1] || len(texts) > 0 && !strings.Contains(texts[len(texts)-1], args[2]) {
		ts.Fatalf("the group reads %d: %q", len(texts), texts)
	}
}

// robots are those that stories have started, by their files.
var robots sync.Map

// json PATH WANT checks one value of the last standard output: rows.0.due.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH WANT")
	}
	var v any
	d := json.NewDecoder(bytes.NewReader([]byte(ts.ReadFile("stdout"))))
	d.UseNumber()
	ts.Check(d.Decode(&v))
	for _, key := range strings.Split(args[0], ".") {
		switch x := v.(type) {
		case map[string]any:
			value, ok := x[key]
			if !ok {
				ts.Fatalf("no field %q in %v", key, x)
			}
			v = value
		case []any:
			if key == "len" {
				v = len(x)
				continue
			}
			i := 0
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(x) {
				ts.Fatalf("no element %s in a list of %d", key, len(x))
			}
			v = x[i]
		default:
			ts.Fatalf("%q: %v has no fields", key, v)
		}
	}
	if (fmt.Sprint(v) == args[1]) == neg {
		ts.Fatalf("%s is %v, want %s", args[0], v, args[1])
	}
}

// count FOLDER N checks how many entries a folder has.
func cmdCount(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	if err != nil && !os.IsNotExist(err) {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(len(entries)) != args[1] {
		ts.Fatalf("%s has %d entries, want %s", args[0], len(entries), args[1])
	}
}

// exits CODE COMMAND… runs a command that must end with that code.
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		var exit interface{ ExitCode() int }
		if !asExit(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("%v: exit code %d, want %s", args[1:], code, args[0])
	}
}

func asExit(err error, exit *interface{ ExitCode() int }) bool {
	e, ok := err.(interface{ ExitCode() int })
	*exit = e
	return ok
}

// sqlite FILE STATEMENT changes a ledger behind its back.
func cmdSQLite(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(execSQL(ts.MkAbs(args[0]), args[1]))
}
