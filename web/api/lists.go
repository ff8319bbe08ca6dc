package api

import (
	"encoding/base64"
	"encoding/json"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Paging is what every list takes.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many items at most"`
	After string `query:"after" maxLength:"2000" doc:"What the page before gave as after; without it the first page"`
}

// List is a page of a list.
type List[T any] struct {
	Items []T     `json:"items"`
	After *string `json:"after" doc:"What to ask for the next page with; null: this is the last"`
}

// listed is the answer that a page is.
type listed[T any] struct{ Body List[T] }

// paged is a page of as many as were asked for out of some that are one more if there
// are more; key is that of an item, by which the next page is found.
func paged[T, V any](found []T, limit int, shown []V, key func(T) []string) *listed[V] {
	out := &listed[V]{List[V]{Items: shown}}
	if len(found) > limit {
		after := cursor(key(found[limit-1]))
		out.Body.Items, out.Body.After = shown[:limit], &after
	}
	if out.Body.Items == nil {
		out.Body.Items = []V{}
	}
	return out
}

// cursor is a key as text that means nothing to others.
func cursor(key []string) string {
	b, err := json.Marshal(key)
	if err != nil {
		panic(err) // texts always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor is the key that cursor wrote, of so many parts; nil: there is none.
func readCursor(after string, parts int) ([]string, error) {
	if after == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(after)
	var key []string
	if err != nil || json.Unmarshal(b, &key) != nil || len(key) != parts {
		return nil, badCursor(after)
	}
	return key, nil
}

func badCursor(after string) error {
	return &problem.Error{Code: problem.Invalid, Field: "after", Key: "%q is no place in this list: give what the page before gave, or nothing", Args: []any{problem.Clip(after)}}
}

// dated is a day that a program gave, 0 where it gave none.
func dated(field, text string) (calendar.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, err := calendar.ParseDate(text)
	return d, of(field, err)
}

// Span is from which due date to which.
type Span struct {
	From string `query:"from" format:"date" doc:"Due on that day or later"`
	To   string `query:"to" format:"date" doc:"Due on that day or earlier"`
}

// dates are both as such; 0: not bounded.
func (s Span) dates() (from, to calendar.Date, err error) {
	if from, err = dated("from", s.From); err != nil {
		return 0, 0, err
	}
	if to, err = dated("to", s.To); err != nil {
		return 0, 0, err
	}
	if from != 0 && to != 0 && from > to {
		return 0, 0, &problem.Error{Code: problem.Invalid, Field: "from", Key: "%s is after %s", Args: []any{from, to}}
	}
	return from, to, nil
}
