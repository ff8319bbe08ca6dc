package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules/problem"
)

// A token is duban_ and 33 characters, of which the last 7 follow from those before: who
// looks for secrets in files finds it by its form, and knows it from what only looks so.
const (
	tokenPrefix = "duban_"
	tokenRandom = 26 // characters of crypto/rand.Text: 130 bits
	tokenCheck  = 7
)

// newToken makes one.
func newToken() string {
	text := rand.Text()[:tokenRandom]
	return tokenPrefix + text + checkOf(text)
}

// checkOf is what follows from the random characters of a token.
func checkOf(text string) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text)))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum)[:tokenCheck]
}

// IsToken tells whether a text has the form of a token.
func IsToken(text string) bool {
	rest, is := strings.CutPrefix(text, tokenPrefix)
	return is && len(rest) == tokenRandom+tokenCheck && checkOf(rest[:tokenRandom]) == rest[tokenRandom:]
}

// tokenHash is what the ledger keeps of one. A token is random through and through:
// nobody finds it by trying, so that its hash need not be slow.
func tokenHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// TokenOf is the one that a program sends; ErrNotFound: there is none like it in force.
// The ledger is asked each time, so that a token that is removed is out at once.
func TokenOf(ctx context.Context, r ledger.TokenReader, sent string) (*ledger.Token, error) {
	if !IsToken(sent) {
		return nil, fmt.Errorf("this token: %w", ledger.ErrNotFound)
	}
	return r.Token(ctx, tokenHash(sent))
}

// AddToken lets a program in and returns what it has to send, which nobody is told again.
func (d *Desk) AddToken(ctx context.Context, name string, role ledger.Role, by string) (string, error) {
	switch {
	case !accountForm.MatchString(name):
		return "", problem.Refuse("name", "A name has letters, digits, “.”, “-”, “_” and “@”, at most 64.")
	case !slices.Contains(ledger.Roles, role):
		return "", problem.Refuse("role", "A role is admin or viewer.")
	}
	token := newToken()
	err := d.ledger.Update(ctx, func(tx ledger.Tx) error {
		if err := nameIsFree(tx, name); err != nil {
			return err
		}
		now := d.view().Now
		return tx.AddToken(&ledger.Token{Name: name, Role: role, Hash: tokenHash(token), Created: now}, ledger.Entry{At: now, Actor: by})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// nameIsFree refuses a name that somebody has, be it an account or a token: the journal
// tells by it who acted.
func nameIsFree(tx ledger.Tx, name string) error {
	if _, err := tx.Account(tx.Context(), name); !errors.Is(err, ledger.ErrNotFound) {
		if err == nil {
			err = problem.Refuse("name", "There is an account %q already.", name)
		}
		return err
	}
	tokens, err := tx.Tokens(tx.Context())
	if err == nil && slices.ContainsFunc(tokens, func(t *ledger.Token) bool { return t.Name == name }) {
		err = problem.Refuse("name", "There is a token %q already.", name)
	}
	return err
}

// RemoveToken ends a token, at once.
func (d *Desk) RemoveToken(ctx context.Context, name, by string) error {
	return d.ledger.Update(ctx, func(tx ledger.Tx) error {
		tokens, err := tx.Tokens(tx.Context())
		switch {
		case err != nil:
			return err
		case !slices.ContainsFunc(tokens, func(t *ledger.Token) bool { return t.Name == name }):
			return fmt.Errorf("token %q: %w", name, ledger.ErrNotFound)
		}
		return tx.RemoveToken(name, ledger.Entry{At: d.view().Now, Actor: by})
	})
}
