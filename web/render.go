package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/text/language"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/scheduler/engine"
)

// pages are the templates in one language. Each is read when it is shown first, since
// each has the layout and all parts by itself: all of them take tens of megabytes, and
// few are ever looked at.
type pages struct {
	words  *words
	byName map[string]func() (*template.Template, error)
}

// execute makes a part of a page.
func (p *pages) execute(b *bytes.Buffer, name, part string, data any) error {
	page, err := p.byName[name]()
	if err != nil {
		return err
	}
	return page.ExecuteTemplate(b, part, data)
}

// frame is what all pages have in common: the language of their reader, the
// layout around them, what is said on the next one, and errors in words.
type frame struct {
	templates map[string]*pages // by language
	view      func() engine.View
	secure    bool  // browsers reach the page by https only
	largest   int64 // bytes of a request
	log       zerolog.Logger
	waiting   func(context.Context) (int, error) // how many requests and reports wait
}

// most is how many bytes that request may have: tables are larger than forms.
func (f *frame) most(r *http.Request) int64 {
	if r.URL.Path == "/import" {
		return max(f.largest, tableForm)
	}
	if carriesFiles(r) {
		return max(f.largest, mostUpload)
	}
	return f.largest
}

// view is what every template sees.
type view struct {
	Lang    string
	Other   string // the address of this page in the other language
	Path    string
	User    *ledger.Account // nil: nobody is signed in
	Admin   bool
	Message string
	Waiting int // requests and reports that wait for a decision
	Static  string
	Page    any
}

// staticHash is part of the addresses of static files, so that a new binary
// brings new ones.
var staticHash = func() string {
	h := sha256.New()
	names, err := fs.Glob(files, "static/*")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err) // they are part of the binary
		}
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}()

// parseTemplates reads what all pages have, in each language.
func parseTemplates() (map[string]*pages, error) {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	out := map[string]*pages{}
	for _, lang := range rules.Languages {
		w := wordsOf(lang)
		base, err := template.New("").Funcs(w.funcs()).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/fields.html")
		if err != nil {
			return nil, err
		}
		p := &pages{w, map[string]func() (*template.Template, error){}}
		for _, name := range names {
			p.byName[strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValues(func() (*template.Template, error) {
				one, err := base.Clone()
				if err != nil {
					return nil, err
				}
				return one.ParseFS(files, name)
			})
		}
		out[lang] = p
	}
	return out, nil
}

var matcher = map[string]language.Matcher{
	"zh-CN": language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English}),
	"en":    language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese}),
}

const languageCookie = "lang"

// lang is the reader's language: what was chosen on the page, else what the
// browser asks for, else the configuration's. A choice (?lang=en) is kept.
func (f *frame) lang(w http.ResponseWriter, r *http.Request) string {
	if q := r.URL.Query().Get("lang"); q == "zh-CN" || q == "en" {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: q, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: f.secure})
		return q
	}
	if c, err := r.Cookie(languageCookie); err == nil && (c.Value == "zh-CN" || c.Value == "en") {
		return c.Value
	}
	m := matcher[f.view().Settings.Language]
	tag, _ := language.MatchStrings(m, r.Header.Get("Accept-Language"))
	if base, _ := tag.Base(); base.String() == "en" {
		return "en"
	}
	return "zh-CN"
}

// show answers with a page.
func (f *frame) show(w http.ResponseWriter, r *http.Request, code int, name string, data any) error {
	return f.showIn(w, r, f.lang(w, r), code, name, "layout", data)
}

// showPart answers with one part of a page, for htmx to put in its place.
func (f *frame) showPart(w http.ResponseWriter, r *http.Request, code int, name, part string, data any) error {
	return f.showIn(w, r, f.lang(w, r), code, name, part, data)
}

func (f *frame) showIn(w http.ResponseWriter, r *http.Request, lang string, code int, name, part string, data any) error {
	return f.showWith(w, r, lang, code, name, part, data, "")
}

// bigPart stands where a page has a part that is made already, and large: it is not copied
// for everybody who looks.
const bigPart template.HTML = "<!--the big part-->"

// showWith is showIn, with that part.
func (f *frame) showWith(w http.ResponseWriter, r *http.Request, lang string, code int, name, part string, data any, big template.HTML) error {
	v := view{Lang: lang, Path: r.URL.Path, User: user(r), Static: staticHash, Page: data}
	v.Admin = v.User != nil && v.User.Role == ledger.RoleAdmin
	if v.User != nil && part == "layout" {
		v.Message = f.said(w, r)
		var err error
		if v.Waiting, err = f.waiting(r.Context()); err != nil {
			return err
		}
	}
	q := r.URL.Query()
	q.Set("lang", map[string]string{"zh-CN": "en", "en": "zh-CN"}[lang])
	v.Other = "?" + q.Encode()
	var b bytes.Buffer // a page that cannot be made is not half sent
	if err := f.templates[lang].execute(&b, name, part, v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language, Cookie, HX-Request")
	w.WriteHeader(code)
	head, tail, _ := bytes.Cut(b.Bytes(), []byte(bigPart))
	_, _ = w.Write(head) // what fails from here on: the client has gone
	_, _ = io.WriteString(w, string(big))
	_, _ = w.Write(tail)
	return nil
}

// part renders one part of a page, to be kept.
func (f *frame) part(lang, name, part string, data any) (template.HTML, error) {
	var b bytes.Buffer
	err := f.templates[lang].execute(&b, name, part, data)
	return template.HTML(b.String()), err
}

// funcs are what templates call.
func (w *words) funcs() template.FuncMap {
	return template.FuncMap{
		"t": w.t, "say": w.problem, "date": w.date, "time": w.clock, "month": w.month, "light": w.light, "state": w.state, "why": w.why,
		"lightOf":  func(l rules.Light) lightView { return lightView{string(l), w.light(l), lightMarks[l]} },
		"mark":     func(l rules.Light) string { return lightMarks[l] },
		"lights":   func() []rules.Light { return rules.Lights },
		"period":   w.in.Period,
		"short":    w.in.Short,
		"title":    func(o *rules.Obligation) string { return o.DisplayTitle(w.lang) },
		"linked":   linked,
		"unitName": func(u *rules.Unit) string { return u.DisplayName(w.lang) },
		"weekdayHeads": func() []string {
			heads := make([]string, 7)
			for i := range heads {
				heads[i] = w.weekday(calendar.DateOf(2024, 1, 1+i)) // a Monday
			}
			return heads
		},
		"shortHeads": func() []string {
			heads := make([]string, 7)
			for i := range heads {
				day := []rune(w.weekday(calendar.DateOf(2024, 1, 1+i)))
				if heads[i] = string(day[len(day)-1:]); w.lang == "en" {
					heads[i] = string(day[:2])
				}
			}
			return heads
		},
		// Words that stand for names of ours, as the tables have them.
		"kind":      func(k rules.ReminderKind) string { return "reminder " + string(k) },
		"reason":    w.in.Reason,
		"colon":     func() string { return w.t(": ") },
		"comma":     func() string { return w.t(", ") },
		"action":    func(a string) string { return "action " + a },
		"basis":     func(b rules.Basis) string { return "basis " + string(b) },
		"role":      func(r ledger.Role) string { return "role " + string(r) },
		"kindOne":   func(k rules.EntryKind) string { return w.t("one " + string(k)) },
		"kindName":  func(k rules.EntryKind) string { return k.Name().In(w.lang) },
		"mail":      func(s ledger.MailState) string { return "mail " + string(s) },
		"happening": func(what string) string { return "happening " + what },
		"posted":    func(outcome string) string { return "posted " + outcome },
		"mailKind":  func(k ledger.NoticeKind) string { return "notice " + string(k) },
		"request":   func(k ledger.RequestKind) string { return "request " + string(k) },
		"decision":  func(s ledger.RequestState) string { return "decision " + string(s) },
		"lost":      func(path string) bool { return lostLink.MatchString(path) },
		"size":      sizeText,
		"thanks":    func(what string) string { return "thanks " + what },
		"dict":      dict, "key": occurrencePath, "subjectPath": subjectPath, "fieldErr": fieldErr, "due": dueMoved,
		"join": func(all []string) string { return strings.Join(all, "\n") }, "assumed": assumptions, "rhythm": w.rhythm,
		"words": strings.Fields, "lines": func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
		"base":   filepath.Base,
		"inc":    func(n int) int { return n + 1 },
		"neg":    func(n int) int { return -n },
		"isZero": func(d calendar.Date) bool { return d.IsZero() },
		"zoned": func(t, like time.Time) time.Time {
			if like.IsZero() {
				return t
			}
			return t.In(like.Location())
		},
		"percent": func(f *float64) string {
			if f == nil {
				return "–"
			}
			return fmt.Sprintf("%.1f%%", *f*100)
		},
		"decideURL": func(address string, byID bool, id int64, what string) string {
			if byID {
				return fmt.Sprintf("%s/%d/%s", address, id, what)
			}
			return address + "/" + what
		},
		"diffClass": func(line string) string {
			switch {
			case strings.HasPrefix(line, "+"):
				return "add"
			case strings.HasPrefix(line, "-"):
				return "del"
			}
			return "same"
		},
	}
}

// linked is a text whose parts in brackets lead to addresses of ours, in order.
func linked(text string, addresses ...string) template.HTML {
	var b strings.Builder
	for _, address := range addresses {
		before, after, _ := strings.Cut(text, "[")
		inner, rest, ok := strings.Cut(after, "]")
		if !ok {
			break // a translation that leads nowhere says the rest as it is
		}
		fmt.Fprintf(&b, `%s<a href="%s">%s</a>`, template.HTMLEscapeString(before), template.HTMLEscapeString(address), template.HTMLEscapeString(inner))
		text = rest
	}
	return template.HTML(b.String() + template.HTMLEscapeString(text))
}

// dueMoved is what a journal entry says of a due date: where it went.
func dueMoved(before, after string) string {
	var b, a struct {
		Due calendar.Date `json:"due"`
	}
	if json.Unmarshal([]byte(before), &b) != nil || json.Unmarshal([]byte(after), &a) != nil || b.Due == a.Due || b.Due.IsZero() {
		return ""
	}
	return b.Due.String() + " → " + a.Due.String()
}

// subjectPath is the page about what a journal entry is about, or empty.
func subjectPath(s ledger.Subject) string {
	plan, key, _ := strings.Cut(s.Ref, ":")
	switch {
	case s.Kind == ledger.AboutNotice:
		return "/outbox/" + s.Ref
	case s.Kind == ledger.AboutPlan && key == "":
		return rulePath(plan, rules.PlanEntry, plan)
	case s.Kind == ledger.AboutOccurrence, s.Kind == ledger.AboutRequest:
		if parts := strings.SplitN(key, "/", 3); len(parts) == 3 {
			return occurrencePath(plan, parts[0], parts[1], parts[2])
		}
	}
	for _, k := range append([]rules.EntryKind{rules.PlanEntry}, planfile.Kinds...) {
		if s.Kind == planfile.SubjectKind(k) {
			return rulePath(plan, k, key)
		}
	}
	return ""
}

// lightView is a light for eyes that see no colour too.
type lightView struct{ Class, Name, Mark string }

var lightMarks = map[rules.Light]string{rules.Red: "▲", rules.Yellow: "◆", rules.Green: "●", rules.Grey: "✓"}

// dict lets a template call another with several values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a key without a value")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no key", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}
