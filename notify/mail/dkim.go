package mail

import (
	"bytes"
	"fmt"
	"os"

	gomail "github.com/wneessen/go-mail"
)

// Signer signs finished mails for a domain (DKIM, RFC 6376).
type Signer struct{ dkim *gomail.DKIMSigner }

// NewSigner reads an RSA or Ed25519 key from a PEM file.
func NewSigner(domain, selector, keyFile string) (*Signer, error) {
	pem, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("[mail.dkim] key_file: %w", err)
	}
	key, err := gomail.PrivKeyFromPEM(pem)
	if err != nil {
		return nil, fmt.Errorf("[mail.dkim] key_file: %s: %w: it must be an RSA or Ed25519 private key in PEM", keyFile, err)
	}
	s := &Signer{gomail.NewDKIMSigner(domain, selector, key)}
	// The first signature settles what later ones only read, and finds a bad key.
	if _, err := s.Sign([]byte("From: a@b.example\r\n\r\n")); err != nil {
		return nil, fmt.Errorf("[mail.dkim]: %w", err)
	}
	return s, nil
}

// Sign is the mail with its signature before it.
func (s *Signer) Sign(raw []byte) ([]byte, error) {
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		return nil, fmt.Errorf("a mail without a body cannot be signed")
	}
	signature, err := s.dkim.Sign(append(bytes.Clone(head), "\r\n"...), body)
	if err != nil {
		return nil, err
	}
	return append([]byte(signature), raw...), nil
}
