package web

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"syscall"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// failure is an answer other than the page that was asked for.
type failure struct {
	code int
	*problem.Text
}

func refused(code int, format string, args ...any) error {
	return &failure{code, &problem.Text{Format: format, Args: args}}
}

var errNotFound = refused(http.StatusNotFound, "There is nothing here.")

// fieldError is something wrong with what was put into a field.
func fieldError(field, format string, args ...any) error {
	return &engine.Refusal{Field: field, Format: format, Args: args}
}

// asField is err if the reader can put it right, else nil.
func asField(err error) error {
	var r *engine.Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// fieldErr is err if it is about that field; "" stands for all that no field
// is named for.
func fieldErr(err error, field string) error {
	var r *engine.Refusal
	if errors.As(err, &r) {
		if r.Field == field {
			return r
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
		var other *failure
		var tooLarge *http.MaxBytesError
		var cannot *engine.Refusal
		switch {
		case errors.As(err, &other):
			f.fail(w, r, other.code, other.Format, other.Args...)
		case errors.As(err, &cannot):
			f.fail(w, r, http.StatusConflict, cannot.Format, cannot.Args...)
		case errors.As(err, &tooLarge):
			f.fail(w, r, http.StatusRequestEntityTooLarge, "That is too much: at most %d KB.", f.largest>>10)
		case errors.Is(err, ledger.ErrNotFound):
			f.fail(w, r, http.StatusNotFound, "There is nothing here.")
		case errors.Is(err, ledger.ErrGone):
			f.log.Error().Err(err).Str("path", r.Pattern).Msg("page")
			f.fail(w, r, http.StatusServiceUnavailable, "The ledger is gone from its place: nothing was saved. Whoever runs duban has to start it again; the log says how.")
		case errors.Is(err, ledger.ErrFull), errors.Is(err, syscall.ENOSPC):
			f.log.Error().Err(err).Str("path", r.Pattern).Msg("page")
			f.fail(w, r, http.StatusInsufficientStorage, "The disk is full: nothing was saved. Tell whoever runs duban.")
		case errors.Is(err, fs.ErrPermission):
			f.log.Error().Err(err).Str("path", r.Pattern).Msg("page")
			f.fail(w, r, http.StatusConflict, "duban may not write there: give the file and its folder to the user that runs it. Nothing was changed. (%s)", err.Error())
		case r.Context().Err() != nil: // the client has gone
		default:
			f.log.Error().Err(err).Str("path", r.Pattern).Msg("page")
			f.fail(w, r, http.StatusInternalServerError, "This went wrong: the log has more.")
		}
	})
}

// fail answers that something is not so.
func (f *frame) fail(w http.ResponseWriter, r *http.Request, code int, format string, args ...any) {
	lang := f.lang(w, r)
	v := view{Lang: lang, Path: r.URL.Path, User: user(r), Static: staticHash, Page: problem.Errorf(format, args...)}
	body, err := f.part(lang, "error", "layout", v)
	if err != nil {
		f.trouble(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
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
