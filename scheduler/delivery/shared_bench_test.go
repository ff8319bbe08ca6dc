package delivery_test

import (
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/internal/pgtest"
	"duban/internal/smtptest"
	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/postgres"
	"duban/ledger/sqlite"
	"duban/scheduler/delivery"
)

// usual is how long a mail server on another machine takes at least to answer a mail.
const usual = 20 * time.Millisecond

// BenchmarkDeliverTogether sends digests out of a ledger in a file, and out of a database
// by one daemon and by three that share it, over as many connections each. Daemons and
// mail server are in this process, the database beside it: all share the processors, which
// are what limits where the mail server answers at once. One that takes as long for a mail
// as those in use do limits all by their connections.
func BenchmarkDeliverTogether(b *testing.B) {
	n := 5000
	if testing.Short() {
		n = 200
	}
	server := pgtest.Start(b)
	for _, c := range []struct {
		engine  string
		daemons int
		takes   time.Duration // the mail server, for each mail
	}{{"sqlite", 1, 0}, {"postgres", 1, 0}, {"postgres", 3, 0}, {"sqlite", 1, usual}, {"postgres", 1, usual}, {"postgres", 3, usual}} {
		b.Run(fmt.Sprintf("%s/daemons=%d/takes=%s", c.engine, c.daemons, c.takes), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				open := func() (ledger.Store, error) {
					return sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{})
				}
				if c.engine == "postgres" {
					dsn := server.Database(b)
					open = func() (ledger.Store, error) { return postgres.Open(b.Context(), dsn, postgres.Options{}) }
				}
				first := outboxIn(b, n, must(open()))
				all := []*world.World{first}
				for i := range c.daemons - 1 {
					w := world.Empty(b, b.TempDir()).At("2017-07-14 09:00")
					w.Sending.Owner = fmt.Sprint("daemon ", i+2)
					l := must(open())
					b.Cleanup(func() { l.Close() })
					w.With(l, first.Daemon.Rules())
					all = append(all, w)
				}
				s := smtptest.StartWith(b, benchKey())
				s.Set(smtptest.Hooks{Accepted: func(net.Conn) error { time.Sleep(c.takes); return nil }})
				for _, w := range all {
					w.Transport = over(b, s, benchConnections)
					if err := w.Ledger.Update(b.Context(), func(tx ledger.Tx) error { // each knows that the others live
						now := w.Clock()
						return tx.TakeLease(delivery.Daemons+w.Sending.Owner, ledger.Lease{Owner: w.Sending.Owner, Until: now.Add(ledger.LongestLease)}, now)
					}); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				var g errgroup.Group
				for _, w := range all {
					g.Go(func() error {
						_, err := w.Daemon.Courier.Deliver(b.Context())
						return err
					})
				}
				if err := g.Wait(); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if got := len(s.Mails()); got != n {
					b.Fatalf("%d arrived", got)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(n)/(b.Elapsed().Seconds()/float64(b.N)), "mails/s")
		})
	}
}
