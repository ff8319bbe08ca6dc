package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/ledgertest"
	"duban/notify/post"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/webhook"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"

var all = []string{webhook.Made, webhook.Reported, webhook.Closed, webhook.Overdue, webhook.Extended, webhook.Transferred}

// program is one that is told: it verifies each post with the library of Standard
// Webhooks, and drops what it has already by its id.
type program struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	ids    []string // in the order of their first coming
	said   []string // what each told: type, and what of
	posts  int
	answer func(post int) int // a status; 0: the connection breaks
}

func newProgram(t *testing.T) *program {
	p := &program{t: t}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err == nil {
		err = verifier.VerifyIgnoringTimestamp(body, r.Header) // the world's time is another
	}
	var said struct {
		Type, Timestamp string
		Data            struct {
			Occurrence struct{ ID, State string }
			Plan       string
			Title      string
			Count      int
		}
	}
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		p.t.Errorf("a post cannot be verified: %v: %s", err, body)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posts++
	status := http.StatusNoContent
	if p.answer != nil {
		status = p.answer(p.posts)
	}
	if id := r.Header.Get("webhook-id"); status == 0 || status < 300 {
		if !slices.Contains(p.ids, id) {
			p.ids = append(p.ids, id)
			what := said.Data.Occurrence.ID
			if said.Type == webhook.Met {
				what = fmt.Sprint(said.Data.Plan, " ", said.Data.Title, " ", said.Data.Count)
			}
			p.said = append(p.said, said.Type+" "+what)
		}
	}
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

func (p *program) got() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.said)
}

func (p *program) says(f func(post int) int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posts, p.answer = 0, f
}

func (p *program) hook(on ...string) webhook.Hook {
	return webhook.Hook{Name: "oa", On: on, Address: func() (post.Address, error) { return post.Address{URL: p.URL + "/hooks", Secret: secret}, nil }}
}

// poster posts by the world's clock.
func poster(w *world.World, l ledger.Store, hooks ...webhook.Hook) *webhook.Poster {
	return webhook.New(hooks, l, w.View, func() bool { return true }, func(ledger.Tx) error { return nil }, nil, zerolog.Nop())
}

func round(t *testing.T, p *webhook.Poster) {
	t.Helper()
	for _, h := range p.Hooks {
		if err := p.Round(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
}

// month is a world in which a webhook has been known from the beginning.
func month(t *testing.T, hooks ...webhook.Hook) (*world.World, *webhook.Poster) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	p := poster(w, w.Ledger, hooks...)
	round(t, p)
	w.TickNow()
	return w, p
}

func do(t *testing.T, w *world.World, verb desk.Verb, key string, in desk.Act) {
	t.Helper()
	in.By = "somebody"
	if _, err := w.Desk.Do(t.Context(), verb, key, in); err != nil {
		t.Fatalf("%s %s: %v", verb, key, err)
	}
}

func TestWhatHappensIsToldInItsOrder(t *testing.T) {
	program := newProgram(t)
	w, p := month(t, program.hook(all...))
	round(t, p)
	if got := program.got(); len(got) != 1 || !strings.HasPrefix(got[0], "met p ") || got[0] == "met p 方案 0" {
		t.Fatalf("of the first meeting: %q", got)
	}
	w.Tick("2017-07-12 09:00")
	do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "done"})
	w.Tick("2017-07-24 09:00") // b and c are overdue
	do(t, w, desk.Extend, "m/b/2017-06", desk.Act{To: calendar.DateOf(2017, 7, 31), Reason: "r"})
	do(t, w, desk.Transfer, "m/c/2017-06", desk.Act{Unit: "boss", Reason: "r"})
	w.Tick("2017-07-25 09:00")
	round(t, p)
	got := program.got()[1:]
	for _, want := range []string{"reported m/a/2017-06", "closed m/a/2017-06", "overdue m/b/2017-06", "overdue m/c/2017-06", "extended m/b/2017-06", "transferred m/boss/2017-06"} {
		if n := count(got, want); n != 1 {
			t.Errorf("%q is told %d times in %q", want, n, got)
		}
	}
	if !(slices.Index(got, "reported m/a/2017-06") < slices.Index(got, "closed m/a/2017-06") && slices.Index(got, "closed m/a/2017-06") < slices.Index(got, "overdue m/b/2017-06")) {
		t.Errorf("the order is %q", got)
	}
}

// The journal keeps seconds: what people have made in that of a plan's first meeting is
// told like any other.
func TestWhatIsMadeInTheSecondOfAFirstMeetingIsTold(t *testing.T) {
	program := newProgram(t)
	rules := world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)+world.Ob("r", `["a"]`, "event = \"request\"\npolicy = \"standard\"\nwithin = \"3 working days\""))
	w := world.New(t, rules, "2017-06-09 09:00")
	p := poster(w, w.Ledger, program.hook(all...))
	round(t, p)
	w.TickNow()
	w.Now = w.Now.Add(900 * time.Millisecond)
	if _, _, err := w.Desk.AddEvent(t.Context(), &ledger.Event{Name: "request", Unit: "a", Day: calendar.DateOf(2017, 6, 9), Key: "K1"}, "somebody"); err != nil {
		t.Fatal(err)
	}
	round(t, p)
	if got := program.got(); !slices.Equal(got, []string{"met p 方案 2", "made r/a/K1"}) {
		t.Errorf("%q", got)
	}
}

func count(in []string, what string) (n int) {
	for _, s := range in {
		if s == what {
			n++
		}
	}
	return n
}

func TestOnlyWhatIsAskedForIsTold(t *testing.T) {
	program := newProgram(t)
	w, p := month(t, program.hook(webhook.Closed))
	do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "done"})
	w.Tick("2017-07-24 09:00")
	round(t, p)
	if got := program.got(); fmt.Sprint(got) != "[closed m/a/2017-06]" {
		t.Errorf("%q", got)
	}
}

func TestAWebhookThatIsNewIsToldWhatHappensFromNowOn(t *testing.T) {
	program := newProgram(t)
	w, _ := month(t)
	p := poster(w, w.Ledger, program.hook(all...))
	round(t, p)
	do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "done"})
	round(t, p)
	if got := program.got(); fmt.Sprint(got) != "[reported m/a/2017-06 closed m/a/2017-06]" {
		t.Errorf("%q", got)
	}
}

func TestWhatFailsComesAgainBeforeAllElse(t *testing.T) {
	program := newProgram(t)
	w, p := month(t, program.hook(all...))
	program.says(func(int) int { return http.StatusInternalServerError })
	for range 3 {
		round(t, p)
		w.Now = w.Now.Add(time.Second) // it is not asked each time
	}
	do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "done"})
	if program.posts != 1 || len(program.got()) != 0 {
		t.Fatalf("%d posts, told %q", program.posts, program.got())
	}
	program.says(nil)
	w.Now = w.Now.Add(time.Minute)
	round(t, poster(w, w.Ledger, program.hook(all...))) // another daemon, say
	if got := program.got(); len(got) != 3 || !strings.HasPrefix(got[0], "met") || got[2] != "closed m/a/2017-06" {
		t.Errorf("%q", got)
	}
	tries, err := w.Ledger.WebhookTries(t.Context(), "oa", 10)
	if err != nil || len(tries) != 4 || tries[3].Outcome != "retry" || tries[0].Outcome != "sent" || !strings.Contains(tries[3].Detail, "500") {
		t.Errorf("%+v, %v", tries, err)
	}
}

func told(w *world.World, what string) (n int) {
	for _, notice := range w.Listed("") {
		if notice.Kind == ledger.Admin && strings.Contains(notice.Subject+notice.Text, what) {
			n++
		}
	}
	return n
}

func TestAProgramThatWantsNothingMoreIsPausedAndTold(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		after  time.Duration
	}{"gone": {http.StatusGone, 0}, "three days of failures": {http.StatusBadGateway, 73 * time.Hour}} {
		t.Run(name, func(t *testing.T) {
			program := newProgram(t)
			w, p := month(t, program.hook(all...))
			program.says(func(int) int { return c.status })
			round(t, p)
			w.Now = w.Now.Add(c.after)
			round(t, p)
			posts := program.posts
			w.Now = w.Now.Add(24 * time.Hour)
			round(t, p)
			if program.posts != posts || told(w, "oa") != 1 {
				t.Fatalf("%d posts after %d, told %d times", program.posts, posts, told(w, "oa"))
			}
			program.says(nil)
			do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "done"})
			if err := webhook.Retry(t.Context(), w.Ledger, "oa", 0); err != nil {
				t.Fatal(err)
			}
			round(t, p)
			if got := program.got(); len(got) < 3 || !strings.HasPrefix(got[0], "met") {
				t.Errorf("when it goes on: %q", got)
			}
			ids := slices.Clone(program.ids)
			if err := webhook.Retry(t.Context(), w.Ledger, "oa", 1); err != nil {
				t.Fatal(err)
			}
			posts = program.posts
			if round(t, p); program.posts != 2*posts || !slices.Equal(program.ids, ids) {
				t.Errorf("from the beginning: %d posts after %d, with ids %q and %q", program.posts, posts, program.ids, ids)
			}
		})
	}
}

func TestAServerSaysWhenToComeAgain(t *testing.T) {
	var at []time.Time
	var w *world.World
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		at = append(at, w.Now)
		rw.Header().Set("Retry-After", "600")
		rw.WriteHeader(http.StatusTooManyRequests)
	}))
	defer s.Close()
	h := webhook.Hook{Name: "oa", On: all, Address: func() (post.Address, error) { return post.Address{URL: s.URL, Secret: secret}, nil }}
	w, p := month(t, h)
	for range 20 {
		round(t, p)
		w.Now = w.Now.Add(time.Minute)
	}
	if len(at) < 2 || at[1].Sub(at[0]) < 8*time.Minute {
		t.Errorf("asked at %v", at)
	}
}

func TestANameThatLeadsInsideIsNotPostedTo(t *testing.T) {
	program := newProgram(t)
	named := program.hook(all...)
	named.Address = func() (post.Address, error) {
		return post.Address{URL: strings.Replace(program.URL, "127.0.0.1", "localhost", 1), Secret: secret}, nil
	}
	w, p := month(t, named)
	round(t, p)
	at, _, err := w.Ledger.Webhook(t.Context(), "oa")
	if err != nil || program.posts != 0 || !strings.Contains(at.Reason, "allow") {
		t.Fatalf("%d posts: %+v, %v", program.posts, at, err)
	}
	named.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	w.Now = w.Now.Add(time.Minute)
	if round(t, poster(w, w.Ledger, named)); program.posts != 1 {
		t.Errorf("allowed: %d posts", program.posts)
	}
}

func TestASecretIsHeldToWhatTheStandardSays(t *testing.T) {
	for s, right := range map[string]bool{secret: true, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA": true, "": false, "whsec_": false, "whsec_short": false, "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!": false} {
		err := webhook.Check(post.Address{Secret: s})
		if (err == nil) != right || err != nil && len(s) > 8 && strings.Contains(err.Error(), s) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// Whatever breaks, on either side and in the ledger: a program that drops what it has
// already has everything, in the journal's order.
func TestOrderAndCompletenessHoldThroughAnything(t *testing.T) {
	program := newProgram(t)
	w, p := month(t, program.hook(all...))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	answers := rand.New(rand.NewPCG(seed, 2)) // the program's own: it answers meanwhile
	program.says(func(int) int { return []int{204, 204, 204, 0, 500, 503, 204, 302}[answers.IntN(8)] })
	acts := []func(){
		func() { do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "x"}) },
		func() { do(t, w, desk.Reopen, "m/a/2017-06", desk.Act{Reason: "r"}) },
		func() { do(t, w, desk.Done, "m/b/2017-06", desk.Act{Note: "x"}) },
		func() { w.Tick("2017-07-24 09:00") },
		func() { do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "y"}) },
		func() { w.Tick("2017-08-28 09:00") },
		func() { do(t, w, desk.Done, "m/c/2017-06", desk.Act{Note: "z"}) },
	}
	faulty := ledgertest.Faulty(t, w.Ledger)
	for _, act := range acts {
		act()
		for range random.IntN(4) {
			kept := w.Ledger
			if random.IntN(2) == 0 {
				kept = faulty
			}
			one := poster(w, kept, p.Hooks...)
			ctx, cancel := context.WithCancel(t.Context())
			if random.IntN(3) == 0 {
				cancel() // a daemon that ends as it begins
			}
			if err := one.Round(ctx, p.Hooks[0]); err != nil && ctx.Err() == nil {
				t.Fatal(err)
			}
			cancel()
			w.Now = w.Now.Add(time.Duration(random.IntN(7200)) * time.Second)
		}
	}
	program.says(nil)
	if err := webhook.Retry(t.Context(), w.Ledger, "oa", 0); err != nil { // days went by, and it was paused
		t.Fatal(err)
	}
	round(t, p)
	// The same from a journal that nothing went wrong with.
	quiet := newProgram(t)
	other := quiet.hook(all...)
	other.Name = "quiet"
	if err := webhook.Retry(t.Context(), w.Ledger, "quiet", 1); err != nil {
		t.Fatal(err)
	}
	round(t, poster(w, w.Ledger, other))
	if len(quiet.ids) < 8 || !slices.Equal(program.ids, quiet.ids) {
		t.Errorf("came\n%q, of\n%q", program.ids, quiet.ids)
	}
	w.Verify()
}
