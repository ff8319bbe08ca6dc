package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/rules"
	"duban/scheduler"
	"duban/scheduler/engine"
	"duban/scheduler/webhook"
)

// figuresFor is what Prometheus is told: what happens is counted as it does,
// how things stand is looked up when it asks.
type figuresFor struct {
	scheduler *scheduler.Scheduler
	snapshot  *snapshot
	ticks     *prometheus.CounterVec
	seconds   prometheus.Histogram
	tries     *prometheus.CounterVec
	byChannel *prometheus.CounterVec
	posts     *prometheus.CounterVec
}

var (
	occurrencesDesc = prometheus.NewDesc("duban_occurrences", "Occurrences by light; cancelled ones are left out.", []string{"light"}, nil)
	provisionalDesc = prometheus.NewDesc("duban_provisional_due_dates", "Open occurrences whose due date is provisional: a year it touches has no published holidays.", nil, nil)
	noticesDesc     = prometheus.NewDesc("duban_notices", "Notices in the outbox by state.", []string{"state"}, nil)
	channelDesc     = prometheus.NewDesc("duban_channel_notices", "Notices of each channel that wait, are held or have failed.", []string{"channel", "state"}, nil)
	breakerDesc     = prometheus.NewDesc("duban_channel_left_alone", "1 while a channel's other side is in trouble, or wants less, and is not asked.", []string{"channel"}, nil)
	oldestDesc      = prometheus.NewDesc("duban_oldest_pending_notice_seconds", "Age of the oldest notice that waits to be sent; 0: none waits.", nil, nil)
	lastTickDesc    = prometheus.NewDesc("duban_last_tick_timestamp_seconds", "When the last tick went well, in Unix time.", nil, nil)
	evaluatesDesc   = prometheus.NewDesc("duban_evaluates", "1 where this daemon is the one that evaluates, else 0.", nil, nil)
	windowDesc      = prometheus.NewDesc("duban_mail_window_open", "1 while mail may leave.", nil, nil)
	yearDesc        = prometheus.NewDesc("duban_calendar_last_year", "The last year whose holidays are known.", nil, nil)
	yearsDesc       = prometheus.NewDesc("duban_calendar_years", "How many years of holidays are known.", nil, nil)
	backupDesc      = prometheus.NewDesc("duban_last_backup_timestamp_seconds", "When the last scheduled backup was made, in Unix time; 0: never.", nil, nil)
	proofDesc       = prometheus.NewDesc("duban_last_proof_timestamp_seconds", "When the ledger last proved right, in Unix time; 0: never.", nil, nil)
	provedDesc      = prometheus.NewDesc("duban_ledger_proved", "0 while the last proof of the ledger found something wrong.", nil, nil)
	behindDesc      = prometheus.NewDesc("duban_webhook_behind_entries", "Entries of the journal that a webhook has not been told of.", []string{"webhook"}, nil)
	lateDesc        = prometheus.NewDesc("duban_webhook_behind_seconds", "Age of the first entry of the journal that a webhook has not been told of; 0: there is none.", []string{"webhook"}, nil)
	pausedDesc      = prometheus.NewDesc("duban_webhook_paused", "1 while nothing is posted to a webhook until a person says so.", []string{"webhook"}, nil)
	requestsDesc    = prometheus.NewDesc("duban_open_requests", "Requests of units that wait for an answer.", nil, nil)
)

func newFiguresFor(s *scheduler.Scheduler, snapshot *snapshot, version string) (*figuresFor, *prometheus.Registry) {
	f := &figuresFor{
		scheduler: s, snapshot: snapshot,
		ticks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duban_ticks_total", Help: "Ticks by result."}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "duban_tick_duration_seconds", Help: "How long ticks take.", Buckets: []float64{.001, .005, .025, .1, .5, 1, 5, 30, 60},
		}),
		tries:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duban_mail_attempts_total", Help: "Attempts to send a notice, by what came of them."}, []string{"outcome"}),
		byChannel: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duban_channel_attempts_total", Help: "Attempts to send a notice, by channel and by what came of them."}, []string{"channel", "outcome"}),
		posts:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duban_webhook_posts_total", Help: "Posts to a webhook, by what came of them."}, []string{"webhook", "outcome"}),
	}
	for _, h := range s.Webhooks.Hooks {
		for _, outcome := range webhook.Outcomes {
			f.posts.WithLabelValues(h.Name, outcome)
		}
	}
	for _, result := range []string{"ok", "failed"} {
		f.ticks.WithLabelValues(result)
	}
	for _, outcome := range []string{"sent", "partly sent", "retry", "failed"} {
		f.tries.WithLabelValues(outcome)
		for _, lane := range s.Courier.Lanes() {
			f.byChannel.WithLabelValues(lane.Name(), outcome)
		}
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "duban_build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": version, "sqlite": sqlite.Version()},
	}, func() float64 { return 1 })
	r := prometheus.NewRegistry()
	r.MustRegister(f, f.ticks, f.seconds, f.tries, f.byChannel, f.posts, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f, r
}

// Ticked counts a tick.
func (f *figuresFor) Ticked(took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	f.ticks.WithLabelValues(result).Inc()
	f.seconds.Observe(took.Seconds())
}

// Tried counts an attempt to send.
func (f *figuresFor) Tried(channel, outcome string) {
	f.tries.WithLabelValues(outcome).Inc()
	f.byChannel.WithLabelValues(channel, outcome).Inc()
}

// Posted counts a post to a webhook.
func (f *figuresFor) Posted(webhook, outcome string) {
	f.posts.WithLabelValues(webhook, outcome).Inc()
}

// Describe names what Collect looks up.
func (f *figuresFor) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{occurrencesDesc, provisionalDesc, noticesDesc, channelDesc, breakerDesc, oldestDesc, lastTickDesc, evaluatesDesc, windowDesc, yearDesc, yearsDesc, backupDesc, proofDesc, provedDesc, behindDesc, lateDesc, pausedDesc, requestsDesc} {
		ch <- d
	}
}

// collectWithin bounds how long one scrape may look.
const collectWithin = 10 * time.Second

// Collect looks up how things stand.
func (f *figuresFor) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	view := f.scheduler.View()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(lastTickDesc, unixOrZero(f.scheduler.Health.LastTick()))
	gauge(evaluatesDesc, map[bool]float64{true: 1}[f.scheduler.Role.Evaluates()])
	gauge(windowDesc, map[bool]float64{true: 1}[view.MailMayLeave()])
	years := view.Rules.Plans[0].Calendar.Years()
	gauge(yearsDesc, float64(len(years)))
	if len(years) > 0 {
		gauge(yearDesc, float64(years[len(years)-1]))
	}
	for _, look := range []func() error{
		func() error { return f.occurrences(ctx, view, gauge) },
		func() error { return f.outbox(ctx, view.Now, gauge) },
		func() error { return f.webhooks(ctx, view.Now, gauge) },
		func() error {
			at, err := f.scheduler.Backups.Last(ctx)
			gauge(backupDesc, unixOrZero(at))
			return err
		},
		func() error {
			at, wrong, err := f.scheduler.Proofs.Last(ctx)
			gauge(proofDesc, unixOrZero(at))
			gauge(provedDesc, map[bool]float64{true: 1}[wrong == nil])
			return err
		},
		func() error {
			open, err := f.scheduler.Ledger.OpenRequests(ctx)
			gauge(requestsDesc, float64(len(open)))
			return err
		},
	} {
		if err := look(); err != nil {
			ch <- prometheus.NewInvalidMetric(occurrencesDesc, err)
		}
	}
}

func unixOrZero(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}

func (f *figuresFor) occurrences(ctx context.Context, view engine.View, gauge func(*prometheus.Desc, float64, ...string)) error {
	now, err := f.snapshot.look(ctx)
	if err != nil {
		return err
	}
	counts, provisional, lights := map[rules.Light]int{}, 0, newLighter(view)
	for b := range now.ongoing() {
		counts[lights.light(&b)]++
		if b.Provisional && b.State == ledger.StateOpen {
			provisional++
		}
	}
	for e := range now.ended() {
		if e.State != ledger.StateCancelled {
			counts[rules.Grey] += e.N
		}
	}
	for _, l := range rules.Lights {
		gauge(occurrencesDesc, float64(counts[l]), string(l))
	}
	gauge(provisionalDesc, float64(provisional))
	return nil
}

func (f *figuresFor) outbox(ctx context.Context, now time.Time, gauge func(*prometheus.Desc, float64, ...string)) error {
	counts, err := f.scheduler.Ledger.OutboxCounts(ctx, mailStates...)
	if err != nil {
		return err
	}
	oldest, err := f.scheduler.Ledger.OldestWaiting(ctx)
	if err != nil {
		return err
	}
	for _, state := range mailStates {
		gauge(noticesDesc, float64(counts[state]), string(state))
	}
	channels, err := f.scheduler.Ledger.ChannelCounts(ctx)
	if err != nil {
		return err
	}
	for _, lane := range f.scheduler.Courier.Lanes() {
		of := channels[lane.Name()]
		gauge(channelDesc, float64(of[ledger.Pending]+of[ledger.Sending]), lane.Name(), "waiting")
		gauge(channelDesc, float64(of[ledger.Held]), lane.Name(), string(ledger.Held))
		gauge(channelDesc, float64(of[ledger.Failed]), lane.Name(), string(ledger.Failed))
		gauge(breakerDesc, map[bool]float64{true: 1}[lane.LeftAlone(now)], lane.Name())
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, now.Sub(oldest).Seconds())
	}
	gauge(oldestDesc, age)
	return nil
}

func (f *figuresFor) webhooks(ctx context.Context, now time.Time, gauge func(*prometheus.Desc, float64, ...string)) error {
	for _, h := range f.scheduler.Webhooks.Hooks {
		s, err := webhook.Behind(ctx, f.scheduler.Ledger, h.Name)
		if err != nil {
			return err
		}
		age := 0.0
		if !s.Since.IsZero() {
			age = max(0, now.Sub(s.Since).Seconds())
		}
		gauge(behindDesc, float64(s.Entries), h.Name)
		gauge(lateDesc, age, h.Name)
		gauge(pausedDesc, map[bool]float64{true: 1}[s.Paused], h.Name)
	}
	return nil
}

var _ scheduler.Observer = (*figuresFor)(nil)
