package mail

import (
	"context"
	"fmt"
	"testing"
	"time"

	"duban/internal/smtptest"
	"duban/notify"
)

func TestMailsGoOverOneConnectionThatIsSecured(t *testing.T) {
	s := smtptest.Start(t)
	s.User, s.Password, s.Mechanisms = "duban", "secret", []string{"PLAIN"}
	host, port := s.HostPort()
	now := time.Date(2017, 7, 14, 9, 0, 0, 0, time.UTC)
	open := func(c Config) *SMTP {
		c.Host, c.Port, c.CAFile, c.Connections, c.Timeout, c.Helo, c.Username = host, port, s.CA, 1, 5*time.Second, "duban.example", "duban"
		client, err := NewSMTP(c, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return client
	}
	client := open(Config{Security: "starttls", Password: "secret"})
	if err := client.Probe(context.Background()); err != nil {
		t.Fatal(err)
	}
	probed := s.Connections()
	for i := range 3 {
		m := mailTo("a@x.example", "b@x.example")
		m.Name = fmt.Sprint(i, "@y")
		if out := client.Send(context.Background(), m); out.Err != nil || len(out.Refused) > 0 {
			t.Fatalf("%d: %+v", i, out)
		}
		now = now.Add(time.Hour) // it is asked whether it lives
	}
	if n := len(s.Mails()); n != 3 {
		t.Errorf("%d mails", n)
	}
	if n := s.Connections() - probed; n > 2 { // EHLO before and after STARTTLS
		t.Errorf("%d sessions for one connection", n)
	}
	for what, c := range map[string]Config{
		"a wrong password":             {Security: "starttls", Password: "wrong"},
		"TLS where it speaks STARTTLS": {Security: "tls", Password: "secret"},
	} {
		if out := open(c).Send(context.Background(), mailTo("a@x.example")); !notify.IsDown(out.Err) {
			t.Errorf("%s: %+v", what, out)
		}
		if err := open(c).Probe(context.Background()); err == nil {
			t.Errorf("%s: a probe says all is well", what)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if out := open(Config{Security: "starttls", Password: "secret"}).Send(ended, mailTo("a@x.example")); out.Err == nil {
		t.Error("sent when it was told to stop")
	}
	if n := len(s.Mails()); n != 3 {
		t.Errorf("%d mails in the end", n)
	}
}

func TestParametersAreWrittenAsTheirRFCSays(t *testing.T) {
	for in, want := range map[string]string{"a@x.example": "a@x.example", "a+b=c@x": "a+2Bb+3Dc@x", "a b": "a+20b", "\x7f": "+7F", "!~": "!~"} {
		if got := xtext(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
