package config

import (
	"net/url"
	"os"
	"strings"

	"duban/rules/problem"
	"duban/rules/toml"
)

// OIDC is [web.oidc]: who says who people are. No issuer: nobody does.
type OIDC struct {
	Issuer, ClientID, SecretFile string
	GroupsClaim                  string
	Admins                       []string // groups
}

func (r reader) oidc(t *toml.Table) {
	if t == nil {
		return
	}
	o := &r.c.OIDC
	o.Issuer, o.ClientID, o.SecretFile = t.String("issuer"), t.String("client_id"), r.path(t.String("client_secret_file"))
	o.GroupsClaim = textOr(t, "groups_claim", "groups")
	for _, v := range t.Strings("admins") {
		o.Admins = append(o.Admins, v.Text)
	}
	u, err := url.Parse(o.Issuer)
	switch {
	case o.Issuer == "":
		t.Errorf("issuer", `say who signs people in: issuer = "https://sso.zs.example/realms/office", as the service itself names it`)
	case err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopbackURL(o.Issuer)) || u.RawQuery != "" || u.Fragment != "":
		t.Errorf("issuer", `%q is no address of a sign-on service: write it like "https://sso.zs.example/realms/office"`, o.Issuer)
	}
	if o.ClientID == "" {
		t.Errorf("client_id", "say as whom duban is known to the sign-on service: client_id")
	}
	if r.c.Listen == "" {
		t.Errorf("issuer", `there is no page to sign in at: set [web] listen`)
	}
	t.Done()
}

// OIDCSecret is duban's own at the sign-on service: from its file, systemd's
// credential oidc-secret, or the environment; empty: it has none there (PKCE alone).
// It is read each time, so that it can be changed.
func (c *Config) OIDCSecret() (string, error) {
	file := c.OIDC.SecretFile
	if file == "" {
		if file = credential("oidc-secret"); file == "" {
			return os.Getenv("DUBAN_OIDC_SECRET"), nil
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", problem.Errorf("[web.oidc] client_secret_file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
