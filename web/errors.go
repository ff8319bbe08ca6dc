package web

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"duban/rules/problem"
	"duban/web/api"
)

var (
	errNotFound = &problem.Error{Code: problem.NotFound, Key: "There is nothing here."}
	errInternal = api.Explain(nil)
)

// asField is err if the reader can put it right, else nil.
func asField(err error) error {
	var e *problem.Error
	if errors.As(err, &e) && (e.Code == problem.Invalid || e.Code == problem.Conflict) {
		return e
	}
	return nil
}

// fieldErr is err if it is about that field; "" stands for all that no field
// is named for.
func fieldErr(err error, field string) error {
	var e *problem.Error
	if errors.As(err, &e) {
		if e.Field == field {
			return e
		}
		return nil
	}
	if field == "" {
		return err
	}
	return nil
}

// answer calls a page and turns its error into words.
func (f *frame) answer(p page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), userKey{}, &visitor{}))
		err := p(w, r)
		if err == nil {
			return
		}
		e := f.asProblem(err)
		if e.Code == problem.Internal && r.Context().Err() != nil {
			return // the client has gone
		}
		if e.Code.Status() >= http.StatusInternalServerError {
			f.log.Error().Err(err).Str("path", r.Pattern).Msg("page")
		}
		f.fail(w, r, e)
	})
}

// asProblem is what a page says of an error.
func (f *frame) asProblem(err error) *problem.Error {
	e := api.Explain(err)
	if e.Code == problem.Internal && errors.Is(err, fs.ErrPermission) { // of what the editor writes
		f.log.Error().Err(err).Msg("page")
		return &problem.Error{Code: problem.Conflict, Key: "duban may not write there: give the file and its folder to the user that runs it. Nothing was changed. (%s)", Args: []any{err.Error()}}
	}
	return e
}

// fail answers that something is not so.
func (f *frame) fail(w http.ResponseWriter, r *http.Request, e *problem.Error) {
	lang := f.lang(w, r)
	v := view{Lang: lang, Path: r.URL.Path, User: user(r), Static: staticHash, Page: e}
	body, err := f.part(lang, "error", "layout", v)
	if err != nil {
		f.trouble(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(e.Code.Status())
	_, _ = w.Write([]byte(body)) // the client has gone
}

// done goes on to a page with a message, unless there is an error.
func (f *frame) done(w http.ResponseWriter, r *http.Request, err error, message, next string) error {
	if err != nil {
		return err
	}
	f.say(w, message)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}
