package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"duban/internal/smtptest"
	"duban/notify"
)

// piped is a client whose connections lead to the server through pipes: time in
// a test's bubble stands still while both wait.
func piped(t *testing.T, s *smtptest.Script, c Config) *SMTP {
	t.Helper()
	c.Host, c.Security, c.Connections, c.Helo = "script.example", "none", 1, "duban.example"
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	client, err := NewSMTP(c, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	client.dialTCP = func(context.Context) (net.Conn, error) {
		here, there := net.Pipe()
		go s.Serve(there)
		return here, nil
	}
	t.Cleanup(func() {
		for _, c := range client.drain() {
			c.close()
		}
	})
	return client
}

func mailTo(to ...string) notify.Message {
	return notify.Message{Name: "x@y", From: "duban@zs.example", To: to, Raw: []byte("Subject: s\r\n\r\n.dot\r\n..dots\r\nend\r\n")}
}

// class says what an outcome is.
func class(out notify.Outcome) string {
	var parts []string
	switch {
	case out.Err == nil && len(out.Refused) == 0:
		parts = append(parts, "sent")
	case notify.IsOurs(out.Err):
		parts = append(parts, "ours")
	case notify.IsDown(out.Err):
		parts = append(parts, "down")
	case out.Unknown:
		parts = append(parts, "unknown")
	case out.Err != nil && notify.IsRefused(out.Err):
		parts = append(parts, "failed")
	case out.Err != nil:
		parts = append(parts, "later")
	}
	for _, to := range []string{"a@x.example", "b@x.example"} {
		if err := out.Refused[to]; err != nil {
			how := "later"
			if notify.IsRefused(err) {
				how = "failed"
			}
			parts = append(parts, to[:1]+" "+how)
		}
	}
	return strings.Join(parts, ", ")
}

// at answers a line that begins like that.
func at(begin, answer string) func(*smtptest.Talk, string) string {
	return func(_ *smtptest.Talk, line string) string {
		if begin == "" && line == "" || begin != "" && strings.HasPrefix(line, begin) {
			return answer
		}
		return ""
	}
}

// TestEveryClassOfAnswerAtEveryStep is RFC 5321, 4.2.1 and 4.3.2: what each answer
// at each step means for the mail, over a new connection, with commands one by
// one and together.
func TestEveryClassOfAnswerAtEveryStep(t *testing.T) {
	for _, tc := range []struct{ step, answer, want string }{
		{"", "220 hello", "sent"},
		{"", "421 not now", "down"}, {"", "450 not now", "down"}, {"", "554 no mail here", "down"}, {"", "550 go away", "ours"}, {"", smtptest.Close, "down"}, {"", "nonsense", "down"},
		{"EHLO", "250 short", "sent"}, {"EHLO", "502 what?", "sent"}, {"EHLO", "500 what?", "sent"},
		{"EHLO", "504 a full name, please", "ours"}, {"EHLO", "550 no", "ours"}, {"EHLO", "421 later", "down"}, {"EHLO", "451 later", "down"}, {"EHLO", smtptest.Close, "down"},
		{"MAIL", "250 ok", "sent"}, {"MAIL", "421 later", "down"}, {"MAIL", "450 MI:DMC", "down"}, {"MAIL", "451 later", "down"}, {"MAIL", "452 full", "down"},
		{"MAIL", "501 bad sender", "ours"}, {"MAIL", "503 order", "ours"}, {"MAIL", "530 sign in", "ours"}, {"MAIL", "550 who?", "ours"}, {"MAIL", "553 mail from must equal user", "ours"}, {"MAIL", "552 too large", "failed"}, {"MAIL", smtptest.Close, "down"},
		{"RCPT TO:<a", "250 ok", "sent"}, {"RCPT TO:<a", "251 will forward", "sent"}, {"RCPT TO:<a", "252 cannot verify", "sent"},
		{"RCPT TO:<a", "421 later", "down"}, {"RCPT TO:<a", "450 busy", "a later"}, {"RCPT TO:<a", "451 grey", "a later"}, {"RCPT TO:<a", "452 too many", "a later"}, {"RCPT TO:<a", "552 too many", "a later"},
		{"RCPT TO:<a", "550 no such user", "a failed"}, {"RCPT TO:<a", "551 elsewhere", "a failed"}, {"RCPT TO:<a", "553 name", "a failed"}, {"RCPT TO:<a", "554 5.7.1 relaying", "a failed"}, {"RCPT TO:<a", "501 syntax", "a failed"},
		{"RCPT TO:<a", "554 5.7.1 <duban@zs.example>: Sender address rejected: Access denied", "ours"}, {"RCPT TO:<a", "550 5.1.8 sender's domain unknown", "ours"}, {"RCPT TO:<a", "450 4.7.1 <h>: Helo command rejected: Host not found", "ours"},
		{"RCPT TO:<a", "530 sign in", "ours"}, {"RCPT TO:<a", "504 HELO rejected", "ours"}, {"RCPT TO:<a", "535 no", "ours"}, {"RCPT TO:<a", smtptest.Close, "later"},
		{"RCPT", "550 no such user", "a failed, b failed"}, {"RCPT", "450 busy", "a later, b later"},
		{"DATA", "421 later", "down"}, {"DATA", "451 later", "later"}, {"DATA", "452 full", "later"}, {"DATA", "550 no", "failed"}, {"DATA", "554 no", "failed"}, {"DATA", "250 what?", "later"}, {"DATA", smtptest.Close, "later"},
		{".", "250 taken", "sent"}, {".", "421 later", "later"}, {".", "450 later", "later"}, {".", "451 later", "later"}, {".", "552 too large", "failed"}, {".", "554 spam", "failed"}, {".", smtptest.Close, "unknown"}, {".", "gibberish", "unknown"},
		{"QUIT", "\x00\xff\x01 binary", "sent"}, // smtp.qq.com
	} {
		for _, offers := range [][]string{{"8BITMIME"}, {"PIPELINING"}} {
			t.Run(fmt.Sprintf("%s %s %s", tc.step, tc.answer, offers[0]), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &smtptest.Script{EHLO: offers}
					var spent atomic.Bool // the answer is for one mail only
					s.Answer = func(c *smtptest.Talk, line string) string {
						if spent.Load() {
							return ""
						}
						return at(tc.step, tc.answer)(c, line)
					}
					client := piped(t, s, Config{})
					out := client.Send(t.Context(), mailTo("a@x.example", "b@x.example"))
					if got := class(out); got != tc.want {
						t.Errorf("%s (%v %v), want %s", got, out.Err, out.Refused, tc.want)
					}
					// What came of one mail does not spoil the next.
					spent.Store(true)
					if out := client.Send(t.Context(), mailTo("a@x.example")); class(out) != "sent" {
						t.Errorf("the next: %s, %v", class(out), out.Err)
					}
				})
			})
		}
	}
}

func TestEveryStepHasItsOwnLimit(t *testing.T) {
	// RFC 5321, 4.5.3.2; a server that is a second faster gets its mail through, once.
	for _, tc := range []struct {
		step  string
		limit time.Duration
		slow  string // what becomes of the mail
	}{
		{"", 5 * time.Minute, "down"}, {"EHLO", 5 * time.Minute, "down"}, {"MAIL", 5 * time.Minute, "down"}, {"RCPT", 5 * time.Minute, "later"}, {"DATA", 2 * time.Minute, "later"}, {".", 10 * time.Minute, "unknown"},
	} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s late %v", tc.step, late), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &smtptest.Script{}
					s.Answer = func(c *smtptest.Talk, line string) string {
						if at(tc.step, "x")(c, line) != "" {
							wait := tc.limit - time.Second
							if late {
								wait = tc.limit + time.Second
							}
							time.Sleep(wait) // by the clock of the bubble
						}
						return ""
					}
					client := piped(t, s, Config{Timeout: 30 * time.Second})
					out, want := client.Send(t.Context(), mailTo("a@x.example")), "sent"
					if late {
						want = tc.slow
					}
					if got := class(out); got != want {
						t.Errorf("%s: %v, want %s", got, out.Err, want)
					}
					if n := len(s.Mails()); !late && n != 1 {
						t.Errorf("%d copies arrived", n)
					}
					time.Sleep(time.Hour) // the server's goroutines end
				})
			})
		}
	}
}

func TestATiredConnectionGivesWayToANewOne(t *testing.T) {
	for name, tired := range map[string]string{"163.com": "450 MI:DMC", "Exim": "421 too many messages on this connection", "Yahoo": "451 Resources temporarily unavailable", "hangs up": smtptest.Close} {
		t.Run(name, func(t *testing.T) {
			s := &smtptest.Script{}
			s.Answer = func(c *smtptest.Talk, line string) string {
				if strings.HasPrefix(line, "MAIL") && c.Mails >= 3 {
					return tired
				}
				return ""
			}
			client := piped(t, s, Config{})
			for i := range 13 {
				if out := client.Send(t.Context(), mailTo("a@x.example")); class(out) != "sent" {
					t.Fatalf("mail %d: %s %v", i+1, class(out), out.Err)
				}
			}
			refused := 0
			for _, talk := range s.Talks() {
				if n := len(slices.DeleteFunc(slices.Clone(talk), func(l string) bool { return !strings.HasPrefix(l, "MAIL") })); n > 3 {
					refused++
				}
			}
			if len(s.Mails()) != 13 || len(s.Talks()) != 5 {
				t.Errorf("%d mails over %d connections", len(s.Mails()), len(s.Talks()))
			}
			if tired != smtptest.Close && refused != 1 {
				t.Errorf("it was refused %d times: what a connection takes was not learned", refused)
			}
		})
	}
}

func TestAConnectionThatEndsInTheMiddleOfAMailGivesWayToo(t *testing.T) {
	for _, step := range []string{"RCPT", "DATA"} {
		s := &smtptest.Script{}
		s.Answer = func(c *smtptest.Talk, line string) string {
			if strings.HasPrefix(line, step) && c.Mails == 1 {
				return "421 closing"
			}
			return ""
		}
		client := piped(t, s, Config{})
		for range 2 {
			if out := client.Send(t.Context(), mailTo("a@x.example")); class(out) != "sent" {
				t.Errorf("421 to %s: %s %v", step, class(out), out.Err)
			}
		}
	}
}

func TestAddressesGoOverTheWireAsServersHaveThem(t *testing.T) {
	for _, tc := range []struct {
		what, from, to string
		offers         []string
		want, mail     string
		rcpt           string
	}{
		{"ASCII, whatever is offered", "duban@zs.example", "a@x.example", []string{"SMTPUTF8", "8BITMIME", "DSN"}, "sent", "MAIL FROM:<duban@zs.example>", "RCPT TO:<a@x.example> ORCPT=rfc822;a@x.example"},
		{"a domain beyond ASCII", "duban@财政.中国", "czj@财政.中国", []string{"SMTPUTF8", "DSN"}, "sent", "MAIL FROM:<duban@xn--5bvu10g.xn--fiqs8s>", "RCPT TO:<czj@xn--5bvu10g.xn--fiqs8s> ORCPT=rfc822;czj@xn--5bvu10g.xn--fiqs8s"},
		{"a local part beyond ASCII", "duban@zs.example", "财政@x.example", []string{"8bitmime", "smtputf8"}, "sent", "MAIL FROM:<duban@zs.example> SMTPUTF8 BODY=8BITMIME", "RCPT TO:<财政@x.example>"},
		{"to a server without SMTPUTF8", "duban@zs.example", "财政@x.example", nil, "failed", "", ""},
		{"from us to a server without SMTPUTF8", "督办@zs.example", "a@x.example", nil, "ours", "", ""},
		{"what xtext has to encode", "duban@zs.example", "a+b=c@x.example", []string{"DSN"}, "sent", "MAIL FROM:<duban@zs.example>", "RCPT TO:<a+b=c@x.example> ORCPT=rfc822;a+2Bb+3Dc@x.example"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			s := &smtptest.Script{EHLO: tc.offers}
			m := mailTo(tc.to)
			m.From = tc.from
			out := piped(t, s, Config{}).Send(t.Context(), m)
			got := class(out)
			if err := out.Refused[tc.to]; err != nil {
				got = "later"
				if notify.IsRefused(err) {
					got = "failed"
				}
				if !strings.Contains(err.Error(), "SMTPUTF8") {
					t.Errorf("the reason is not said: %v", err)
				}
			}
			lines := slices.Concat(s.Talks()...)
			if got != tc.want || tc.mail != "" && (!slices.Contains(lines, tc.mail) || !slices.Contains(lines, tc.rcpt)) {
				t.Errorf("%s (%v); it said %q", got, out.Err, lines)
			}
		})
	}
}

func TestAnAddressThatTheServerCannotTakeHoldsBackNoOther(t *testing.T) {
	s := &smtptest.Script{}
	out := piped(t, s, Config{}).Send(t.Context(), mailTo("财政@x.example", "a@x.example", "no address"))
	if out.Err != nil || !notify.IsRefused(out.Refused["财政@x.example"]) || !notify.IsRefused(out.Refused["no address"]) || out.Refused["a@x.example"] != nil || len(s.Mails()) != 1 {
		t.Errorf("%v %v, %d mails", out.Err, out.Refused, len(s.Mails()))
	}
}

func TestDotsAndLinesArriveAsTheyWere(t *testing.T) {
	long := strings.Repeat(strings.Repeat("x", 70)+"\r\n.\r\n", 3000)
	for _, raw := range []string{"S: a\r\n\r\n.\r\n..\r\n.a\r\n", "S: a\r\n\r\nno end", long} {
		s := &smtptest.Script{}
		m := mailTo("a@x.example")
		m.Raw = []byte(raw)
		if out := piped(t, s, Config{}).Send(t.Context(), m); class(out) != "sent" {
			t.Fatal(out.Err)
		}
		if got := string(s.Mails()[0].Raw); strings.TrimSuffix(got, "\r\n") != strings.TrimSuffix(raw, "\r\n") {
			t.Errorf("%.60q arrived as %.60q", raw, got)
		}
	}
}

func TestWhatIsTakenBackIsNotSent(t *testing.T) {
	s := &smtptest.Script{}
	client := piped(t, s, Config{})
	m, no := mailTo("a@x.example"), errors.New("no")
	m.Ready = func() error { return no }
	if out := client.Send(t.Context(), m); !errors.Is(out.Err, no) || out.Unknown || notify.IsDown(out.Err) || len(s.Mails()) != 0 {
		t.Errorf("%+v", out)
	}
	if out := client.Send(t.Context(), mailTo("a@x.example")); class(out) != "sent" {
		t.Errorf("the next: %v", out.Err)
	}
}

func TestAStopLeavesWhatMayHaveArrived(t *testing.T) {
	for step, want := range map[string]string{"RCPT": "later", ".": "unknown"} {
		synctest.Test(t, func(t *testing.T) {
			s := &smtptest.Script{Answer: at(step, smtptest.Hang)}
			client := piped(t, s, Config{})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(8*time.Second, cancel)
			start := time.Now()
			out := client.Send(ctx, mailTo("a@x.example"))
			if got := class(out); got != want || time.Since(start) != 8*time.Second {
				t.Errorf("at %s: %s after %s, %v", step, got, time.Since(start), out.Err)
			}
		})
	}
}

func TestOtherWaysToSignInAreTried(t *testing.T) {
	login := 0
	answer := func(breaks string) func(*smtptest.Talk, string) string {
		return func(c *smtptest.Talk, line string) string {
			switch {
			case strings.HasPrefix(line, "AUTH PLAIN"), strings.HasPrefix(line, "AUTH CRAM-MD5"), strings.HasPrefix(line, "AUTH SCRAM"):
				return breaks // it offers what it cannot do
			case strings.HasPrefix(line, "AUTH LOGIN"):
				login = 1
				return "334 VXNlcm5hbWU6"
			case login == 1:
				login = 2
				return "334 UGFzc3dvcmQ6"
			case login == 2:
				login = 0
				return "235 welcome"
			}
			return ""
		}
	}
	for name, tc := range map[string]struct {
		offers, breaks string
		tries          int
	}{
		"the first fails":     {"AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN", "535 no", 1},
		"a temporary failure": {"AUTH PLAIN LOGIN", "454 not now", 2},
		"the first hangs up":  {"AUTH PLAIN LOGIN", smtptest.Close, 2},
		"keywords in small":   {"auth plain login", "504 unknown", 1},
		"the keyword of old":  {"AUTH=LOGIN PLAIN", "535 no", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &smtptest.Script{EHLO: []string{tc.offers}, Answer: answer(tc.breaks)}
			client := piped(t, s, Config{Username: "u", Password: "p"})
			var out notify.Outcome
			for range tc.tries {
				out = client.Send(t.Context(), mailTo("a@x.example"))
			}
			if class(out) != "sent" {
				t.Errorf("after %d tries: %v", tc.tries, out.Err)
			}
		})
	}
	s := &smtptest.Script{EHLO: []string{"AUTH PLAIN LOGIN"}, Answer: at("AUTH", "535 wrong")}
	if out := piped(t, s, Config{Username: "u", Password: "geheim"}).Send(t.Context(), mailTo("a@x.example")); !notify.IsOurs(out.Err) || strings.Contains(out.Err.Error(), "geheim") {
		t.Errorf("a wrong password: %v", out.Err)
	}
	s = &smtptest.Script{EHLO: []string{"AUTH GSSAPI"}}
	if out := piped(t, s, Config{Username: "u", Password: "p"}).Send(t.Context(), mailTo("a@x.example")); !notify.IsDown(out.Err) || !strings.Contains(out.Err.Error(), "GSSAPI") {
		t.Errorf("no way that we know: %v", out.Err)
	}
}

func TestTheServerIsGreetedByAFullNameOrAnAddress(t *testing.T) {
	for _, tc := range []struct{ helo, name, want string }{
		{"mail.zs.example", "host.example", "EHLO mail.zs.example"}, {"", "host.example", "EHLO host.example"}, {"", "", "EHLO [127.0.0.1]"},
	} {
		s := smtptest.StartScript(t, nil)
		host, port := s.HostPort()
		client, err := NewSMTP(Config{Host: host, Port: port, Security: "none", Connections: 1, Timeout: time.Second, Helo: tc.helo}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		client.fullName = func() string { return tc.name }
		if err := client.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		if said := s.Talks()[0][0]; said != tc.want {
			t.Errorf("%q", said)
		}
	}
	if a := addressLiteral(&net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 25, Zone: ""}); a != "[IPv6:2001:db8::1]" {
		t.Errorf("%s (RFC 5321, 4.1.3)", a)
	}
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("no IPv6 here: %v", err)
		return
	}
	defer l.Close()
	s := &smtptest.Script{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.Serve(c)
		}
	}()
	for _, host := range []string{"::1", "[::1]"} {
		client, err := NewSMTP(Config{Host: host, Port: l.Addr().(*net.TCPAddr).Port, Security: "none", Connections: 1, Timeout: time.Second, Helo: "x.example"}, time.Now)
		if err == nil {
			err = client.Probe(t.Context())
		}
		if err != nil {
			t.Errorf("host = %q: %v", host, err)
		}
	}
}

func TestAnAnswerWithoutAnEndIsCutOff(t *testing.T) {
	s := &smtptest.Script{Answer: func(_ *smtptest.Talk, line string) string {
		if strings.HasPrefix(line, "EHLO") {
			return strings.TrimSuffix(strings.Repeat("250-"+strings.Repeat("x", 1000)+"\r\n", 10_000), "\r\n")
		}
		return ""
	}}
	if out := piped(t, s, Config{}).Send(t.Context(), mailTo("a@x.example")); !notify.IsDown(out.Err) || !errors.Is(out.Err, errLongReply) {
		t.Errorf("%v", out.Err)
	}
}
