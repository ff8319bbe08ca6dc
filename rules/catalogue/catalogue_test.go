package catalogue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// keyAt says which argument of a call is the key of a text, by the last name of
// what is called.
var keyAt = map[string]int{
	"problem.Errorf": 0, "problem.New": 1, "problem.Refuse": 1, "problem.Word": 0,
	"Add": 1, "AddTo": 2, "WarnOf": 2, "errorf": 1, "errorAt": 2, "warnf": 1, "warn": 2, "missing": 1,
	"Missing": 1, "Warnf": 1, "ErrorAt": 2, "refuse": 0, "textOf": 0, "t": 0, "done": 3,
	"wrong": 1, "trouble": 1, "leave": 1, "tell": 0,
	"usagef": 0, "actCommand": 2, "mailMoveCommand": 2, "say": 0, "aside": 0, "Say": 0, "accountDone": 3, "Errorf": 1,
	"Var": 2, "StringVar": 3, "StringVarP": 4, "StringArrayVar": 3, "StringSliceVar": 3, "BoolVar": 3, "IntVar": 3, "Int64Var": 3, "DurationVar": 3,
}

// commandKeys are the fields of commands and tables whose texts people read.
var commandKeys = []string{"Short", "Long", "head"}

// textsIn are the keys that a file of Go says, with their places.
func textsIn(t *testing.T, name string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	take := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			key, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			out[key] = files.Position(lit.Pos()).String()
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if i, ok := keyAt[called(n)]; ok && i < len(n.Args) {
				take(n.Args[i])
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				if id, ok := kv.Key.(*ast.Ident); ok && (id.Name == "Missing" || slices.Contains(commandKeys, id.Name) || id.Name == "Key" && lastName(n.Type) == "Error") {
					take(kv.Value)
				}
			}
		}
		return true
	})
	return out
}

// called is the name of what is called: with its package if that is problem, else
// alone.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		switch of := lastName(f.X); {
		case of == "problem", of == "fmt":
			return of + "." + f.Sel.Name
		case f.Sel.Name == "Add" && of != "problems" && of != "found" && of != "mine":
			return "" // of a header, a group of goroutines
		}
		return f.Sel.Name
	}
	return ""
}

// lastName is the last of a.b.c.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// The rooms whose texts people read, with what each puts before its keys.
var rooms = map[string][]string{"rules": {""}, "ledger": {""}, "notify": {"", "mail: ", "letter: "}, "scheduler": {""}, "web": {""}, "cmd": {""}}

// plain is what needs no Chinese: an example, or what is put together.
var plain = regexp.MustCompile(`^[0-9·%: dsvqw#.–-]*$| $`)

func TestEverythingIsSaidInChineseToo(t *testing.T) {
	found := 0
	for room, before := range rooms {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			texts := map[string]string{}
			switch filepath.Ext(path) {
			case ".go":
				texts = textsIn(t, path)
			case ".html":
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				for _, m := range regexp.MustCompile(`\bt ("(?:[^"\\]|\\.)*")`).FindAllStringSubmatch(string(data), -1) {
					key, err := strconv.Unquote(m[1])
					if err != nil {
						return err
					}
					texts[key] = path
				}
			}
			for key, where := range texts {
				found++
				if !plain.MatchString(key) && !slices.ContainsFunc(before, func(b string) bool { return In(Chinese).Has(b + key) }) {
					t.Errorf("%s: %q has no Chinese", where, key)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 500 {
		t.Errorf("only %d texts were found", found)
	}
}

// Names of ours have words in both languages.
func TestNamesHaveWordsInBothLanguages(t *testing.T) {
	names := regexp.MustCompile(`^(?:(?:mail|letter|admin): .+|(?:state|basis|role|mail|notice|request|decision|reminder|thanks) [a-z-]+)$`)
	count := 0
	for _, w := range all {
		for key := range w.texts {
			if !names.MatchString(key) {
				continue
			}
			count++
			for language, other := range all {
				if _, ok := other.texts[key]; !ok {
					t.Errorf("%q has no words in %s", key, language)
				}
			}
		}
	}
	if count < 300 {
		t.Errorf("only %d names were found", count)
	}
}

var verbs = regexp.MustCompile(`%[^%]*?[a-zA-Z]`)

func TestTextsTakeTheSameArgumentsInAllLanguages(t *testing.T) {
	for key, said := range all[Chinese].texts {
		other := key
		if english, ok := all[English].texts[key]; ok {
			other = english
		}
		if strings.Contains(said+other, "%[") || !strings.Contains(said, "%") {
			continue // named by number, or said without any
		}
		if a, b := len(verbs.FindAllString(other, -1)), len(verbs.FindAllString(said, -1)); a != b {
			t.Errorf("%q has %d arguments, its Chinese %q has %d", other, a, said, b)
		}
	}
}

// half is a mark that Chinese text has in full width.
var half = regexp.MustCompile(`\p{Han}[,;:!?(]|[,;:!?)]\p{Han}`)

func TestChineseHasChinesePunctuation(t *testing.T) {
	for _, table := range []map[string]string{zhMail, zhAdmin, zhSheet} {
		for key, said := range table {
			if s := half.FindString(said); s != "" {
				t.Errorf("%s: %q in %s", key, s, said)
			}
		}
	}
}

func TestNothingIsSaidTwice(t *testing.T) {
	for name, tables := range map[string][]map[string]string{Chinese: {zhPage, zhRules, zhDeadlines, zhPlans, zhSheet, zhTables, zhMail, zhAdmin}, English: {enNames, enMail, enAdmin}} {
		in := map[string]string{}
		for _, table := range tables {
			for key, said := range table {
				if old, ok := in[key]; ok && old != said {
					t.Errorf("%s says %q in two ways: %q, %q", name, key, old, said)
				}
				in[key] = said
			}
		}
	}
}

type named string

func (n named) TextKey() string { return "state " + string(n) }

func TestArgumentsAreSaidInTheSameLanguage(t *testing.T) {
	friday := calendar.DateOf(2026, 9, 25)
	inner := problem.Errorf("no unit %q%s", "czjj", problem.DidYouMean("czjj", []string{"czj"}))
	for _, tc := range []struct {
		what, zh, en, key string
		args              []any
	}{
		{"an error within another", "没有单位\"czjj\"（是不是 \"czj\"？）", `no unit "czjj" (did you mean "czj"?)`, "%v", []any{inner}},
		{"a date", "2026-09-25 周五重复", "2026-09-25 Fri stands twice", "%s stands twice", []any{friday}},
		{"a name of ours", "x：当前状态为“已办结”，不能这样办理。", "x is closed: this cannot be done to it.", "%s is %s%s", []any{"x", named("closed"), ""}},
		{"what no language knows", "such a text: 3", "such a text: 3", "such a text: %d", []any{3}},
	} {
		if zh, en := In(Chinese).Say(tc.key, tc.args...), In(English).Say(tc.key, tc.args...); zh != tc.zh || en != tc.en {
			t.Errorf("%s: %q, %q", tc.what, zh, en)
		}
	}
	if In("fr") != In(Chinese) {
		t.Error("who asks for no language of ours gets another than Chinese")
	}
}

func TestProblemsAreSaidAfterTheirKeys(t *testing.T) {
	for want, e := range map[string]*problem.Error{
		"title: 缺少：请简要写明应办的事项":    {Field: "title", Key: "is missing: %s", Args: []any{problem.Word("say in a few words what is owed")}},
		"ends: 应为日期，如 2017-06-09": {Field: "ends", Key: "want %s", Args: []any{problem.Word("a date such as 2017-06-09")}},
		"不是有效的 TOML：x":            {Key: "not valid TOML: %s", Args: []any{"x"}},
	} {
		if got := In(Chinese).Problem(problem.Problem{Said: e}); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	list := &problem.List{}
	list.AddTo(problem.Pos{File: "f", Line: 3, Col: 1}, "year", "is empty")
	list.Add(problem.Pos{File: "f"}, "is empty")
	if got, want := In(Chinese).Error(list.Err()), "不能为空\n第3行：year: 不能为空"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
