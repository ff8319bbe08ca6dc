package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"duban/internal/apitest"
	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/engine"
	"duban/web/api"
)

// program is one that asks with a token.
type program struct {
	w     *world
	token string
}

func (w *world) program(t testing.TB, name string, role ledger.Role) *program {
	t.Helper()
	token, err := w.desk.AddToken(t.Context(), name, role, "root")
	if err != nil {
		t.Fatal(err)
	}
	return &program{w, token}
}

// ask sends a request; heads are names and values of it.
func (p *program) ask(method, address, body string, heads ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://duban.example"+address, strings.NewReader(body))
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept-Language", "en")
	for i := 0; i < len(heads); i += 2 {
		r.Header.Set(heads[i], heads[i+1])
	}
	rec := httptest.NewRecorder()
	p.w.Handler().ServeHTTP(rec, r)
	checkAnswer(p.w.t, r, rec)
	return rec
}

// openAPI holds every answer to a program to the description.
var openAPI = sync.OnceValues(func() (*apitest.Spec, error) {
	s, err := api.New(api.Options{View: func() engine.View { return engine.View{} }})
	if err != nil {
		return nil, err
	}
	r, rec := httptest.NewRequest(http.MethodGet, "/api/openapi-3.0.json", nil), httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, r)
	return apitest.Read(rec.Body.Bytes())
})

func checkAnswer(t testing.TB, r *http.Request, rec *httptest.ResponseRecorder) {
	spec, err := openAPI()
	if err != nil {
		t.Error(err)
		return
	}
	if err := spec.Check(r, rec.Code, rec.Header(), rec.Body.Bytes()); err != nil {
		t.Error(err)
	}
}

// answers is what ask is answered, which has to have that status.
func (p *program) answers(t testing.TB, status int, method, address, body string, heads ...string) (out map[string]any) {
	t.Helper()
	rec := p.ask(method, address, body, heads...)
	if rec.Code != status {
		t.Fatalf("%s %s %s: %d, want %d: %s", method, address, body, rec.Code, status, rec.Body)
	}
	if rec.Body.Len() > 0 {
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, address, err, rec.Body)
		}
	}
	return out
}

// refused is answered with a problem.
func (p *program) refused(t testing.TB, code problem.Code, field, method, address, body string, heads ...string) {
	t.Helper()
	rec := p.ask(method, address, body, heads...)
	var got struct {
		Type, Title, Detail, Code, Field string
		Status                           int
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("%s %s: %d %s", method, address, rec.Code, rec.Body)
	}
	if rec.Code != code.Status() || got.Status != rec.Code || got.Code != string(code) || got.Field != field || got.Detail == "" || rec.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s %s: %d %+v, want %s of %q", method, address, body, rec.Code, got, code, field)
	}
}

func one(key string) string { return "/api/v1/occurrences/" + url.PathEscape(key) }

func TestAProgramReadsAndActs(t *testing.T) {
	w := newWorld(t)
	p := w.program(t, "oa", ledger.RoleAdmin)
	list := p.answers(t, 200, "GET", "/api/v1/occurrences?unit=a&limit=1", "")
	items := list["items"].([]any)
	if len(items) != 1 || list["after"] == nil {
		t.Fatalf("the first page: %v", list)
	}
	next := p.answers(t, 200, "GET", "/api/v1/occurrences?unit=a&limit=1000&after="+list["after"].(string), "")
	if next["after"] != nil || next["items"].([]any)[0].(map[string]any)["id"] == items[0].(map[string]any)["id"] {
		t.Errorf("the last page: %v", next)
	}
	key := "1.1-budget/a/2026-05"
	seen := p.ask("GET", one(key), "")
	mark := seen.Header().Get("ETag")
	if rec := p.ask("GET", one(key), "", "If-None-Match", mark); rec.Code != 304 || rec.Body.Len() > 0 {
		t.Errorf("what is known: %d %s", rec.Code, rec.Body)
	}
	p.refused(t, problem.Changed, "If-Match", "POST", one(key)+"/done", `{"evidence":"https://x.example/"}`, "If-Match", `"other"`)
	closed := p.answers(t, 200, "POST", one(key)+"/done", `{"evidence":"https://x.example/"}`, "If-Match", mark)
	if closed["state"] != "closed" || closed["evidence"] != "https://x.example/" {
		t.Errorf("reported: %v", closed)
	}
	again := p.ask("GET", one("p:"+key), "")
	if again.Header().Get("ETag") == mark || !strings.Contains(again.Body.String(), `"closed"`) {
		t.Error("its mark stays")
	}
	p.refused(t, problem.Changed, "If-Match", "POST", one(key)+"/reopen", `{"reason":"r"}`, "If-Match", mark)
	p.answers(t, 200, "POST", one(key)+"/reopen", `{"reason":"r"}`, "If-Match", `W/`+again.Header().Get("ETag"))
	last, err := w.ledger.LatestEntries(t.Context(), ledger.EntryQuery{Subject: "p:" + key, Limit: 1})
	if err != nil || last[0].Actor != "oa" || last[0].Action != "reopened" {
		t.Errorf("the journal says %+v %v", last, err)
	}
	p.answers(t, 200, "POST", one(key)+"/extend", `{"by":"5 working days","reason":"r"}`)
	p.answers(t, 200, "POST", one(key)+"/urge", ``)
	p.answers(t, 200, "POST", one(key)+"/progress", `{"note":"half of it"}`)
	moved := p.answers(t, 200, "POST", one(key)+"/transfer", `{"to":"boss","reason":"r"}`)
	if moved["unit"] != "boss" {
		t.Errorf("transferred: %v", moved)
	}
	event := p.answers(t, 201, "POST", "/api/v1/events", `{"name":"request","unit":"a","date":"2026-05-29","key":"k"}`)
	if len(event["occurrences"].([]any)) != 1 {
		t.Errorf("recorded: %v", event)
	}
	if event = p.answers(t, 200, "POST", "/api/v1/events", `{"name":"request","unit":"a","date":"2026-05-29","key":"k"}`); event["message"] != "recorded already" {
		t.Errorf("recorded again: %v", event)
	}
	if e := p.answers(t, 200, "POST", "/api/v1/events/"+url.PathEscape("request/a/k")+"/withdraw", `{"reason":"a mistake"}`); e["withdrawn_at"] == nil {
		t.Errorf("withdrawn: %v", e)
	}
	for _, address := range []string{"/plans", "/obligations", "/preview?limit=3", "/notices", "/events?unit=a", "/journal", "/journal?occurrence=" + url.QueryEscape(key), "/report", "/occurrences?light=red", "/occurrences?light=grey&state=closed"} {
		list := p.answers(t, 200, "GET", "/api/v1"+address, "")
		if _, ok := list["items"].([]any); !ok || len(list) != 2 {
			t.Errorf("%s: %v", address, list)
		}
	}
	if y := p.answers(t, 200, "GET", "/api/v1/calendar/2026", ""); y["known"] != true || len(y["days"].([]any)) == 0 {
		t.Errorf("a year: %v", y)
	}
}

func TestWhatIsWrongIsAProblem(t *testing.T) {
	w := newWorld(t)
	p, reader := w.program(t, "oa", ledger.RoleAdmin), w.program(t, "reader", ledger.RoleViewer)
	stranger, key := &program{w, ""}, one("1.1-budget/a/2026-05")
	mark := w.ledgerMark()
	for _, no := range []*program{stranger, {w, "duban_x"}, {w, strings.ToLower(p.token)}, {w, "duban_AAAAAAAAAAAAAAAAAAAAAAAAAA" + p.token[32:]}} {
		no.refused(t, problem.SignedOut, "", "GET", "/api/v1/plans", "")
		no.refused(t, problem.SignedOut, "", "POST", key+"/done", "{}")
	}
	reader.answers(t, 200, "GET", "/api/v1/occurrences", "")
	for _, act := range []string{key + "/done", key + "/urge", "/api/v1/events", "/api/v1/events/k/withdraw", "/api/v1/notices/1/drop"} {
		reader.refused(t, problem.Forbidden, "", "POST", act, "{}")
	}
	reader.refused(t, problem.Forbidden, "", "PUT", "/api/v1/obligations/1.1-budget", `{"text":"x"}`, "If-Match", "*")
	p.refused(t, problem.NotFound, "", "GET", "/api/v1/nothing", "")
	p.refused(t, problem.NotFound, "", "GET", "/api/v2/plans", "")
	p.refused(t, problem.Method, "", "POST", "/api/v1/plans", "{}")
	p.refused(t, problem.Method, "", "DELETE", key, "")
	p.refused(t, problem.NotFound, "", "GET", one("nothing"), "")
	p.refused(t, problem.NotFound, "", "POST", one("1.1-budget/a/1999-01")+"/done", "{}")
	for address, field := range map[string]string{
		"/occurrences?light=blue": "light", "/occurrences?state=x": "state", "/occurrences?limit=1001": "limit", "/occurrences?limit=0": "limit", "/occurrences?limit=x": "limit",
		"/occurrences?lihgt=red": "lihgt", "/occurrences?from=tomorrow": "from", "/occurrences?from=2200-01-01": "from", "/occurrences?from=2026-02-01&to=2026-01-01": "from",
		"/occurrences?unit=nobody": "unit", "/occurrences?obligation=9.9": "obligation", "/occurrences?plan=q": "plan", "/occurrences?after=x": "after", "/occurrences?after=WyIxIl0": "after",
		"/occurrences?after=WyJ4IiwicCIsIm8iLCJ1IiwidCJd": "after", "/notices?after=WyJ4Il0": "after", "/notices?state=x": "state", "/events?after=WyJ4Il0": "after", "/events?unit=x": "unit",
		"/preview?obligation=x": "obligation", "/preview?after=x": "after", "/journal?after=x": "after", "/journal?occurrence=x": "occurrence", "/report?from=x": "from", "/calendar/1969": "year", "/calendar/x": "year",
		"/obligations?after=WyJ4Il0": "after",
	} {
		p.refused(t, problem.Invalid, field, "GET", "/api/v1"+address, "")
	}
	p.refused(t, problem.Unreadable, "", "GET", "/api/v1/occurrences/%ff", "")
	p.refused(t, problem.Unreadable, "", "GET", "/api/v1/occurrences/%00", "")
	p.refused(t, problem.Unreadable, "", "GET", "/api/v1/occurrences?unit=%ff", "")
	for _, tc := range []struct {
		code              problem.Code
		field, what, body string
	}{
		{problem.Unreadable, "", "done", "{"}, {problem.Unreadable, "", "done", "a=b"}, {problem.Invalid, "evidnce", "done", `{"evidnce":"x"}`}, {problem.Invalid, "note", "done", `{"note":1}`},
		{problem.Invalid, "reason", "extend", `{"to":"2026-06-30"}`}, {problem.Invalid, "to", "extend", `{"reason":"r"}`}, {problem.Invalid, "by", "extend", `{"reason":"r","by":"-1 days"}`},
		{problem.Invalid, "to", "extend", `{"reason":"r","to":"30 June"}`}, {problem.Conflict, "evidence", "done", `{"evidence":"x"}`}, {problem.Conflict, "date", "done", `{"evidence":"https://x.example/","date":"2027-01-01"}`},
		{problem.Conflict, "", "accept", ""}, {problem.Invalid, "to", "transfer", `{"to":"nobody","reason":"r"}`}, {problem.Conflict, "note", "progress", `{"note":" "}`},
		{problem.TooLarge, "", "done", `{"note":"` + strings.Repeat("x", 70<<10) + `"}`},
	} {
		p.refused(t, tc.code, tc.field, "POST", key+"/"+tc.what, tc.body)
	}
	p.refused(t, problem.Media, "", "POST", key+"/done", "a=b", "Content-Type", "application/x-www-form-urlencoded")
	p.refused(t, problem.Invalid, "Idempotency-Key", "POST", key+"/done", "{}", "Idempotency-Key", strings.Repeat("k", 256))
	if got := w.ledgerMark(); got != mark {
		t.Error("something was changed")
	}
	said := p.ask("POST", key+"/accept", "", "Accept-Language", "zh-CN,zh;q=0.9")
	if !strings.Contains(said.Body.String(), "\u5f85") && !strings.Contains(said.Body.String(), "\u529e") {
		t.Errorf("in Chinese: %s", said.Body)
	}
	for _, head := range []string{"Access-Control-Allow-Origin", "Set-Cookie"} {
		if said.Header().Get(head) != "" {
			t.Errorf("%s: %s", head, said.Header().Get(head))
		}
	}
	if said.Header().Get("Cache-Control") != "no-store" {
		t.Error("answers are kept by others")
	}
	if rec := stranger.ask("GET", "/api/v1/plans", ""); !strings.HasPrefix(rec.Header().Get("WWW-Authenticate"), "Bearer") {
		t.Error("nobody is told how to come in")
	}
}

func TestWhatIsAskedTwiceIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	p, other := w.program(t, "oa", ledger.RoleAdmin), w.program(t, "other", ledger.RoleAdmin)
	key := one("1.1-budget/a/2026-05") + "/progress"
	entries := func() int {
		all, err := w.ledger.LatestEntries(t.Context(), ledger.EntryQuery{Subject: "p:1.1-budget/a/2026-05"})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := entries()
	first := p.ask("POST", key, `{"note":"n"}`, "Idempotency-Key", "k")
	second := p.ask("POST", key, `{ "note": "n" }`, "Idempotency-Key", "k")
	if first.Code != 200 || second.Code != 200 || first.Body.String() != second.Body.String() || second.Header().Get("Idempotency-Replayed") != "true" ||
		first.Header().Get("Idempotency-Replayed") != "" || first.Header().Get("ETag") != second.Header().Get("ETag") || entries() != before+1 {
		t.Errorf("asked twice: %d %s, %d %s, %d entries", first.Code, first.Body, second.Code, second.Body, entries()-before)
	}
	p.refused(t, problem.Invalid, "Idempotency-Key", "POST", key, `{"note":"m"}`, "Idempotency-Key", "k")
	other.answers(t, 200, "POST", key, `{"note":"n"}`, "Idempotency-Key", "k")
	p.answers(t, 200, "POST", key, `{"note":"n"}`)
	if entries() != before+3 {
		t.Errorf("%d entries", entries()-before)
	}
	// What was refused may be asked again.
	p.refused(t, problem.Conflict, "note", "POST", key, `{"note":" "}`, "Idempotency-Key", "l")
	p.answers(t, 200, "POST", key, `{"note":"l"}`, "Idempotency-Key", "l")
	// Many at once.
	before = entries()
	answered := make(chan string)
	for range 8 {
		go func() {
			rec := p.ask("POST", key, `{"note":"together"}`, "Idempotency-Key", "t")
			answered <- fmt.Sprint(rec.Code, rec.Body)
		}()
	}
	one := <-answered
	for range 7 {
		if other := <-answered; other != one || !strings.HasPrefix(other, "200") {
			t.Errorf("at once: %s, and %s", one, other)
		}
	}
	if entries() != before+1 {
		t.Errorf("asked at once it was done %d times", entries()-before)
	}
	// After some days the key is free.
	w.at("2026-06-05 09:00")
	if rec := p.ask("POST", key, `{"note":"n"}`, "Idempotency-Key", "k"); rec.Code != 200 || rec.Header().Get("Idempotency-Replayed") != "" {
		t.Errorf("days later: %d %s", rec.Code, rec.Body)
	}
}

func TestATokenHasItsPace(t *testing.T) {
	w := newWorld(t)
	p, other := w.program(t, "oa", ledger.RoleViewer), w.program(t, "other", ledger.RoleViewer)
	for n := 0; ; n++ {
		rec := p.ask("GET", "/api/v1/plans", "")
		if rec.Code == 429 {
			if n < 100 || rec.Header().Get("Retry-After") != "1" {
				t.Errorf("after %d requests: Retry-After %q", n, rec.Header().Get("Retry-After"))
			}
			break
		}
		if n > 5000 {
			t.Fatal("it may ask for ever")
		}
	}
	other.answers(t, 200, "GET", "/api/v1/plans", "")
	w.at("2026-06-05 09:01")
	p.answers(t, 200, "GET", "/api/v1/plans", "")
}

func TestARuleIsReadAndWritten(t *testing.T) {
	w := newWorld(t)
	p := w.program(t, "oa", ledger.RoleAdmin)
	address := "/api/v1/obligations/1.1-budget"
	rec := p.ask("GET", address, "")
	var rule struct{ Text, Title string }
	if err := json.Unmarshal(rec.Body.Bytes(), &rule); err != nil || !strings.Contains(rule.Text, "[[obligation]]") {
		t.Fatalf("%v: %s", err, rec.Body)
	}
	put := func(text string) string {
		b, _ := json.Marshal(map[string]string{"text": text, "reason": "r"}) // texts always marshal
		return string(b)
	}
	text := strings.Replace(rule.Text, rule.Title, "Another title", 1)
	mark := rec.Header().Get("ETag")
	p.refused(t, problem.Invalid, "If-Match", "PUT", address, put(text))
	p.refused(t, problem.Changed, "If-Match", "PUT", address, put(text), "If-Match", `"x"`)
	p.refused(t, problem.Invalid, "text", "PUT", address, put(strings.Replace(rule.Text, "every", "evry", 1)), "If-Match", mark)
	if got := p.answers(t, 200, "PUT", address, put(text), "If-Match", mark); got["title"] != "Another title" {
		t.Errorf("written: %v", got)
	}
	p.refused(t, problem.Changed, "If-Match", "PUT", address, put(rule.Text), "If-Match", mark)
	if !strings.Contains(w.read("plan/obligations/01.toml"), "Another title") {
		t.Error("the file has it not")
	}
}
