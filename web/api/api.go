// Package api is what programs ask of duban: /api/v1, JSON with bearer tokens.
//
//	a request → who asks, how often, in what form (gate.go) → huma: its parameters and
//	body → a handler here → the ledger, the rules, the desk → duban/scheduler/views
//
// What is shown are the views of commands and page, and what is done is done by the
// desk: nothing is decided here. Lists go page by page by key (lists.go, reads.go);
// what is done is one transaction with what is remembered of it for who asks again
// (acts.go, once.go); whatever goes wrong is a problem of RFC 9457 (problems.go).
//
// The description of all this, OpenAPI, is made from the same types (document.go).
package api

import (
	"cmp"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// Options are what the API is given.
type Options struct {
	Ledger  ledger.Store
	View    func() engine.View
	Desk    *desk.Desk
	Editor  *editor.Editor
	Version string
	Log     zerolog.Logger
	AtOnce  int // requests of one token; then a sixth of it a second
}

// Prefix is before all that programs ask.
const Prefix = "/api/v1"

// Server answers programs.
type Server struct {
	gate     *gate
	document *document
	handler  http.Handler
	patterns []string
}

// New makes the API; Handler answers its requests.
func New(o Options) (*Server, error) {
	mux := &recording{ServeMux: http.NewServeMux()}
	handlers := register(mux, o)
	described, err := newDocument(handlers.OpenAPI(), o.Version)
	if err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /api/openapi.json", described.serve(described.now))
	mux.HandleFunc("GET /api/openapi-3.0.json", described.serve(described.old))
	g := newGate(o)
	return &Server{g, described, g.protect(mux.ServeMux), mux.patterns}, nil
}

// Handler answers every request under /api/ but the page that describes it.
func (s *Server) Handler() http.Handler { return s.handler }

// Patterns are those of the addresses that it answers.
func (s *Server) Patterns() []string { return s.patterns }

// recording is a mux that remembers its patterns.
type recording struct {
	*http.ServeMux
	patterns []string
}

func (m *recording) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, f)
}

// register puts the operations on a mux.
func register(mux humago.Mux, o Options) huma.API {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "duban", Version: cmp.Or(o.Version, "dev"), Description: about},
			Servers: []*huma.Server{{URL: Prefix}},
			Tags:    tags(),
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "A token that duban token add made."}},
			},
			Security: []map[string][]string{{"token": {}}},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",

		RejectUnknownQueryParameters: true,
	}
	a := humago.NewWithPrefix(mux, Prefix, config)
	(&reads{o.Ledger, o.View}).register(a)
	(&ruleTexts{o.View, o.Editor}).register(a)
	(&acts{o.Ledger, o.View, o.Desk, o.Log}).register(a)
	return a
}

// operation is one of those that read.
func operation(method, path, id, tag, summary, description string) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary, Description: description,
	}
}

// failed is how it is said that something is not so.
func failed(a huma.API) *huma.Response {
	return &huma.Response{Description: "Error", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")},
	}}
}

// known is an operation whose answer a program may have already.
func known(a huma.API, op huma.Operation) huma.Operation {
	op.Responses = map[string]*huma.Response{"304": {Description: http.StatusText(http.StatusNotModified)}, "default": failed(a)}
	return op
}
