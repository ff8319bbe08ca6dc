package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"duban/rules/catalogue"
	"duban/rules/problem"
)

// about is what stands over the description of the API.
const about = "Programs read and report here. Send a token with every request: Authorization: Bearer duban_…; duban token add makes one. Lists come in pages: ask again with what was given as after, until it is null. What goes wrong is a problem of RFC 9457 whose code never changes."

// tags are the groups of operations, in the order in which people read.
func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "occurrences", Description: "What is owed, how it stands, and what can be done about it"},
		{Name: "events", Description: "What starts clocks"},
		{Name: "notices", Description: "What is sent, and waits"},
		{Name: "journal", Description: "Who changed what"},
		{Name: "figures", Description: "Who was on time"},
		{Name: "rules", Description: "Plans, obligations and working days"},
	}
}

// Codes are those of problems, with what each means.
var Codes = []struct {
	Code  problem.Code
	Means string
}{
	{problem.Unreadable, "What was sent is no JSON, or no address"},
	{problem.Invalid, "Something in it is wrong in itself: field says what"},
	{problem.SignedOut, "No token was sent, or it is not in force"},
	{problem.Forbidden, "The token may read alone"},
	{problem.NotFound, "Nothing is there"},
	{problem.Method, "Something is there, and this cannot be done to it"},
	{problem.Conflict, "Right in itself, and not as things stand"},
	{problem.Changed, "It is no longer what If-Match names"},
	{problem.TooLarge, "The body is too large"},
	{problem.Media, "The body is not JSON"},
	{problem.Slow, "The body took too long to arrive"},
	{problem.TooMany, "Too many requests: Retry-After says how long to wait"},
	{problem.Internal, "A fault of duban's own: its log has more"},
	{problem.Unavailable, "The ledger cannot be reached just now: ask again later"},
	{problem.Full, "There is no room to keep it"},
}

// schemaName names a schema as its type is called.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	return strings.ToUpper(name[:1]) + name[1:]
}

// document is the description of the API: as OpenAPI for programs, with English and
// Chinese, and as what the reference page shows in one of them.
type document struct {
	now, old []byte // OpenAPI 3.1, and 3.0 for generators that read no other
	groups   []Group
}

// newDocument describes what is registered.
func newDocument(api *huma.OpenAPI, version string) (*document, error) {
	d := &document{groups: groups(api)}
	chinese := catalogue.In(catalogue.Chinese)
	each(api, func(text *string) {
		if *text != "" && chinese.Has(*text) {
			*text += "\n\n" + chinese.Say(*text)
		}
	})
	anything(api)
	var err error
	if d.now, err = json.Marshal(api); err != nil {
		return nil, err
	}
	d.old, err = api.Downgrade()
	return d, err
}

// anything says of fields that hold whatever there is that null is among it: OpenAPI 3.0
// takes it out.
func anything(api *huma.OpenAPI) {
	for _, s := range api.Components.Schemas.Map() {
		for _, field := range s.Properties {
			if field.Type == "" && field.Ref == "" {
				field.Extensions = map[string]any{"nullable": true}
			}
		}
	}
}

func (d *document) serve(text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(text) // the client has gone
	}
}

// each calls f for every text that people read of a description.
func each(api *huma.OpenAPI, f func(*string)) {
	f(&api.Info.Description)
	for _, t := range api.Tags {
		f(&t.Description)
	}
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		for _, op := range operationsOf(api.Paths[path]) {
			f(&op.Summary)
			f(&op.Description)
			for _, p := range op.Parameters {
				f(&p.Description)
			}
			for _, r := range op.Responses {
				for _, h := range r.Headers {
					f(&h.Description)
				}
			}
		}
	}
	schemas := api.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		for _, field := range schemas[name].Properties {
			f(&field.Description)
		}
	}
}

// operationsOf are those of an address.
func operationsOf(p *huma.PathItem) (out []*huma.Operation) {
	for _, op := range []*huma.Operation{p.Get, p.Post, p.Put} {
		if op != nil {
			out = append(out, op)
		}
	}
	return out
}

// The parts of the reference page.
type (
	// Group is what belongs together.
	Group struct {
		Name, Says string
		Operations []Operation
	}
	// Operation is one thing that can be asked.
	Operation struct {
		ID, Method, Path, Summary, Description string
		Parameters                             []Field
		Body, Answer                           []Field
		List                                   bool // the answer is a page of those
	}
	// Field is a parameter, or one of JSON.
	Field struct {
		Name, In, Type, Says string
		Required             bool
	}
)

// Groups are the operations as people read of them.
func (s *Server) Groups() []Group { return s.document.groups }

func groups(api *huma.OpenAPI) []Group {
	var out []Group
	for _, t := range api.Tags {
		g := Group{Name: t.Name, Says: t.Description}
		for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
			for _, op := range operationsOf(api.Paths[path]) {
				if slices.Contains(op.Tags, t.Name) {
					g.Operations = append(g.Operations, described(api.Components.Schemas, path, op))
				}
			}
		}
		slices.SortStableFunc(g.Operations, func(a, b Operation) int { return cmp.Compare(a.Method, b.Method) }) // what reads first
		out = append(out, g)
	}
	return out
}

func described(r huma.Registry, path string, op *huma.Operation) Operation {
	out := Operation{ID: op.OperationID, Method: op.Method, Path: Prefix + path, Summary: op.Summary, Description: op.Description}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, Field{p.Name, p.In, typeOf(r, p.Schema), p.Description, p.Required})
	}
	if op.RequestBody != nil {
		out.Body = fields(r, op.RequestBody.Content["application/json"].Schema)
	}
	if ok := op.Responses["200"]; ok != nil && ok.Content != nil {
		schema := resolved(r, ok.Content["application/json"].Schema)
		if items := schema.Properties["items"]; items != nil && schema.Properties["after"] != nil {
			out.List, schema = true, resolved(r, items.Items)
		}
		out.Answer = fields(r, schema)
	}
	return out
}

// resolved is a schema itself, where it is only named.
func resolved(r huma.Registry, s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		return r.SchemaFromRef(s.Ref)
	}
	return s
}

// fields are those of an object, by name.
func fields(r huma.Registry, s *huma.Schema) (out []Field) {
	s = resolved(r, s)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		out = append(out, Field{name, "body", typeOf(r, p), p.Description, slices.Contains(s.Required, name)})
	}
	return out
}

// typeOf says a type in a few words.
func typeOf(r huma.Registry, s *huma.Schema) string {
	if s.Ref != "" {
		s = resolved(r, s)
	}
	out := cmp.Or(s.Format, s.Type, "any")
	if s.Type == huma.TypeInteger {
		out = s.Type
	}
	if s.Type == huma.TypeArray && s.Items != nil {
		out = typeOf(r, s.Items) + "[]"
	}
	if len(s.Enum) > 0 {
		var words []string
		for _, e := range s.Enum {
			if w, ok := e.(string); ok {
				words = append(words, w)
			}
		}
		out = strings.Join(words, " | ")
	}
	if s.Nullable {
		out += " | null"
	}
	return out
}
