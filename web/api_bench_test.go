package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/ledger"
)

// sends is a request by a token over HTTP, and its answer.
func (p *program) sends(client *http.Client, method, address, body string) ([]byte, error) {
	r, err := http.NewRequest(method, p.w.http.URL+address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Content-Type", "application/json")
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %s", method, address, res.StatusCode, text)
	}
	return text, err
}

func crowdSize() int {
	if testing.Short() {
		return 10_000
	}
	return 100_000
}

// BenchmarkAPIList lists 100,000 occurrences in pages of 1,000.
func BenchmarkAPIList(b *testing.B) {
	w := crowd(b, crowdSize())
	p := w.program(b, "oa", ledger.RoleViewer)
	n := 0
	for b.Loop() {
		n = 0
		for after := ""; ; {
			text, err := p.sends(http.DefaultClient, "GET", "/api/v1/occurrences?limit=1000&after="+after, "")
			if err != nil {
				b.Fatal(err)
			}
			var page struct {
				Items []json.RawMessage
				After *string
			}
			if err := json.Unmarshal(text, &page); err != nil {
				b.Fatal(err)
			}
			if n += len(page.Items); page.After == nil {
				break
			}
			after = *page.After
		}
	}
	b.ReportMetric(float64(n), "occurrences")
}

// BenchmarkAPIPost reports progress while 50 clients read: each asks for a page of 100 and
// looks at it for a while.
func BenchmarkAPIPost(b *testing.B) {
	w := crowd(b, crowdSize())
	p, reader := w.program(b, "oa", ledger.RoleAdmin), w.program(b, "reader", ledger.RoleViewer)
	open, err := w.ledger.Occurrences(b.Context(), ledger.Query{States: []ledger.State{ledger.StateOpen}, Limit: 1000})
	if err != nil {
		b.Fatal(err)
	}
	const many = 50
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: many + 1}}
	var readers sync.WaitGroup
	var read atomic.Int64
	stop := make(chan struct{})
	for c := range many {
		readers.Go(func() {
			pause := time.NewTicker(time.Second)
			defer pause.Stop()
			for {
				if _, err := reader.sends(client, "GET", fmt.Sprintf("/api/v1/occurrences?unit=u%d", c), ""); err != nil {
					b.Error(err)
					return
				}
				read.Add(1)
				select {
				case <-stop:
					return
				case <-pause.C:
				}
			}
		})
	}
	var took []time.Duration
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		begun := time.Now()
		if _, err := p.sends(client, "POST", one(open[i%len(open)].FullKey())+"/progress", `{"note":"half"}`); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
		time.Sleep(20 * time.Millisecond) // a program that reports now and then
	}
	b.StopTimer()
	close(stop)
	readers.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
	b.ReportMetric(float64(read.Load()), "reads")
}
