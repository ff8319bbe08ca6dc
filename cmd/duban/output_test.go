package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/rules/catalogue"
	"duban/rules/planfile"
	"duban/scheduler/engine"
)

// A list of JSON that is written row by row is the same bytes as one that is written whole.
func TestAListOfJSONIsTheSameRowByRow(t *testing.T) {
	type row struct {
		Text  string         `json:"text"`
		Some  []string       `json:"some"`
		More  map[string]int `json:"more,omitempty"`
		Inner *row           `json:"inner"`
	}
	var draw func(t *rapid.T, deep int) row
	draw = func(t *rapid.T, deep int) row {
		r := row{rapid.String().Draw(t, "text"), rapid.SliceOfN(rapid.String(), -1, 2).Draw(t, "some"), map[string]int{}, nil}
		if rapid.Bool().Draw(t, "more") {
			r.More["a<b"] = 1
		}
		if deep > 0 && rapid.Bool().Draw(t, "inner") {
			inner := draw(t, deep-1)
			r.Inner = &inner
		}
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		rows := []row{}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			rows = append(rows, draw(t, 2))
		}
		var whole, parts bytes.Buffer
		if err := printJSON(&whole, rows); err != nil {
			t.Fatal(err)
		}
		l := newJSONList[row](&parts)
		for _, r := range rows {
			if err := l.add(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.end(); err != nil || parts.String() != whole.String() {
			t.Fatalf("%v\n%s\n%s", err, parts.String(), whole.String())
		}
	})
}

// A long table is written in parts: its heads once, and no row is lost or stands further to
// the left than those before it.
func TestALongTableIsOne(t *testing.T) {
	var out bytes.Buffer
	l := newTableList(&out, catalogue.In("en"), []column{{head: "A", right: true}, {head: "TITLE", width: 10}, {head: "ERROR"}})
	const rows = 2*mostTogether + 3
	for i := range rows {
		if err := l.add([]any{i, strings.Repeat("中", 1+i%3), "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.end(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	if len(lines) != rows+1 || strings.Count(out.String(), "TITLE") != 1 {
		t.Fatalf("%d lines for %d rows", len(lines), rows)
	}
	at := 0
	for i, line := range lines[1:] {
		if !strings.Contains(line, fmt.Sprint(i)) {
			t.Fatalf("line %d is %q", i, line)
		}
		now := strings.Index(line, "中")
		if now < at {
			t.Fatalf("line %d stands to the left of the one before: %q", i, line)
		}
		at = now
	}
}

// vast is a ledger of so many rows, which are made as they are asked for.
type vast struct {
	ledger.Store
	n   int
	see func() // now and then
}

func (v vast) row(i int) *ledger.Occurrence {
	return &ledger.Occurrence{
		ID: int64(i + 1), Plan: "zhongshan-2017", Obligation: "1.3-budget", Unit: "czj", Period: fmt.Sprintf("k%08d", i), Rule: 1, Anchor: 17000, FirstDue: 17010, Due: 17010,
		State: ledger.StateClosed, Note: strings.Repeat("备注", 20),
	}
}

func (v vast) EachOccurrence(_ context.Context, q ledger.Query, f func(*ledger.Occurrence) error) error {
	first := 0
	if q.After != nil {
		first = int(q.After.ID)
	}
	last := v.n
	if q.Limit > 0 {
		last = min(v.n, first+q.Limit)
	}
	for i := first; i < last; i++ {
		if i%10_000 == 0 {
			v.see()
		}
		if err := f(v.row(i)); err != nil {
			return err
		}
	}
	return nil
}

func (v vast) Occurrences(ctx context.Context, q ledger.Query) ([]*ledger.Occurrence, error) {
	return ledger.AllOccurrences(ctx, v, q)
}

func (vast) RuleText(context.Context, int64) (ledger.RuleText, error) { return ledger.RuleText{}, nil }

func (v vast) View(_ context.Context, f func(ledger.Reader) error) error { return f(v) }

func (v vast) NextEntries(_ context.Context, after int64, most int) (out []ledger.Entry, _ error) {
	for i := int(after); i < min(v.n, int(after)+most); i++ {
		out = append(out, ledger.Entry{Seq: int64(i + 1), Actor: "li", Action: "closed", Before: `{"state": "open"}`, After: `{"state": "closed", "evidence": "` + strings.Repeat("x", 200) + `"}`})
	}
	return out, nil
}

func (v vast) Notices(_ context.Context, q ledger.NoticeQuery) (out []*ledger.Notice, _ error) {
	for i := int(q.After); i < min(v.n, int(q.After)+q.Limit); i++ {
		out = append(out, &ledger.Notice{ID: int64(i + 1), Unit: "czj", Subject: strings.Repeat("到期提醒", 20), State: ledger.Sent})
	}
	return out, nil
}

func (vast) ItemKeys(context.Context, []*ledger.Notice) (map[int64][]string, error)  { return nil, nil }
func (vast) Addresses(context.Context, []*ledger.Notice) (map[int64][]string, error) { return nil, nil }

// scales throws away what is written, and weighs what is kept in memory meanwhile.
type scales struct {
	next, written int
	most          uint64
}

func (s *scales) Write(p []byte) (int, error) {
	if s.written += len(p); s.written >= s.next {
		s.next = s.written + 2<<20
		s.weigh()
	}
	return len(p), nil
}

func (s *scales) weigh() { s.most = max(s.most, kept()) }

func kept() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Lists that grow with the years are written row by row, in all their forms.
func TestALongListTakesNoMoreMemoryThanAShortOne(t *testing.T) {
	rows := 30_000
	if *full {
		rows = 200_000
	}
	set, problems := planfile.Load(planfile.Sources{Plans: []string{"../../rules/plans/zhongshan-2017"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	out := &scales{}
	book := &app.Book{Store: vast{n: rows, see: func() { out.weigh() }}, View: func() engine.View {
		return engine.View{Rules: set, Settings: engine.Settings{Timezone: time.UTC}, Now: time.Unix(1500000000, 0)}
	}}
	for name, list := range map[string]func(*env) error{
		"status as JSON":     func(a *env) error { a.asJSON = true; return listStatus(t.Context(), a, book, ledger.Query{}, "") },
		"status":             func(a *env) error { return listStatus(t.Context(), a, book, ledger.Query{}, "") },
		"the register, csv":  func(a *env) error { return register(t, a, book, sheets{format: "csv"}) },
		"the register, xlsx": func(a *env) error { return register(t, a, book, sheets{format: "xlsx"}) },
		"the register in a file": func(a *env) error {
			return register(t, a, book, sheets{format: "csv", output: t.TempDir() + "/r.csv"})
		},
		"the journal as JSON": func(a *env) error { a.asJSON = true; return listJournal(t.Context(), a, book, "") },
		"mail list as JSON":   func(a *env) error { a.asJSON = true; return listNotices(t.Context(), a, book, "") },
	} {
		t.Run(name, func(t *testing.T) {
			out = &scales{}
			before := kept()
			if err := list(&env{out: out, err: io.Discard, words: catalogue.In("zh-CN"), now: time.Now}); err != nil {
				t.Fatal(err)
			}
			if out.written < 20*rows && !strings.HasPrefix(name, "the register") || out.most == 0 {
				t.Errorf("only %d bytes were written", out.written)
			}
			limit := int64(20 << 20)
			if name == "the register, xlsx" { // the library keeps some of a sheet
				limit = 48 << 20
			}
			if grown := int64(out.most) - int64(before); grown > limit {
				t.Errorf("%d MB are kept while %d rows are written", grown>>20, rows)
			}
		})
	}
}

func register(t *testing.T, a *env, book *app.Book, as sheets) error {
	return writeRegister(t.Context(), a, &as, book, ledger.Query{}, rules.Light(""), "zh-CN")
}
