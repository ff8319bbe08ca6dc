package delivery_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"duban/internal/smtptest"
	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify"
	"duban/rules/address"
	"duban/rules/planfile"
	"duban/scheduler/engine"
)

const benchConnections = 8

var benchFrom = address.Must("duban@x.example")

// benchKey is an RSA key, as most mail servers have.
var benchKey = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })

// outbox fills a ledger on disk with pending digests, each of three items.
func outbox(b *testing.B, n int) *world.World {
	b.Helper()
	l, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return outboxIn(b, n, l)
}

// outboxIn is outbox in a ledger.
func outboxIn(b *testing.B, n int, l ledger.Store) *world.World {
	b.Helper()
	var units, obligations strings.Builder
	for i := range n {
		fmt.Fprintf(&units, "[[unit]]\nid=\"u%d\"\nname=\"单位%d\"\nmail=[\"u%d@x.example\"]\n", i, i, i)
	}
	for i := range 3 {
		var all []string
		for u := range n {
			all = append(all, fmt.Sprintf("%q", fmt.Sprintf("u%d", u)))
		}
		fmt.Fprintf(&obligations, "[[obligation]]\nid=\"o%d\"\nref=\"1.%d\"\ntitle=\"公布第%d类事项的办理情况\"\nunits=[%s]\non=2017-07-14\npolicy=\"standard\"\nnote=\"原文未定期限\uff1b管理员定为当日。\"\n", i, i, i, strings.Join(all, ","))
	}
	dir := b.TempDir()
	world.WriteAll(b, dir, map[string]string{"plan.toml": world.PlanHead, "units.toml": units.String(), "obligations/01.toml": obligations.String()})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	w := world.Empty(b, b.TempDir())
	w.At("2017-07-14 09:00")
	b.Cleanup(func() { l.Close() })
	w.With(l, set)
	w.Settings().AssignOnStart, w.Settings().MaxNoticesPerTick = false, 0
	if r, err := w.Daemon.Tick(context.Background(), w.Now); err != nil || r.Notices != n {
		b.Fatal(r, err)
	}
	return w
}

// BenchmarkDeliver5000 sends 5,000 distinct digests to a sink that wants STARTTLS,
// over 8 connections: through the durable outbox; by the bare library over as
// many connections kept open, rendering each digest from the same values, or with
// texts that were rendered before; and by the bare library with a connection a mail.
func BenchmarkDeliver5000(b *testing.B) {
	n := 5000
	if testing.Short() {
		n = 200
	}
	b.Run("outbox", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			w, s := outbox(b, n), smtptest.StartWith(b, benchKey())
			w.Transport = over(b, s, benchConnections)
			b.StartTimer()
			d, err := w.Daemon.Courier.Deliver(context.Background())
			if err != nil || d.Sent != n {
				b.Fatal(d, err)
			}
			b.StopTimer()
			if got := len(s.Mails()); got != n {
				b.Fatalf("%d arrived", got)
			}
			b.StartTimer()
		}
		b.ReportMetric(float64(n)/(b.Elapsed().Seconds()/float64(b.N)), "mails/s")
	})
	b.Run("library", func(b *testing.B) { benchmarkLibrary(b, n, library{keep: true, render: true}) })
	b.Run("library-rendered-before", func(b *testing.B) { benchmarkLibrary(b, n, library{keep: true}) })
	b.Run("library-dialling", func(b *testing.B) { benchmarkLibrary(b, n, library{render: true}) })
}

// library says how the bare library is used.
type library struct{ keep, render bool }

// rendered is what a digest says.
type rendered struct {
	to, subject, text, html string
	calendar                []byte
}

func render(n *notify.Notice, to string, now time.Time) rendered {
	var cal bytes.Buffer
	var entries []notify.CalendarEntry
	for _, it := range n.Items {
		entries = append(entries, notify.CalendarEntry{UID: it.UID, Due: it.Due, Summary: it.Title + " · " + it.Period, Description: it.ID})
	}
	if err := notify.WriteCalendar(&cal, "", benchFrom, entries, now); err != nil {
		panic(err)
	}
	said := must(n.Say())
	return rendered{to, said.Subject, said.Text, said.HTML, cal.Bytes()}
}

// benchmarkLibrary sends the same digests with go-mail alone.
func benchmarkLibrary(b *testing.B, n int, how library) {
	w := outbox(b, n)
	digests, texts := make([]*notify.Notice, n), make([]rendered, n)
	for i, notice := range must(w.Ledger.DueNotices(context.Background(), ledger.ByMail, w.Now, n)) {
		digests[i] = must(engine.Say(context.Background(), w.Ledger, w.View(), notice, nil))
		texts[i] = render(digests[i], notice.Recipients[0].Address, w.Now)
	}
	for b.Loop() {
		s := smtptest.StartWith(b, benchKey())
		jobs := make(chan int, n)
		for i := range n {
			jobs <- i
		}
		close(jobs)
		var workers sync.WaitGroup
		for range benchConnections {
			workers.Go(func() {
				client, err := bareClient(s)
				if err == nil && how.keep {
					err = client.DialWithContext(context.Background())
				}
				for i := range jobs {
					if err != nil {
						break
					}
					r := texts[i]
					if how.render {
						r = render(digests[i], r.to, w.Now)
					}
					err = sendBare(client, r, how.keep)
				}
				if err != nil {
					b.Error(err)
				}
				_ = client.Close() // it may not have been opened
			})
		}
		workers.Wait()
		if got := len(s.Mails()); got != n {
			b.Fatalf("%d arrived", got)
		}
	}
	b.ReportMetric(float64(n)/(b.Elapsed().Seconds()/float64(b.N)), "mails/s")
}

// bareClient is the bare library's.
func bareClient(s *smtptest.Server) (*gomail.Client, error) {
	host, port := s.HostPort()
	pem, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return gomail.NewClient(host, gomail.WithPort(port), gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithHELO("duban.example"),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: pool, MinVersion: tls.VersionTLS12}))
}

func sendBare(client *gomail.Client, r rendered, keep bool) error {
	m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64))
	if err := m.From("duban@x.example"); err != nil {
		return err
	}
	if err := m.To(r.to); err != nil {
		return err
	}
	m.Subject(r.subject)
	m.SetMessageID()
	m.SetDate()
	m.SetBodyString(gomail.TypeTextPlain, r.text)
	m.AddAlternativeString(gomail.TypeTextHTML, r.html)
	if err := m.AttachReader("duban.ics", bytes.NewReader(r.calendar)); err != nil {
		return err
	}
	if keep {
		return client.Send(m)
	}
	return client.DialAndSend(m)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// BenchmarkMemory100000Pending delivers a thousand of 100,000 pending notices and
// tells how much memory the process holds then.
func BenchmarkMemory100000Pending(b *testing.B) {
	n := 100_000
	if testing.Short() {
		n = 2000
	}
	w, db := world.Crowd(b, 1000)
	_, err := db.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		INSERT INTO notice (kind, unit, day, message_id, subject, text, state, created_at, next_attempt, give_up_at)
		SELECT 'admin', '', '2017-07-03', 'n' || i || '@x', 'notice ' || i, 'text ' || i, 'pending', '2017-07-03T01:00:00Z', '2017-07-03T01:00:00Z', '2017-07-09T01:00:00Z' FROM n`, n)
	if err == nil {
		_, err = db.Exec(`INSERT INTO recipient (notice, address, copy, state) SELECT id, 'admin@x.example', 0, 'pending' FROM notice WHERE kind = 'admin'`)
	}
	if err != nil {
		b.Fatal(err)
	}
	w.At("2017-07-03 09:30")
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		left := 1000
		w.Mail.Answer(func(notify.Message) notify.Outcome {
			if left--; left == 0 {
				cancel()
			}
			return notify.Outcome{}
		})
		if _, err := w.Daemon.Courier.Deliver(ctx); err != nil && ctx.Err() == nil {
			b.Fatal(err)
		}
		cancel()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MB-of-Go")
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			var kb float64
			if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
				b.ReportMetric(kb/1024, "MB-resident")
			}
		}
	}
}
