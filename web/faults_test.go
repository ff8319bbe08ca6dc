package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"duban/ledger"
	"duban/rules/problem"
)

// latin is a piece of a sentence in letters of Latin: three words in a row.
var latin = regexp.MustCompile(`[A-Za-z]+ [A-Za-z]+ [A-Za-z]+`)

// Whatever kind of thing is wrong with a request is said in the language of who asks,
// with the same code and field in each.
func TestWhatIsWrongIsSaidInTheLanguageOfWhoAsks(t *testing.T) {
	w := newWorld(t)
	p := w.program(t, "oa", ledger.RoleAdmin)
	done, long := one("1.1-budget/a/2026-05")+"/done", strings.Repeat("k", 256)
	for _, tc := range []struct {
		what, method, address, body string
		heads                       []string
		code                        problem.Code
		field, zh                   string
	}{
		{"a field is missing", "POST", "/api/v1/events", `{"unit":"a","date":"2026-05-01"}`, nil, problem.Invalid, "name", "\u7f3a\u5c11\u6b64\u9879"},
		{"all fields are missing", "POST", "/api/v1/events", `{}`, nil, problem.Invalid, "date", "\u7f3a\u5c11\u6b64\u9879"},
		{"the body is missing", "POST", "/api/v1/events", "", nil, problem.Unreadable, "", "\u7f3a\u5c11\u6b63\u6587"},
		{"a header is missing", "PUT", "/api/v1/obligations/1.1-budget", `{"text":"x"}`, nil, problem.Invalid, "If-Match", "\u7f3a\u5c11\u6b64\u9879"},
		{"no text", "POST", done, `{"note":1}`, nil, problem.Invalid, "note", "\u5e26\u5f15\u53f7\u7684\u6587\u5b57"},
		{"no object", "POST", done, `[]`, nil, problem.Invalid, "", "\u5bf9\u8c61"},
		{"no integer", "GET", "/api/v1/occurrences?limit=x", "", nil, problem.Invalid, "limit", "\u6574\u6570"},
		{"no integer that fits", "GET", "/api/v1/occurrences?limit=99999999999999999999", "", nil, problem.Invalid, "limit", "\u6574\u6570"},
		{"less than the least", "GET", "/api/v1/occurrences?limit=0", "", nil, problem.Invalid, "limit", "\u4e0d\u5f97\u5c0f\u4e8e 1"},
		{"more than the most", "GET", "/api/v1/occurrences?limit=1001", "", nil, problem.Invalid, "limit", "\u4e0d\u5f97\u5927\u4e8e 1000"},
		{"too long", "GET", "/api/v1/occurrences?after=" + strings.Repeat("x", 2001), "", nil, problem.Invalid, "after", "\u81f3\u591a 2000"},
		{"a header is too long", "POST", done, "{}", []string{"Idempotency-Key", long}, problem.Invalid, "Idempotency-Key", "\u81f3\u591a 255"},
		{"another pattern", "GET", "/api/v1/journal?after=x", "", nil, problem.Invalid, "after", "^[0-9]"},
		{"no day in the address", "GET", "/api/v1/occurrences?from=tomorrow", "", nil, problem.Invalid, "from", "2017-07-14"},
		{"no day in the body", "POST", done, `{"date":"30 June"}`, nil, problem.Invalid, "date", "2017-07-14"},
		{"none of the words", "GET", "/api/v1/occurrences?light=blue", "", nil, problem.Invalid, "light", "red, yellow, green, grey"},
		{"no such field", "POST", done, `{"evidnce":"x"}`, nil, problem.Invalid, "evidnce", "\u6ca1\u6709\u8fd9\u4e2a\u5b57\u6bb5"},
		{"no such parameter", "GET", "/api/v1/occurrences?lihgt=red", "", nil, problem.Invalid, "lihgt", "\u6ca1\u6709\u8fd9\u4e2a\u53c2\u6570"},
		{"a part of a body", "POST", done, `{"note":"x"`, nil, problem.Unreadable, "", "\u6ca1\u6709\u5199\u5b8c"},
		{"a form for a body", "POST", done, `a=b`, nil, problem.Unreadable, "", "\u4e0d\u8be5\u51fa\u73b0\u7684\u5b57\u7b26"},
		{"two bodies", "POST", done, `{} {}`, nil, problem.Unreadable, "", "\u4e0d\u8be5\u51fa\u73b0\u7684\u5b57\u7b26"},
		{"another kind of body", "POST", done, "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, problem.Media, "", "application/json"},
		{"too much", "POST", done, `{"note":"` + strings.Repeat("x", 70<<10) + `"}`, nil, problem.TooLarge, "", "\u81f3\u591a 65536"},
		{"no number in the address", "POST", "/api/v1/notices/x/drop", "", nil, problem.Invalid, "id", "\u6574\u6570"},
		{"a number of nothing in the address", "POST", "/api/v1/notices/0/drop", "", nil, problem.Invalid, "id", "\u4e0d\u5f97\u5c0f\u4e8e 1"},
		{"a year too early", "GET", "/api/v1/calendar/1969", "", nil, problem.Invalid, "year", "1970"},
		{"nowhere", "GET", "/api/v1/nothing", "", nil, problem.NotFound, "", "\u6ca1\u6709"},
		{"nothing that can be done", "DELETE", "/api/v1/plans", "", nil, problem.Method, "", "GET"},
	} {
		for language, has := range map[string]string{"zh-CN,zh;q=0.9": tc.zh, "en": ""} {
			rec := p.ask(tc.method, tc.address, tc.body, append(tc.heads, "Accept-Language", language)...)
			var got struct {
				Title, Detail, Code, Field string
				Errors                     []struct{ Field, Detail string }
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
				t.Errorf("%s: %v: %s", tc.what, err, rec.Body)
				continue
			}
			if got.Code != string(tc.code) || rec.Code != tc.code.Status() || got.Field != tc.field || !strings.Contains(got.Detail, has) {
				t.Errorf("%s, in %s: %d %s", tc.what, language, rec.Code, rec.Body)
			}
			texts := []string{got.Title, got.Detail}
			for _, e := range got.Errors {
				texts = append(texts, e.Detail)
			}
			for _, text := range texts {
				if chinese := strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4e00 && r < 0xa000 }); chinese != (language != "en") || language != "en" && latin.MatchString(text) {
					t.Errorf("%s, in %s: it says %q", tc.what, language, text)
				}
			}
			if language == "en" && got.Title != http.StatusText(rec.Code) {
				t.Errorf("%s: its title is %q", tc.what, got.Title)
			}
		}
	}
}

// What is named and is not there is a wrong question (422, with the field) where it is
// asked for or sent, and nothing (404) where it is the place itself: by every operation
// of the description alike.
func TestWhatIsNamedAndNotThereIsRefusedAlikeEverywhere(t *testing.T) {
	w := newWorld(t)
	p := w.program(t, "oa", ledger.RoleAdmin)
	mark := w.ledgerMark()
	var described struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(p.ask("GET", "/api/openapi-3.0.json", "").Body.Bytes(), &described); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{"extend": `{"by":"1 day","reason":"r"}`, "transfer": `{"to":"b","reason":"r"}`, "progress": `{"note":"n"}`, "obligations": `{"text":"x"}`}
	names := map[string]bool{"unit": true, "plan": true, "obligation": true, "occurrence": true}
	places, questions := 0, 0
	for path, methods := range described.Paths {
		for method, op := range methods {
			method = strings.ToUpper(method)
			parts := strings.Split(path, "/")
			body := bodies[parts[len(parts)-1]]
			if method == "PUT" {
				body = bodies[parts[1]]
			}
			if body == "" && method == "POST" {
				body = `{"reason":"r"}`
			}
			if strings.HasSuffix(path, "/done") || strings.HasSuffix(path, "/urge") || strings.HasSuffix(path, "/retry") || strings.HasSuffix(path, "/drop") || strings.HasSuffix(path, "/accept") {
				body = ""
			}
			if strings.Contains(path, "{") && !strings.Contains(path, "{year}") {
				places++
				for _, nothing := range []string{"999999", "1.1-budget%2Fa%2F1999-01", "nothing%2Fa%2F2026-05", "request%2Fnobody%2Fk"} {
					if strings.HasPrefix(path, "/notices") && nothing != "999999" {
						continue
					}
					at := strings.NewReplacer("{id}", nothing, "{key}", nothing).Replace(path)
					rec := p.ask(method, "/api/v1"+at, body, "If-Match", "*")
					if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), `"code":"not-found"`) {
						t.Errorf("%s %s: %d %s", method, at, rec.Code, rec.Body)
					}
				}
			}
			for _, q := range op.Parameters {
				if q.In != "query" || !names[q.Name] {
					continue
				}
				questions++
				p.refused(t, problem.Invalid, q.Name, method, "/api/v1"+path+"?"+q.Name+"=nobody", "")
			}
		}
	}
	if places < 15 || questions < 6 {
		t.Errorf("the description has %d places and %d questions", places, questions)
	}
	for _, tc := range []struct{ field, address, body string }{
		{"unit", "/api/v1/events", `{"name":"request","unit":"nobody","date":"2026-05-01"}`},
		{"unit", "/api/v1/events", `{"name":"request","unit":"@nobody","date":"2026-05-01"}`},
		{"name", "/api/v1/events", `{"name":"nothing","unit":"a","date":"2026-05-01"}`},
		{"to", one("1.1-budget/a/2026-05") + "/transfer", `{"to":"nobody","reason":"r"}`},
	} {
		p.refused(t, problem.Invalid, tc.field, "POST", tc.address, tc.body)
	}
	(&program{w, "duban_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}).refused(t, problem.SignedOut, "", "GET", "/api/v1/plans", "")
	if w.ledgerMark() != mark {
		t.Error("something was changed")
	}
}
