package signon

import (
	"errors"
	"io"
	"net/http"

	"golang.org/x/oauth2"
)

// AwayError says that the provider could not be reached, or is none: it is about the
// provider, not about who came.
type AwayError struct{ Err error }

func (e *AwayError) Error() string { return "the sign-on service does not answer: " + e.Err.Error() }

// Unwrap is the cause.
func (e *AwayError) Unwrap() error { return e.Err }

// RefusedError says that what came back cannot be believed, or that the provider
// refused. Its text is for the log: it may hold what the provider sent.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return "the sign-on was refused: " + e.Err.Error() }

// Unwrap is the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// refusedOrAway tells what a failed request was about: an answer of 4xx is about who
// came, no answer or 5xx about the provider.
func refusedOrAway(err error) error {
	var answered *oauth2.RetrieveError
	var down *transportError
	switch {
	case errors.As(err, &answered) && answered.Response.StatusCode < http.StatusInternalServerError:
		return &RefusedError{err}
	case errors.As(err, &answered), errors.As(err, &down):
		return &AwayError{err}
	}
	return &RefusedError{err}
}

// bounded is a transport whose answers end, and whose failures are told apart.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, &transportError{err}
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, mostAnswer), res.Body}
	return res, nil
}

// transportError says that there was no answer.
type transportError struct{ error }

// Unwrap is the cause.
func (e *transportError) Unwrap() error { return e.error }
