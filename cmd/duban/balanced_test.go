package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/internal/need"
	"duban/internal/pgtest"
	"duban/internal/smtptest"
)

// swapped is a text with some of it in the place of other: each pair has to be there.
func swapped(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %q", file, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// The example that packages bring: three daemons on one database, and nginx before them.
func TestTheExampleForSeveralMachinesWorks(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		need.Missing(t, "nginx is not installed (apt install nginx-light)")
	}
	dsn := pgtest.Database(t)
	t.Setenv("DUBAN_POSTGRES", dsn)
	var all []*machine
	balancer := []string{}
	for i := range 3 {
		port := freePort(t)
		s := newSite(t, "")
		s.write("config.toml", swapped(t, "../../packaging/shared/config.toml",
			`plans    = ["plans/*"]`, `plans = ["plan"]`, `transport      = "smtp"`, `transport = "maildir"`, "127.0.0.1:8417", fmt.Sprintf("127.0.0.1:%d", port)))
		s.write("link.key", strings.Repeat("one key for all ", 3)+"\n")
		all = append(all, &machine{site: s, base: fmt.Sprintf("http://127.0.0.1:%d", port)})
		balancer = append(balancer, fmt.Sprintf("127.0.0.1:841%d", i+1), fmt.Sprintf("127.0.0.1:%d", port))
	}
	all[0].run("ledger", "plans", "push")
	for _, m := range all {
		m.daemon = m.serve()
	}
	for _, m := range all {
		eventually(t, m.base+" is ready", func() bool { return m.ready() != "" })
	}

	dir := t.TempDir()
	made, _ := smtptest.Certificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(made.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	front := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	site := swapped(t, "../../packaging/shared/nginx.conf", append(balancer, "listen 443", "listen "+front, "/etc/ssl/duban", dir)...)
	for name, text := range map[string]string{
		"fullchain.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificates[0].Certificate[0]})),
		"privkey.pem":   string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"site.conf":     site,
		"nginx.conf":    fmt.Sprintf("daemon off; pid %[1]s/pid; error_log stderr; events {} http { access_log off; include %[1]s/site.conf; }", dir),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(nginx, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it ends its workers
		_ = cmd.Wait()
	}()

	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", front)
		},
	}}
	status := func(path string) int {
		res, err := client.Get("https://duban.zs.example" + path)
		if err != nil {
			return 0
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	eventually(t, "the page answers through nginx", func() bool { return status("/signin") == http.StatusOK })
	if code := status("/metrics"); code != http.StatusNotFound {
		t.Errorf("figures through nginx: %d", code)
	}
	_ = all[1].cmd.Process.Kill() // the test ends it
	for i := range 12 {
		if code := status("/signin"); code != http.StatusOK {
			t.Errorf("request %d, with one daemon dead: %d", i, code)
		}
	}
	for _, m := range []*machine{all[0], all[2]} {
		if err := m.end(os.Interrupt); err != nil {
			t.Error(err)
		}
	}
}
