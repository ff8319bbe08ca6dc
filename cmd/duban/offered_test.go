package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"duban/internal/oidctest"
	"duban/internal/robottest"
)

// uncommented is a configuration with those of its examples in force whose table begins
// so: up to the next empty line.
func uncommented(t *testing.T, config string, tables ...string) string {
	t.Helper()
	var out []string
	on := false
	for line := range strings.Lines(config) {
		for i, table := range tables {
			if strings.HasPrefix(line, "# "+table) {
				on, tables[i] = true, "\x00" // found
			}
		}
		if on = on && strings.HasPrefix(line, "# "); on {
			line = strings.TrimPrefix(line, "# ")
		}
		out = append(out, line)
	}
	for _, table := range tables {
		if table != "\x00" {
			t.Errorf("the configuration offers no %s", table)
		}
	}
	return strings.Join(out, "")
}

// What the configurations that people begin with offer in comments is right as it
// stands there: with the files that it names, check and doctor take it.
func TestWhatConfigurationsOfferInCommentsIsRight(t *testing.T) {
	provider := oidctest.Start(t, "http://127.0.0.1:8417/signin/oidc/callback")
	robot := robottest.New(t, "wecom", "", time.Now)
	for _, from := range []string{"example/config.toml", "../../packaging/config.toml"} {
		s := newSite(t, "")
		config, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		text := uncommented(t, string(config), "[channel.", "[[webhook]]", "[web.oidc]")
		for _, domain := range []string{"example.org", "zs.example"} { // which nobody has
			text = strings.NewReplacer("https://sso."+domain+"/realms/office", provider.URL, "https://oa."+domain, robot.URL).Replace(text)
		}
		s.write("config.toml", strings.NewReplacer("/etc/duban/", "", "/var/lib/duban/", "var/", `"plans/*"`, `"plan"`).Replace(text))
		for name, secret := range map[string]string{"office-group.url": robot.File(), "oa.secret": hookSecret + "\n", "oidc.secret": oidctest.Secret + "\n"} {
			s.write(name, secret)
			if err := os.Chmod(s.path(name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.run("check")
		s.run("tick") // doctor wants a ledger
		said := s.run("doctor")
		for _, has := range []string{"office-group", "webhook oa", provider.URL} {
			if !strings.Contains(said, has) {
				t.Errorf("%s: doctor says nothing of %s:\n%s", from, has, said)
			}
		}
	}
}
