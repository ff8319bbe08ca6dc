package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/internal/smtptest"
)

func TestThePageSpeaksTLS(t *testing.T) {
	port := freePort(t)
	s := newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\ncert_file = \"cert.pem\"\nkey_file = \"key.pem\"\n", port))
	made, _ := smtptest.Certificate(t)
	cert := made.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	s.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})))
	s.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	d := s.serve()
	first := d.logs("makes the first account")
	if !strings.Contains(first, fmt.Sprintf("https://127.0.0.1:%d/first/", port)) {
		t.Errorf("the first link is no https: %s", first)
	}
	d.logs(`"message":"page"`)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	res, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/signin", port))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/signin", port)); err == nil {
		if res.StatusCode == 200 {
			t.Error("it speaks plain HTTP beside TLS")
		}
		res.Body.Close()
	}
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

func TestMailsGoOutWhileThePagesAddressIsTaken(t *testing.T) {
	port := freePort(t)
	config := fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n", port)
	one := newSite(t, config)
	d1 := one.serve()
	d1.logs(`"message":"page"`)
	two := newSite(t, config)
	d2 := two.serve()
	d2.logs("the page cannot be served", "address already in use")
	d2.logs(`"sent":53`)
	for _, d := range []*daemon{d1, d2} {
		if err := d.end(os.Interrupt); err != nil {
			t.Error(err)
		}
	}
}

// The real daemon, and a command beside it: both act on one ledger.
func TestAReportAtThePageAndACommandSeeTheSame(t *testing.T) {
	s, d, base, _ := pageSite(t)
	d.logs(`"sent":53`)
	item := strings.TrimSpace(s.run("link", s.dues("status", "--unit", "czj", "--obligation", "1.3-budget")[0].ID))
	if !strings.HasPrefix(item, base+"/o/") {
		t.Fatalf("link %s", item)
	}
	res, err := http.PostForm(item+"/done", url.Values{"evidence": {"https://www.zs.example/1"}, "note": {"张三已公布"}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != 200 || !bytes.Contains(body, []byte("已办结")) {
		t.Errorf("%d %v %s", res.StatusCode, err, body)
	}
	if got := s.dues("status", "--unit", "czj", "--obligation", "1.3-budget", "--state", "closed"); len(got) != 1 {
		t.Errorf("status: %v", got)
	}
	s.run("reopen", s.dues("status", "--unit", "czj", "--obligation", "1.3-budget", "--state", "closed")[0].ID)
	res, err = http.Get(item)
	if err != nil {
		t.Fatal(err)
	}
	body, err = io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || bytes.Contains(body, []byte("已办结")) {
		t.Errorf("after a reopen by command: %v %s", err, body)
	}
	// The links of yesterday's key are dead in the running daemon at once.
	s.run("link", "--rotate")
	res, err = (&http.Client{Timeout: 10 * time.Second}).Get(item)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("after a rotation: %d", res.StatusCode)
	}
	// One line tells of the report, with ids; what people wrote is in no line.
	d.logs(`"occurrence":"zhongshan-2017:1.3-budget/czj/`, `"unit":"czj"`, `"state":"closed"`)
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	for _, line := range d.seen {
		for _, text := range []string{"张三", "www.zs.example/1", "公布一般公共预算", "市财政局"} {
			if strings.Contains(line, text) {
				t.Errorf("the log tells %q: %s", text, line)
			}
		}
	}
}
