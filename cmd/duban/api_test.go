package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"duban/internal/apitest"
	"duban/internal/apitest/client"
	"duban/internal/need"
)

// apiPlan has something of all that programs do.
var apiPlan = map[string]string{
	"plan/plan.toml": `id = "p"
title = "方案"
starts = 2026-01-01
review = true
[policy.standard]
remind = ["3 working days before"]
`,
	"plan/units.toml": `[[unit]]
id = "czj"
name = "市财政局"
mail = ["czj@zs.example"]
supervisor = "zfb"
[[unit]]
id = "zfb"
name = "市政府办公室"
mail = ["zfb@zs.example"]
`,
	"plan/obligations/01.toml": `[[obligation]]
id = "1.1-budget"
title = "公布收支"
units = ["czj"]
policy = "standard"
every = "month"
within = "25 working days"
evidence = "required"

[[obligation]]
id = "1.2-answer"
title = "答复申请"
units = ["czj"]
policy = "standard"
event = "request"
within = "20 working days"
pausable = true
extendable = "15 working days"
`,
}

// apiSite is a daemon with that plan whose mails do not leave.
func apiSite(t *testing.T) (s *site, d *daemon, base string) {
	t.Helper()
	port := freePort(t)
	s = newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\n", port))
	for _, dir := range []string{"plan/obligations", "plan"} {
		if err := os.RemoveAll(s.path(dir)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(s.path("plan/obligations"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range apiPlan {
		s.write(name, text)
	}
	d = s.serve()
	d.logs(`"message":"page"`)
	return s, d, fmt.Sprintf("http://127.0.0.1:%d", port)
}

// described passes requests on, and holds each answer to the description.
type described struct {
	t     testing.TB
	spec  *apitest.Spec
	token string
}

func (c *described) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Accept-Language", "en")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if c.spec != nil {
		if err := c.spec.Check(r, res.StatusCode, res.Header, body); err != nil {
			c.t.Error(err)
		}
	}
	return res, nil
}

// must is a value that is there.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// answered is the answer, which has to be that.
func answered[T any](t testing.TB, status int, of *http.Response, body []byte, answer *T) *T {
	t.Helper()
	if of.StatusCode != status {
		t.Fatalf("%s %s: %d %s", of.Request.Method, of.Request.URL, of.StatusCode, body)
	}
	return answer
}

// What a public generator makes of the description does all that is described against the
// real program.
func TestAGeneratedClientDoesEverything(t *testing.T) {
	s, d, base := apiSite(t)
	res, err := http.Get(base + "/api/openapi-3.0.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	spec, err := apitest.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(s.run("token", "add", "oa", "--role", "admin"))
	c, err := client.NewClientWithResponses(base+"/api/v1", client.WithHTTPClient(&http.Client{Timeout: patience, Transport: &described{t, spec, token}}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	readAll(ctx, t, c)
	actAll(ctx, t, c)
	moveNotices(ctx, t, c)
	if left := spec.Unasked(); len(left) > 0 {
		t.Errorf("nothing asked for %v", left)
	}
	if out := s.run("journal", "--json"); !strings.Contains(out, `"by": "oa"`) {
		t.Error("the journal has not what the token did")
	}
	s.run("token", "remove", "oa")
	if r, err := c.ListPlansWithResponse(ctx, nil); err != nil || r.StatusCode() != http.StatusUnauthorized {
		t.Errorf("a removed token: %v %v", r, err)
	}
	s.run("verify")
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

func readAll(ctx context.Context, t *testing.T, c *client.ClientWithResponses) {
	plans := must(c.ListPlansWithResponse(ctx, nil))
	if got := answered(t, 200, plans.HTTPResponse, plans.Body, plans.JSON200); len(got.Items) != 1 || got.Items[0].Id != "p" {
		t.Errorf("plans: %+v", got)
	}
	obligations := must(c.ListObligationsWithResponse(ctx, nil))
	if got := answered(t, 200, obligations.HTTPResponse, obligations.Body, obligations.JSON200); len(got.Items) != 2 {
		t.Errorf("obligations: %+v", got)
	}
	rule := must(c.GetObligationWithResponse(ctx, "1.1-budget", nil))
	text := answered(t, 200, rule.HTTPResponse, rule.Body, rule.JSON200).Text
	saved := must(c.PutObligationWithResponse(ctx, "p:1.1-budget", &client.PutObligationParams{IfMatch: rule.HTTPResponse.Header.Get("ETag")}, client.SaveInBody{Text: strings.Replace(text, "公布收支", "公布预算收支", 1)}))
	if got := answered(t, 200, saved.HTTPResponse, saved.Body, saved.JSON200); got.Title != "公布预算收支" {
		t.Errorf("saved: %+v", got)
	}
	preview := must(c.PreviewWithResponse(ctx, nil))
	if got := answered(t, 200, preview.HTTPResponse, preview.Body, preview.JSON200); len(got.Items) < 10 {
		t.Errorf("a preview of %d", len(got.Items))
	}
	year := must(c.GetYearWithResponse(ctx, 2026))
	if got := answered(t, 200, year.HTTPResponse, year.Body, year.JSON200); !got.Known {
		t.Errorf("the year: %+v", got)
	}
	report := must(c.ReportWithResponse(ctx, nil))
	answered(t, 200, report.HTTPResponse, report.Body, report.JSON200)
	journal := must(c.ListJournalWithResponse(ctx, nil))
	if got := answered(t, 200, journal.HTTPResponse, journal.Body, journal.JSON200); len(got.Items) == 0 {
		t.Error("an empty journal")
	}
}

func actAll(ctx context.Context, t *testing.T, c *client.ClientWithResponses) {
	list := must(c.ListOccurrencesWithResponse(ctx, nil))
	id := answered(t, 200, list.HTTPResponse, list.Body, list.JSON200).Items[0].Id
	is := func(want string, of *http.Response, body []byte, o *client.Occurrence) *client.Occurrence {
		t.Helper()
		if o := answered(t, 200, of, body, o); o.State != want {
			t.Errorf("%s: it is %s, want %s", of.Request.URL, o.State, want)
		}
		return o
	}
	text := func(s string) *string { return &s }
	one := must(c.GetOccurrenceWithResponse(ctx, id, nil))
	is("open", one.HTTPResponse, one.Body, one.JSON200)
	progress := must(c.ProgressWithResponse(ctx, id, nil, client.NoteBody{Note: "half"}))
	is("open", progress.HTTPResponse, progress.Body, progress.JSON200)
	urge := must(c.UrgeWithResponse(ctx, id, nil, client.UrgeBody{Note: text("please")}))
	is("open", urge.HTTPResponse, urge.Body, urge.JSON200)
	extend := must(c.ExtendWithResponse(ctx, id, nil, client.ExtendBody{By: text("5 working days"), Reason: "r"}))
	is("open", extend.HTTPResponse, extend.Body, extend.JSON200)
	report := func() {
		t.Helper()
		done := must(c.DoneWithResponse(ctx, id, nil, client.DoneBody{Evidence: text("https://www.zs.example/1")}))
		is("reported", done.HTTPResponse, done.Body, done.JSON200)
	}
	report()
	back := must(c.ReturnWithResponse(ctx, id, nil, client.WhyBody{Reason: "r"}))
	is("open", back.HTTPResponse, back.Body, back.JSON200)
	report()
	retract := must(c.RetractWithResponse(ctx, id, nil, client.WhyBody{Reason: "r"}))
	is("open", retract.HTTPResponse, retract.Body, retract.JSON200)
	report()
	accept := must(c.AcceptWithResponse(ctx, id, nil, client.ActBody{}))
	is("closed", accept.HTTPResponse, accept.Body, accept.JSON200)
	reopen := must(c.ReopenWithResponse(ctx, id, nil, client.ActBody{Reason: text("r")}))
	is("open", reopen.HTTPResponse, reopen.Body, reopen.JSON200)
	transfer := must(c.TransferWithResponse(ctx, id, nil, client.TransferBody{To: "zfb", Reason: "r"}))
	id = is("open", transfer.HTTPResponse, transfer.Body, transfer.JSON200).Id
	waive := must(c.WaiveWithResponse(ctx, id, nil, client.ActBody{Reason: text("r")}))
	is("waived", waive.HTTPResponse, waive.Body, waive.JSON200)

	day := zhongshan().AddDate(0, 0, -2).Format(time.DateOnly)
	var event client.EventBody
	if err := json.Unmarshal(fmt.Appendf(nil, `{"name":"request","unit":"czj","date":%q,"key":"申请-1"}`, day), &event); err != nil {
		t.Fatal(err)
	}
	added := must(c.AddEventWithResponse(ctx, nil, event))
	started := answered(t, 201, added.HTTPResponse, added.Body, added.JSON201).Occurrences
	events := must(c.ListEventsWithResponse(ctx, nil))
	if got := answered(t, 200, events.HTTPResponse, events.Body, events.JSON200); len(got.Items) != 1 || len(started) != 1 {
		t.Fatalf("events: %+v, started %v", got, started)
	}
	pause := must(c.PauseWithResponse(ctx, started[0], nil, client.ActBody{Reason: text("r")}))
	if o := is("open", pause.HTTPResponse, pause.Body, pause.JSON200); o.PausedOn == nil {
		t.Error("it is not paused")
	}
	resume := must(c.ResumeWithResponse(ctx, started[0], nil, client.ActBody{}))
	is("open", resume.HTTPResponse, resume.Body, resume.JSON200)
	withdrawn := must(c.WithdrawEventWithResponse(ctx, "request/czj/申请-1", nil, client.WhyBody{Reason: "r"}))
	answered(t, 200, withdrawn.HTTPResponse, withdrawn.Body, withdrawn.JSON200)
}

func moveNotices(ctx context.Context, t *testing.T, c *client.ClientWithResponses) {
	list := must(c.ListNoticesWithResponse(ctx, nil))
	notices := answered(t, 200, list.HTTPResponse, list.Body, list.JSON200).Items
	if len(notices) == 0 {
		t.Fatal("no notice waits")
	}
	deadline := time.Now().Add(patience) // one that is just being tried cannot be dropped
	for {
		drop := must(c.DropNoticeWithResponse(ctx, notices[0].Id, nil))
		if drop.StatusCode() == http.StatusConflict && time.Now().Before(deadline) {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if n := answered(t, 200, drop.HTTPResponse, drop.Body, drop.JSON200); n.State != "dropped" {
			t.Errorf("dropped: %+v", n)
		}
		break
	}
	retry := must(c.RetryNoticeWithResponse(ctx, notices[0].Id, nil))
	if n := answered(t, 200, retry.HTTPResponse, retry.Body, retry.JSON200); n.State != "pending" {
		t.Errorf("retried: %+v", n)
	}
}

// Whatever moment the daemon dies at, what was asked under one key is done once.
func TestWhatIsAskedAgainAfterAKillIsDoneOnce(t *testing.T) {
	s, d, base := apiSite(t)
	token := strings.TrimSpace(s.run("token", "add", "oa", "--role", "admin"))
	through := &http.Client{Timeout: patience, Transport: &described{t: t, token: token}}
	var list struct{ Items []struct{ ID string } }
	res, err := through.Get(base + "/api/v1/occurrences?limit=1")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	address := base + "/api/v1/occurrences/" + strings.ReplaceAll(list.Items[0].ID, "/", "%2F") + "/progress"
	ask := func(n int) (string, string, error) {
		r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(fmt.Sprintf(`{"note":"note %d"}`, n)))
		if err != nil {
			return "", "", err
		}
		r.Header.Set("Idempotency-Key", fmt.Sprint("key ", n))
		r.Header.Set("Content-Type", "application/json")
		res, err := through.Do(r)
		if err != nil {
			return "", "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusOK {
			return "", "", fmt.Errorf("%d: %s", res.StatusCode, body)
		}
		return string(body), res.Header.Get("Idempotency-Replayed"), err
	}
	const rounds = 5
	committed := 0
	for n := range rounds {
		first := make(chan string, 1)
		go func() {
			body, _, _ := ask(n) // it may be dead
			first <- body
		}()
		time.Sleep(time.Duration(n) * 4 * time.Millisecond)
		if err := d.end(syscall.SIGKILL); err == nil {
			t.Fatal("it lives on")
		}
		before := <-first
		d = s.serve()
		d.logs(`"message":"page"`)
		body, replayed, err := ask(n)
		if err != nil {
			t.Fatal(err)
		}
		if replayed != "" {
			committed++
		}
		if before != "" && before != body {
			t.Errorf("the answer was %s, and is %s", before, body)
		}
		if out := s.run("journal", "--occurrence", list.Items[0].ID, "--json"); strings.Count(out, fmt.Sprintf(`"note %d"`, n)) != 1 {
			t.Errorf("round %d: it was done %d times", n, strings.Count(out, fmt.Sprintf(`"note %d"`, n)))
		}
	}
	t.Logf("%d of %d were done before the kill", committed, rounds)
	s.run("verify")
}

// The examples of the documentation are what anybody types first: each of them works.
func TestTheExamplesOfTheAPIWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		need.Missing(t, "curl is not here")
	}
	for _, file := range []string{"../../docs/api.md", "../../docs/zh/程序接口.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, d, base := apiSite(t)
		env := append(os.Environ(), "TOKEN="+strings.TrimSpace(s.run("token", "add", "oa", "--role", "admin")), "API="+base+"/api/v1")
		var there []struct{ ID string }
		if err := json.Unmarshal([]byte(s.run("status", "--json")), &there); err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(there[0].ID, "/")
		as := strings.NewReplacer("1.3-budget", "1.1-budget", "2017-07-03", zhongshan().AddDate(0, 0, -2).Format(time.DateOnly), "2017-07", parts[2])
		examples := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
		if len(examples) < 3 {
			t.Errorf("%s has %d examples", file, len(examples))
		}
		for _, m := range examples {
			cmd := exec.Command("sh", "-e")
			cmd.Stdin, cmd.Env = strings.NewReader(as.Replace(m[1])), env
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s%s", file, err, m[1], said)
			}
		}
		if err := d.end(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
}

// A calendar program subscribes, asks again, and gets anew only what has changed.
func TestACalendarProgramSubscribes(t *testing.T) {
	check := libical(t)
	s, d, base := apiSite(t)
	fetch := func(address, known string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("If-None-Match", known)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	_, page := fetch(strings.TrimSpace(s.run("link", "czj")), "")
	feed := base + regexp.MustCompile(`/feed/czj/[^"]*duban\.ics`).FindString(page)
	first, text := fetch(feed, "")
	mark := first.Header.Get("ETag")
	if mark == "" || !strings.Contains(text, "REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n") || !strings.Contains(text, "X-PUBLISHED-TTL:PT4H\r\n") || strings.Contains(first.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%v\n%s", first.Header, text)
	}
	s.write("feed.ics", text)
	if said, err := exec.Command(check, s.path("feed.ics")).CombinedOutput(); err != nil {
		t.Errorf("libical: %v\n%.2000s", err, said)
	}
	events := func() map[string]string {
		cal, err := ics.ParseCalendarFromUrl(feed) // as a program that subscribes does
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, e := range cal.Events() {
			start, err := e.GetAllDayStartAt()
			if err != nil {
				t.Error(err)
			}
			out[e.Id()] = start.Format(time.DateOnly)
		}
		return out
	}
	before := events()
	if res, body := fetch(feed, `W/"other", `+mark); res.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("what is known: %d %s", res.StatusCode, body)
	}
	var there []struct{ ID, Due string }
	if err := json.Unmarshal([]byte(s.run("status", "--json")), &there); err != nil {
		t.Fatal(err)
	}
	s.run("extend", there[0].ID, "--by", "5 working days", "--reason", "r")
	if res, _ := fetch(feed, mark); res.StatusCode != http.StatusOK || res.Header.Get("ETag") == mark {
		t.Errorf("what has changed: %d %s", res.StatusCode, res.Header)
	}
	moved := 0
	for id, due := range events() {
		if before[id] != due {
			moved++
		}
	}
	if len(before) == 0 || moved != 1 {
		t.Errorf("of %d events %d moved", len(before), moved)
	}
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}
