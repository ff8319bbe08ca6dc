package scheduler

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	gomail "github.com/wneessen/go-mail"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
)

const benchConnections = 8

// outbox fills a ledger on disk with pending digests, each of three items.
func outbox(b *testing.B, n int) *world {
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
		fmt.Fprintf(&obligations, "[[obligation]]\nid=\"o%d\"\nref=\"1.%d\"\ntitle=\"公布第%d类事项的办理情况\"\nunits=[%s]\non=2017-07-14\npolicy=\"standard\"\nnote=\"原文未定期限;管理员定为当日。\"\n", i, i, i, strings.Join(all, ","))
	}
	dir := b.TempDir()
	writeAll(b, dir, map[string]string{"plan.toml": planHead, "units.toml": units.String(), "obligations/01.toml": obligations.String()})
	set, problems := rules.Load(rules.Sources{Plans: []string{dir}})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	w := &world{t: b, mail: &mailbox{}, dir: b.TempDir()}
	w.at("2017-07-14 09:00", settings().Timezone)
	l, err := ledger.Open(context.Background(), filepath.Join(w.dir, "ledger.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	w.Scheduler = New(settings(), set, l, w.mail, zerolog.Nop(), func() time.Time { return w.now })
	w.AssignOnStart, w.MaxNoticesPerTick = false, 0
	if r, err := w.Tick(context.Background(), w.now, false); err != nil || r.Notices != n {
		b.Fatal(r, err)
	}
	return w
}

// BenchmarkDeliver5000 sends 5,000 distinct digests to a sink over 8 connections:
// through the durable outbox, by the bare library over as many connections kept
// open, and by the bare library with a connection a mail.
func BenchmarkDeliver5000(b *testing.B) {
	n := 5000
	if testing.Short() {
		n = 200
	}
	b.Run("outbox", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			w, s := outbox(b, n), newSink(b)
			w.Transport = over(b, s.addr, benchConnections)
			b.StartTimer()
			d, err := w.Deliver(context.Background())
			if err != nil || d.Sent != n {
				b.Fatal(d, err)
			}
			b.StopTimer()
			if got := len(s.got()); got != n {
				b.Fatalf("%d arrived", got)
			}
			b.StartTimer()
		}
		b.ReportMetric(float64(n)/(b.Elapsed().Seconds()/float64(b.N)), "mails/s")
	})
	b.Run("library", func(b *testing.B) { benchmarkLibrary(b, n, true) })
	b.Run("library-dialling", func(b *testing.B) { benchmarkLibrary(b, n, false) })
}

// benchmarkLibrary sends the same contents with go-mail alone.
func benchmarkLibrary(b *testing.B, n int, keep bool) {
	w := outbox(b, n)
	texts := make([][3]string, n)
	for i, notice := range must(w.Ledger.DueNotices(context.Background(), w.now, n)) {
		said := must(composer{w.Scheduler, w.Ledger, nil}.notice(context.Background(), notice, w.now))
		var cal bytes.Buffer
		entries := []notify.CalendarEntry{}
		for _, it := range said.Items {
			entries = append(entries, notify.CalendarEntry{UID: it.UID, Due: it.Due, Summary: it.Title, Description: it.ID})
		}
		if err := notify.WriteCalendar(&cal, "", entries, w.now); err != nil {
			b.Fatal(err)
		}
		texts[i] = [3]string{must(said.TextBody()), must(said.HTMLBody()), cal.String()}
	}
	for b.Loop() {
		s := newSink(b)
		host, portText, _ := net.SplitHostPort(s.addr)
		port := must(strconv.Atoi(portText))
		jobs := make(chan int, n)
		for i := range n {
			jobs <- i
		}
		close(jobs)
		var workers sync.WaitGroup
		for range benchConnections {
			workers.Go(func() {
				client, err := gomail.NewClient(host, gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("duban.example"), gomail.WithoutNoop())
				if err == nil && keep {
					err = client.DialWithContext(context.Background())
				}
				for i := range jobs {
					if err != nil {
						break
					}
					m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64))
					_, _ = m.From("duban@x.example"), m.To(fmt.Sprintf("u%d@x.example", i)) // both are addresses
					m.Subject("digest")
					m.SetBodyString(gomail.TypeTextPlain, texts[i][0])
					m.AddAlternativeString(gomail.TypeTextHTML, texts[i][1])
					err = m.AttachReader("duban.ics", strings.NewReader(texts[i][2]))
					if keep && err == nil {
						err = client.Send(m)
					} else if err == nil {
						err = client.DialAndSend(m)
					}
				}
				if err != nil {
					b.Error(err)
				}
			})
		}
		workers.Wait()
		if got := len(s.got()); got != n {
			b.Fatalf("%d arrived", got)
		}
	}
	b.ReportMetric(float64(n)/(b.Elapsed().Seconds()/float64(b.N)), "mails/s")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
