package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"duban/rules/catalogue"
	"duban/rules/problem"
)

// Problem is why something was not done (RFC 9457).
type Problem struct {
	Type   string  `json:"type" doc:"Where its code is explained"`
	Title  string  `json:"title" doc:"The same for all of that status"`
	Status int     `json:"status" doc:"That of the answer"`
	Detail string  `json:"detail" doc:"What is wrong and what to do, in the language that Accept-Language asks for"`
	Code   string  `json:"code" doc:"What kind of trouble it is: it never changes"`
	Field  string  `json:"field,omitempty" doc:"Which parameter, header or field of the body it is about"`
	Errors []Fault `json:"errors,omitempty" doc:"All that is wrong, where that is more than one thing"`
}

// Fault is one of several things that are wrong.
type Fault struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// newProblem says an error in a language.
func newProblem(e *problem.Error, language string) *Problem {
	status := e.Code.Status()
	return &Problem{
		Type: "/api/#" + string(e.Code), Title: catalogue.In(language).Say(http.StatusText(status)), Status: status,
		Detail: catalogue.In(language).Error(e), Code: string(e.Code), Field: e.Field,
	}
}

// Explain is what is told of an error, to programs and by the page: what others than
// duban say is no text for either, and stands in the log.
func Explain(err error) *problem.Error {
	var e *problem.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &e) && e.Code != "":
		return e
	case errors.As(err, &tooLarge):
		return &problem.Error{Code: problem.TooLarge, Key: "That is too much: at most %d KB.", Args: []any{tooLarge.Limit >> 10}}
	case errors.Is(err, syscall.ENOSPC):
		return &problem.Error{Code: problem.Full, Key: "the disk is full"}
	}
	return &problem.Error{Code: problem.Internal, Key: "This went wrong: the log has more."}
}

// of says which field an error is about, where it does not say so itself.
func of(field string, err error) error {
	var e *problem.Error
	if !errors.As(err, &e) || e.Field != "" || e.Code == problem.Internal {
		return err
	}
	c := *e
	if c.Field = field; c.Code == problem.NotFound {
		c.Code = problem.Invalid // of a name in a question: the question is wrong, not the place
	}
	return &c
}

// codes are those of what huma finds wrong before a handler is asked.
var codes = map[int]problem.Code{
	http.StatusBadRequest: problem.Unreadable, http.StatusUnprocessableEntity: problem.Invalid, http.StatusRequestEntityTooLarge: problem.TooLarge,
	http.StatusUnsupportedMediaType: problem.Media, http.StatusRequestTimeout: problem.Slow, http.StatusNotAcceptable: problem.Media,
}

// huma asks these of its package: what its own errors are, and whether lists may be null.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return refused(catalogue.English, status, message, errs)
	}
	huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
		return refused(languageOf(c.Context()), status, message, errs)
	}
}

// place is where huma says that something is wrong, before its name.
var place = regexp.MustCompile(`^(?:query|path|header|body)\.?`)

// refused is what huma finds wrong with parameters and bodies, as a problem.
func refused(language string, status int, message string, errs []error) huma.StatusError {
	code, known := codes[status]
	if !known {
		return newProblem(Explain(nil), language)
	}
	first, _ := said(message)
	var all []Fault
	for i, err := range errs {
		field, message := "", ""
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			detail := d.ErrorDetail()
			field, message = place.ReplaceAllString(detail.Location, ""), detail.Message
		} else if err != nil {
			message = err.Error()
		}
		what, named := said(message)
		if named != "" {
			field = strings.TrimPrefix(field+"."+named, ".")
		}
		if i == 0 {
			first = what
		}
		all = append(all, Fault{field, catalogue.In(language).Error(what)})
	}
	e := &problem.Error{Code: code, Key: "This is not what the description of the API asks for: %s", Args: []any{first}}
	if len(all) > 0 && all[0].Field != "" {
		e.Field, e.Key, e.Args = all[0].Field, "%s is not what the description of the API asks for: %s", []any{all[0].Field, first}
	}
	p := newProblem(e, language)
	if len(all) > 1 {
		p.Errors = all
	}
	return p
}

// write answers with a problem, past huma.
func write(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone
}

type languageKey struct{}

// languageOf is that in which a request is answered.
func languageOf(ctx context.Context) string {
	if l, ok := ctx.Value(languageKey{}).(string); ok {
		return l
	}
	return catalogue.English
}
