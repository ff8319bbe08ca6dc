package signon

import (
	"encoding/json"

	"github.com/coreos/go-oidc/v3/oidc"
)

// IsAdmin tells whether claims make an administrator of somebody.
func IsAdmin(text, claim string, admins ...string) bool {
	claims := map[string]any{}
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		panic(err)
	}
	return New(Options{GroupsClaim: claim, Admins: admins}).identity(&oidc.IDToken{}, claims).Admin
}
