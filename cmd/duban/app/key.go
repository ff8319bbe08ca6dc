package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/rules/problem"
	"duban/web"
)

// Daemons that share a ledger sign the units' links with one key: a link that one has
// sent another has to know. The ledger has the key's fingerprint.

const factKey = "link key" // its fingerprint

// fingerprint tells keys apart, and tells nothing of them.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(append([]byte("duban link key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}

// agreeOnKey makes sure that there is a key, and that it is that of the others.
func (s *Site) agreeOnKey(ctx context.Context, l ledger.Store) error {
	links := Links(s.Config)
	if links == nil {
		return nil
	}
	key, err := links.Key()
	if err != nil {
		return problem.Errorf("the key of the units' links: %w", err)
	}
	if !s.Config.Shared() {
		return nil
	}
	var known string
	err = l.Update(ctx, func(tx ledger.Tx) (err error) {
		if known, err = tx.Fact(tx.Context(), factKey); err != nil || known != "" {
			return err
		}
		known = fingerprint(key)
		return tx.SetFact(factKey, known)
	})
	if err == nil && known != fingerprint(key) {
		err = problem.New(problem.Conflict, "%s is not the key that the other daemons sign the units' links with: put theirs in its place (fingerprint %s, this one's %s), or end all links that were sent: duban link --rotate writes a new one, for every machine to have",
			s.Config.LinkKey(), known, fingerprint(key))
	}
	return err
}

// RotateKey writes a new key, with which all links that were sent are dead. Where
// daemons share the ledger, the others need it too before they start again.
func RotateKey(ctx context.Context, c *config.Config) error {
	if err := web.RotateKey(c.LinkKey(), true); err != nil || !c.Shared() {
		return err
	}
	key, err := web.FileKey(c.LinkKey())()
	if err != nil {
		return err
	}
	l, err := OpenLedger(ctx, c, ToAdmit)
	if err != nil {
		return err
	}
	defer l.Close()
	return l.Update(ctx, func(tx ledger.Tx) error { return tx.SetFact(factKey, fingerprint(key)) })
}
