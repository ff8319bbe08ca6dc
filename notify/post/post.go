// Package post is one HTTP request of a channel or a webhook, as durable delivery
// needs it: what came of it is known as far as it can be, and nothing that is secret
// in it is ever told.
//
//	post.go      the request, and what its answer means by its status
//	guard.go     where it may go: never into a network that nobody has named
//	address.go   where it goes, and what of that is secret
//
// A request is made over a connection of its own: at some twenty a minute that costs
// nothing, and what left is never in doubt because an idle connection had gone stale.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"duban/notify"
)

// Limits of a request: a server that takes longer is in trouble, and what it answers
// beyond some words is not read.
const (
	Within     = 30 * time.Second
	MostAnswer = 64 << 10
)

// Request is one POST.
type Request struct {
	Address Address
	Header  http.Header
	Body    []byte
	// Ready, if there is one, is asked when the connection stands, before the first byte
	// of the body. An error from it takes the request back.
	Ready func() error
}

// Answer is what the other side said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a request. An error is either Ready's, or what notify.Outcome says of one:
// unknown tells that the other side may have accepted it all the same.
func Do(ctx context.Context, client *http.Client, r Request) (a Answer, unknown bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	body := &asked{r: bytes.NewReader(r.Body), ready: r.Ready}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Address.URL, body)
	if err != nil {
		return a, false, ours("the address cannot be used")
	}
	req.ContentLength = int64(len(r.Body))
	req.Header.Set("User-Agent", "duban")
	for k, v := range r.Header {
		req.Header[k] = v
	}
	res, err := client.Do(req)
	if taken := body.takenBack(); taken != nil {
		if err == nil {
			_ = res.Body.Close() // it was answered before its end, and is none
		}
		return a, false, taken
	}
	if err != nil {
		return a, body.begun(), failed(r.Address, err)
	}
	defer res.Body.Close()
	a.Status, a.Header = res.StatusCode, res.Header
	if a.Body, err = io.ReadAll(io.LimitReader(res.Body, MostAnswer)); err != nil {
		return a, true, failed(r.Address, err)
	}
	return a, false, nil
}

// asked is a body that asks before its first byte.
type asked struct {
	r     *bytes.Reader
	ready func() error

	mu    sync.Mutex
	began bool
	err   error
}

// Read asks once.
func (b *asked) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return 0, b.err
	}
	if !b.began && b.ready != nil {
		if b.err = b.ready(); b.err != nil {
			return 0, b.err
		}
	}
	b.began = true
	return b.r.Read(p)
}

func (b *asked) takenBack() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

func (b *asked) begun() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.began
}

// failed is why there is no answer, without the address, which package net/http puts
// into each of its errors.
func failed(to Address, err error) error {
	var refused *RefusedAddressError
	if errors.As(err, &refused) {
		return &notify.DownError{Err: refused, Ours: true}
	}
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	said := to.Clean(err.Error())
	if errors.Is(err, context.DeadlineExceeded) {
		said = fmt.Sprintf("no answer within %s", Within)
	}
	return &notify.DownError{Err: errors.New(said)}
}

// ours is an error that somebody has to put right.
func ours(format string, args ...any) error {
	return &notify.DownError{Err: fmt.Errorf(format, args...), Ours: true}
}

// LongestWait bounds what a server may ask for.
const LongestWait = 15 * time.Minute

// Wait is how long the other side wants to be left alone; otherwise: it does not say.
// The header may name seconds or a time (RFC 9110, 10.2.3); now is by whom it is read.
func (a Answer) Wait(now time.Time, otherwise time.Duration) time.Duration {
	said := strings.TrimSpace(a.Header.Get("Retry-After"))
	wait := otherwise
	if n, err := strconv.Atoi(said); err == nil && n >= 0 {
		wait = time.Duration(min(n, int(LongestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, time.Second), LongestWait)
}

// Throttled is an answer that asks for less.
func Throttled(wait time.Duration, format string, args ...any) error {
	return &notify.DownError{Err: fmt.Errorf(format, args...), Wait: wait}
}

// Ours is an answer about who we are, or where we post.
func Ours(format string, args ...any) error { return ours(format, args...) }

// Refused is an answer about the message, for good.
func Refused(format string, args ...any) error {
	return &notify.RefusedError{Err: fmt.Errorf(format, args...)}
}

// ByStatus is what an answer means by its status alone; nil: it is well.
func (a Answer) ByStatus(to Address, now time.Time) error {
	words := a.words(to)
	switch s := a.Status; {
	case s >= 200 && s <= 299:
		return nil
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		return Throttled(a.Wait(now, time.Minute), "answered %d: %s", s, words)
	case s >= 300 && s <= 399:
		return ours("answered %d: it is elsewhere now, and nobody is followed: write its new address", s)
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusNotFound || s == http.StatusGone || s == http.StatusMethodNotAllowed:
		return ours("answered %d: %s", s, words)
	case s == http.StatusRequestTimeout || s == http.StatusTooEarly || s >= 500:
		return &notify.DownError{Err: fmt.Errorf("answered %d: %s", s, words)}
	default:
		return Refused("answered %d: %s", s, words)
	}
}

// mostWords is how much of an answer is repeated.
const mostWords = 200

// words are the first of what was answered, on one line and without secrets.
func (a Answer) words(to Address) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(a.Body), "")), " ")
	s = to.Clean(s)
	if r := []rune(s); len(r) > mostWords {
		s = string(r[:mostWords]) + "\u2026"
	}
	if s == "" {
		return http.StatusText(a.Status)
	}
	return s
}

// Words are the first of what was answered.
func (a Answer) Words(to Address) string { return a.words(to) }

// Reach tells whether what stands at the root of an address's host answers at all. It
// sends nothing, and shows none of the secret.
func Reach(ctx context.Context, client *http.Client, to Address) error {
	u, err := url.Parse(to.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil // of a service's own scheme: only a message tells
	}
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	root := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, root.String(), nil)
	if err != nil {
		return ours("the address cannot be used")
	}
	req.Header.Set("User-Agent", "duban")
	res, err := client.Do(req)
	if err != nil {
		return failed(to, err)
	}
	return res.Body.Close()
}
