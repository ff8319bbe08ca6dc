package mail

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"duban/notify"
	"duban/rules/address"
)

// letters are mails in both languages.
func letters() map[string]*notify.Notice {
	return map[string]*notify.Notice{
		"zh": {Kind: notify.Admin, Language: "zh-CN", Title: notify.AdminSubject("zh-CN", "一段很长很长很长很长很长很长很长的标题"), Text: "第一段。\n\n第二段"},
		"en": {Kind: notify.Admin, Language: "en", Title: notify.AdminSubject("en", "title"), Text: "text\n.\n"},
	}
}

func TestSignaturesVerify(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := NewSigner("zs.example", "d1", key)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range letters() {
		raw, err := NewChannel(nil, s).Compose(n, notify.Envelope{MessageID: "x@zs.example", From: address.Must("督办 <duban@zs.example>"), To: []address.Address{address.Must("czj@zs.example")}})
		if err != nil {
			t.Fatal(err)
		}
		record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
		check := func(raw []byte) error {
			found, err := dkim.VerifyWithOptions(strings.NewReader(string(raw)), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
				if domain != "d1._domainkey.zs.example" {
					return nil, fmt.Errorf("asked for %s", domain)
				}
				return []string{record}, nil
			}})
			if err != nil {
				return err
			}
			if len(found) != 1 {
				return fmt.Errorf("%d signatures", len(found))
			}
			return found[0].Err
		}
		if err := check(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := check([]byte(strings.Replace(string(raw), "Subject:", "Subject: x", 1))); err == nil {
			t.Errorf("%s: a changed subject verifies", name)
		}
	}
	for _, bad := range []string{"/nowhere", "dkim.go"} {
		if _, err := NewSigner("zs.example", "d1", bad); err == nil || !strings.Contains(err.Error(), "key_file") {
			t.Errorf("key %s: %v", bad, err)
		}
	}
}
