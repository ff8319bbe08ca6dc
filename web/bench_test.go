package web

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify/mail"
	"duban/scheduler"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
)

// crowd is a page with 100,000 occurrences of 50 units, half of them open.
func crowd(b *testing.B, n int) *world {
	b.Helper()
	w := newWorld(b)
	const obligations, units = 20, 50
	var rule, unit strings.Builder
	var members []string
	for i := range obligations {
		fmt.Fprintf(&rule, "[[obligation]]\nid=\"o%d\"\ntitle=\"公布第%d项情况\"\nunits=[\"@all\"]\nevent=\"e%d\"\nwithin=\"10 working days\"\npolicy=\"standard\"\n", i, i, i)
	}
	for i := range units {
		fmt.Fprintf(&unit, "[[unit]]\nid=\"u%d\"\nname=\"第%d责任单位\"\nmail=[\"u%d@x.example\"]\n", i, i, i)
		members = append(members, fmt.Sprintf("%q", fmt.Sprintf("u%d", i)))
	}
	fmt.Fprintf(&unit, "[[group]]\nid=\"all\"\nmembers=[%s]\n", strings.Join(members, ","))
	w.write("plan/obligations/01.toml", rule.String())
	w.write("plan/units.toml", unit.String())
	set, problems := w.load(nil)
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "crowd.db")
	book, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { book.Close() })
	s := scheduler.New(w.s.Options, set, book, mail.NewChannel(w.mail, nil), zerolog.Nop(), w.clock)
	if _, err := s.Tick(b.Context(), w.now()); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO occurrence (plan, obligation, unit, period, rule, anchor, first_due, due, provisional, state, reported_at, closed_at)
		SELECT 'p', 'o' || (i %% %d), 'u' || (i / %d %% %d), 'k' || (i / %d), 1, date('2025-06-01', '+' || (i %% 700) || ' days'), date('2025-06-01', '+' || (i %% 700) || ' days'),
		date('2025-06-01', '+' || (i %% 700) || ' days'), 0, CASE WHEN i %% 700 > 350 OR i %% 17 = 0 THEN 'open' ELSE 'closed' END,
		CASE WHEN i %% 700 > 350 OR i %% 17 = 0 THEN NULL ELSE date('2025-06-01', '+' || (i %% 700 - i %% 5 + 2) || ' days') || 'T09:00:00Z' END,
		CASE WHEN i %% 700 > 350 OR i %% 17 = 0 THEN NULL ELSE date('2025-06-01', '+' || (i %% 700 - i %% 5 + 2) || ' days') || 'T09:00:00Z' END FROM n`,
		n-1, obligations, obligations, units, obligations*units))
	if err != nil {
		b.Fatal(err)
	}
	if w.Server, err = New(Options{Scheduler: s, Desk: desk.New(book, s.View, zerolog.Nop()), Editor: editor.New(book, s.View, w.load, nil, zerolog.Nop()), Links: w.Links, Log: zerolog.Nop(), Limits: Limits{Requests: 1 << 30}}); err != nil {
		b.Fatal(err)
	}
	w.s, w.ledger, w.desk = s, book, desk.New(book, s.View, zerolog.Nop())
	w.http.Config.Handler = w.Handler()
	return w
}

// BenchmarkBoard asks for the board with 50 clients at once, while somebody
// reports an item five times a second.
func BenchmarkBoard(b *testing.B) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	w := crowd(b, n)
	root := w.signedInAs("root", ledger.RoleAdmin)
	res, err := root.Do(root.request(http.MethodGet, "/"))
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	cookies := root.Jar.Cookies(res.Request.URL)
	open, err := ledger.AllOccurrences(b.Context(), w.ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		b.Fatal(err)
	}
	stop := make(chan struct{})
	var writer, clients sync.WaitGroup
	writer.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for _, o := range open {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := w.desk.Do(b.Context(), desk.Done, o.FullKey(), desk.Act{By: "b", Evidence: "https://x.example/"}); err != nil {
					b.Error(err)
				}
			}
		}
	})
	const many = 50
	transport := &http.Transport{MaxIdleConnsPerHost: many}
	took := make([][]time.Duration, many)
	b.ResetTimer()
	for c := range many {
		clients.Go(func() {
			for range max(1, b.N/many) {
				r := root.request(http.MethodGet, "/")
				for _, cookie := range cookies {
					r.AddCookie(cookie)
				}
				began := time.Now()
				res, err := (&http.Client{Transport: transport}).Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
					b.Errorf("%d, %v", res.StatusCode, err)
				}
				res.Body.Close()
				took[c] = append(took[c], time.Since(began))
			}
		})
	}
	clients.Wait()
	b.StopTimer()
	close(stop)
	writer.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*95/100].Microseconds())/1000, "ms-p95")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, "ms-max")
}
