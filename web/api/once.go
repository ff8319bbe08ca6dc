package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/ledger"
	"duban/rules/problem"
)

// How long an answer is remembered for who asks the same again, and how many of one
// token.
const (
	remembered     = 3 * 24 * time.Hour
	mostRemembered = 10_000
)

// Conditions are what every act may be asked under.
type Conditions struct {
	Key     string `header:"Idempotency-Key" maxLength:"255" doc:"A text of your own: who asks again with it within three days gets the first answer, and nothing is done twice"`
	IfMatch string `header:"If-Match" doc:"ETags: the act is refused where the occurrence has none of these"`
}

// answer is what an act is answered.
type answer[T any] struct {
	Status   int
	ETag     string `header:"ETag"`
	Repeated string `header:"Idempotency-Replayed" doc:"true: this was answered before, and nothing was done now"`
	Body     kept[T]
}

// kept is a T as it was first written.
type kept[T any] struct{ text json.RawMessage }

func (k kept[T]) MarshalJSON() ([]byte, error) { return k.text, nil }

// Schema is that of a T.
func (kept[T]) Schema(r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// done is what an act came to.
type done[T any] struct {
	status int
	body   T
}

// once does something in one transaction with the answer to it, so that who asks again,
// not knowing what became of it, has not done it twice. Of two who ask at once with the
// same key one does it, and both get the same answer.
func once[T any](ctx context.Context, l ledger.Store, now time.Time, c Conditions, asked any, do func(tx ledger.Tx) (done[T], error)) (out *answer[T], err error) {
	if strings.ContainsFunc(c.Key, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }) {
		return nil, &problem.Error{Code: problem.Invalid, Field: "Idempotency-Key", Key: "A key is one line of text."}
	}
	t := tokenOf(ctx)
	a := ledger.Answer{Token: t.Hash, Key: c.Key, Asked: hashOf(asked), At: now}
	for range 3 {
		err = l.Update(ctx, func(tx ledger.Tx) error {
			out = nil
			if a.Key != "" {
				before, err := tx.Answer(tx.Context(), a.Token, a.Key, now.Add(-remembered))
				if err == nil {
					out, err = again[T](before, a.Asked)
				}
				if !errors.Is(err, ledger.ErrNotFound) {
					return err
				}
			}
			d, err := do(tx)
			if err != nil {
				return err
			}
			text, err := json.Marshal(d.body)
			if err != nil {
				return err
			}
			out = &answer[T]{Status: d.status, ETag: markOf(d.body), Body: kept[T]{text}}
			if a.Key == "" {
				return nil
			}
			a.Status, a.Body = d.status, text
			return tx.KeepAnswer(&a, now.Add(-remembered), mostRemembered)
		})
		if !errors.Is(err, ledger.ErrMoved) { // somebody else has just done it
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// again is the answer that was given, to the same thing alone.
func again[T any](before *ledger.Answer, asked string) (*answer[T], error) {
	if before.Asked != asked {
		return nil, &problem.Error{Code: problem.Invalid, Field: "Idempotency-Key", Key: "This key was used for something else: take another."}
	}
	return &answer[T]{Status: before.Status, ETag: markOfText(before.Body), Repeated: "true", Body: kept[T]{before.Body}}, nil
}

// hashOf is a hash of what was asked, whatever the order of its fields and its blanks.
func hashOf(asked any) string {
	b, err := json.Marshal(asked)
	if err != nil {
		panic(err) // what was read from JSON can be written
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// markOf is the ETag of what is shown: it changes with whatever is.
func markOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // views always marshal
	}
	return markOfText(b)
}

func markOfText(b []byte) string {
	h := sha256.Sum256(b)
	return `"` + base64.RawURLEncoding.EncodeToString(h[:12]) + `"`
}

// matches tells whether a list of ETags has one (RFC 9110, section 13.1). A weak one is
// taken for what it names: a proxy that compresses makes it of ours.
func matches(list, mark string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == mark || one == "*" {
			return true
		}
	}
	return false
}

// unchanged refuses an act on what has changed since it was seen.
func unchanged(ifMatch string, now any) error {
	if ifMatch == "" || matches(ifMatch, markOf(now)) {
		return nil
	}
	return &problem.Error{Code: problem.Changed, Field: "If-Match", Key: "This has changed since you read it: read it again."}
}

// created is the status of what is new.
func created(is bool) int {
	if is {
		return http.StatusCreated
	}
	return http.StatusOK
}
