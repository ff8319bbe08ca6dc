// Package apitest holds answers of the API to their description, by a library that is
// not ours; in client is what a public generator makes of it.
package apitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Spec is the description that answers are held to.
type Spec struct {
	doc   *openapi3.T
	lock  sync.Mutex
	asked map[string]bool
}

// Read reads a description of OpenAPI 3.0, which has to be a right one.
func Read(text []byte) (*Spec, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return &Spec{doc: doc, asked: map[string]bool{}}, doc.Validate(openapi3.NewLoader().Context)
}

// Unasked are the operations that no answer was seen of.
func (s *Spec) Unasked() (out []string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for path, item := range s.doc.Paths.Map() {
		for method := range item.Operations() {
			if what := method + " " + path; !s.asked[what] {
				out = append(out, what)
			}
		}
	}
	slices.Sort(out)
	return out
}

// operation is that of a request; nil: it is for nothing that is described.
func (s *Spec) operation(r *http.Request) (string, *openapi3.Operation) {
	path, is := strings.CutPrefix(r.URL.EscapedPath(), "/api/v1")
	if !is {
		return "", nil
	}
	parts := strings.Split(path, "/")
	for pattern, item := range s.doc.Paths.Map() {
		fits := len(parts) == strings.Count(pattern, "/")+1
		for i, part := range strings.Split(pattern, "/") {
			fits = fits && (part == parts[i] || strings.HasPrefix(part, "{"))
		}
		if op := item.GetOperation(r.Method); fits && op != nil {
			return r.Method + " " + pattern, op
		}
	}
	return "", nil
}

// Check tells whether an answer is as the description says.
func (s *Spec) Check(r *http.Request, status int, head http.Header, body []byte) error {
	what, op := s.operation(r)
	if op == nil {
		return nil
	}
	if status < 400 {
		s.lock.Lock()
		s.asked[what] = true
		s.lock.Unlock()
	}
	response := op.Responses.Status(status)
	if response == nil && status >= 400 {
		response = op.Responses.Default()
	}
	switch {
	case response == nil:
		return fmt.Errorf("%s: no answer %d is described", what, status)
	case len(response.Value.Content) == 0 || r.Method == http.MethodHead:
		return nil
	}
	sort, _, _ := strings.Cut(head.Get("Content-Type"), ";")
	content := response.Value.Content[sort]
	if content == nil {
		return fmt.Errorf("%s: no answer %d in %q is described", what, status, sort)
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("%s: %w: %s", what, err, body)
	}
	if err := content.Schema.Value.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
		return fmt.Errorf("%s %d: %w: %.500s", what, status, err, body)
	}
	return nil
}
