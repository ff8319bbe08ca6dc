package ledger

import (
	"context"
	"time"
)

// Answer is what a program was answered to something that it may ask again: once it
// has been done, the same answer is given and nothing is done.
type Answer struct {
	Token  string // the hash of who asked
	Key    string // what the program calls it
	Asked  string // a hash of what was asked: under one key there is one thing
	Status int
	Body   []byte
	At     time.Time
}

// AnswerReader remembers answers.
type AnswerReader interface {
	// Answer is what a token was answered under a key at that time or later; ErrNotFound:
	// nothing.
	Answer(ctx context.Context, token, key string, since time.Time) (*Answer, error)
}

// AnswerWriter keeps and forgets them.
type AnswerWriter interface {
	// KeepAnswer remembers an answer and forgets those from before a time, and of the same
	// token the oldest beyond most; ErrMoved where another was given under the key meanwhile.
	KeepAnswer(a *Answer, before time.Time, most int) error
}
