package mail

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"duban/internal/imaptest"
	"duban/internal/smtptest"
)

func TestAnIMAPInboxHandsOverEachMailOnce(t *testing.T) {
	server := imaptest.Start(t, "duban", "密码")
	server.Put("Subject: one\r\n\r\n1")
	server.Put(report("failed", "czj@zs.example", "", returned))
	in := IMAPInbox{Address: server.Address, Username: "duban", Password: "密码", CAFile: server.CA}
	bounces, mails := 0, 0
	read := func() {
		t.Helper()
		if err := in.Each(t.Context(), func(raw []byte) error {
			mails++
			if _, ok := ParseBounce(raw); ok {
				bounces++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	read()
	read()
	if mails != 2 || bounces != 1 {
		t.Errorf("%d mails, %d bounces", mails, bounces)
	}
	in.Password = "wrong"
	if err := in.Each(t.Context(), nil); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password: %v", err)
	}
	in.CAFile = ""
	if err := in.Each(t.Context(), nil); err == nil {
		t.Error("an unknown certificate was trusted")
	}
}

// picky is an IMAP server that behaves as 163.com's does: who does not say who he
// is opens no mailbox. Its second mail cannot be fetched.
func picky(t *testing.T, config *tls.Config, said *[]string, mu *sync.Mutex) string {
	return smtptest.Listen(t, func(raw net.Conn) {
		conn := tls.Server(raw, config)
		defer conn.Close()
		known := false
		fmt.Fprintf(conn, "* OK [CAPABILITY IMAP4rev1 ID] ready\r\n")
		for r := bufio.NewReader(conn); ; {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
			mu.Lock()
			*said = append(*said, command)
			mu.Unlock()
			switch verb := strings.ToUpper(command); {
			case strings.HasPrefix(verb, "CAPABILITY"):
				fmt.Fprintf(conn, "* CAPABILITY IMAP4rev1 ID\r\n")
			case strings.HasPrefix(verb, "ID "):
				known = true
				fmt.Fprintf(conn, "* ID NIL\r\n")
			case strings.HasPrefix(verb, "SELECT") && !known:
				fmt.Fprintf(conn, "%s NO SELECT Unsafe Login. Please contact kefu@188.com for help\r\n", tag)
				continue
			case strings.HasPrefix(verb, "SELECT"):
				fmt.Fprintf(conn, "* 3 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 1] ok\r\n")
			case strings.HasPrefix(verb, "UID SEARCH"):
				fmt.Fprintf(conn, "* SEARCH 1 2 3\r\n")
			case strings.HasPrefix(verb, "UID FETCH 2"):
				fmt.Fprintf(conn, "%s NO it is damaged\r\n", tag)
				continue
			case strings.HasPrefix(verb, "UID FETCH"):
				n := strings.Fields(verb)[2]
				fmt.Fprintf(conn, "* %s FETCH (UID %s BODY[]<0> {5}\r\nmail%s)\r\n", n, n, n)
			case strings.HasPrefix(verb, "LOGOUT"):
				fmt.Fprintf(conn, "* BYE\r\n")
			}
			fmt.Fprintf(conn, "%s OK done\r\n", tag)
		}
	})
}

func TestAPickyIMAPServerAndADamagedMailHoldNothingBack(t *testing.T) {
	config, ca := smtptest.Certificate(t)
	var said, got []string
	var mu sync.Mutex
	in := IMAPInbox{Address: picky(t, config, &said, &mu), Username: "u", Password: "p", CAFile: ca}
	if err := in.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	mu.Lock()
	said = nil
	mu.Unlock()
	err := in.Each(t.Context(), func(raw []byte) error { got = append(got, string(raw)); return nil })
	if err == nil || !strings.Contains(err.Error(), "mail 2") || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("the damaged one is told as %v", err)
	}
	if s := strings.Join(got, " "); s != "mail1 mail3" {
		t.Errorf("handed over: %s", s)
	}
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(said, "\n")
	if strings.Count(all, "UID FETCH") != 3 || !strings.Contains(all, "<0.4194304>") || strings.Count(all, "UID STORE") != 2 {
		t.Errorf("it asked\n%s", all)
	}
}
