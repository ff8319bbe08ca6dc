package post

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNothingInsideIsDialledThatNobodyNamed(t *testing.T) {
	for _, c := range []struct {
		at, literal, allow string
		may                bool
	}{
		{"203.119.25.3", "", "", true}, {"2400:3200::1", "", "", true},
		{"127.0.0.1", "", "", false}, {"127.8.9.1", "", "", false}, {"::1", "", "", false}, {"0.0.0.0", "", "", false}, {"::", "", "", false},
		{"10.1.2.3", "", "", false}, {"172.16.0.1", "", "", false}, {"172.31.255.255", "", "", false}, {"172.32.0.1", "", "", true}, {"192.168.1.1", "", "", false},
		{"169.254.169.254", "", "", false}, {"100.64.0.1", "", "", false}, {"100.128.0.1", "", "", true}, {"224.0.0.1", "", "", false}, {"255.255.255.255", "", "", false},
		{"fe80::1%eth0", "", "", false}, {"fc00::1", "", "", false}, {"fd12::1", "", "", false}, {"ff02::1", "", "", false},
		{"::ffff:127.0.0.1", "", "", false}, {"::ffff:10.0.0.1", "", "", false}, {"::ffff:203.119.25.3", "", "", true},
		{"::127.0.0.1", "", "", false}, {"64:ff9b::7f00:1", "", "", false}, {"64:ff9b::cb77:1903", "", "", true}, {"2002:7f00:1::", "", "", false},
		{"127.0.0.1", "127.0.0.1", "", true}, {"127.0.0.2", "127.0.0.1", "", false}, {"::ffff:127.0.0.1", "127.0.0.1", "", true},
		{"10.1.2.3", "", "10.0.0.0/8", true}, {"11.1.2.3", "", "10.0.0.0/8", true}, {"192.168.1.1", "", "10.0.0.0/8", false}, {"::ffff:10.1.2.3", "", "10.0.0.0/8", true},
		{"fd12::1", "", "fd00::/8", true},
	} {
		var literal netip.Addr
		if c.literal != "" {
			literal = netip.MustParseAddr(c.literal)
		}
		var allow []netip.Prefix
		if c.allow != "" {
			allow = append(allow, netip.MustParsePrefix(c.allow))
		}
		if mayDial(netip.MustParseAddr(c.at), literal, allow) != c.may {
			t.Errorf("%s for %q, allowed %q: want %v", c.at, c.literal, c.allow, c.may)
		}
	}
}

func TestNoSecretIsLeftInWords(t *testing.T) {
	for _, url := range []string{
		"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=SECRETSECRET", "https://u:SECRETSECRET@h.example/", "https://h.example/open-apis/bot/v2/hook/SECRETSECRETSECRETSECRET",
		"https://h.example/x?a=%2BSECRETSECRET", "ntfy://SECRETSECRET@ntfy.sh/topic", "telegram://SECRETSECRET@telegram?chats=1", "generic+https://h.example/SECRETSECRET", "://SECRETSECRET",
	} {
		a := Address{URL: url, Secret: "whsec_ANOTHER"}
		secret := regexp.MustCompile(`(%2B)?(SECRET)+`).FindString(url)
		said := a.Clean("Post " + url + ": " + secret + " and whsec_ANOTHER failed " + url[strings.Index(url, "//"):])
		if strings.Contains(said, "SECRETSECRET") || strings.Contains(said, "ANOTHER") {
			t.Errorf("%s: %s", url, said)
		}
		if !strings.Contains(said, "failed") {
			t.Errorf("nothing is left of the words: %s", said)
		}
	}
}

func TestAFileHasAnAddressAndWhatSigns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	for text, want := range map[string]Address{
		"https://x.example/y\n": {URL: "https://x.example/y"}, "\ufeffhttps://x.example\r\n\r\nSEC1\r\n": {URL: "https://x.example", Secret: "SEC1"},
		"  https://x.example  \n  s  ": {URL: "https://x.example", Secret: "s"}, "": {}, "\n \n": {}, "a\nb\nc\n": {},
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Read(file)
		if want == (Address{}) {
			if err == nil || strings.Contains(err.Error(), "https") {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if a != want || err != nil {
			t.Errorf("%q: %q %q, %v", text, a.URL, a.Secret, err)
		}
	}
	if _, err := Read(file + "x"); err == nil {
		t.Error("a file that is not there is read")
	}
}

func TestHowLongAServerMayAskFor(t *testing.T) {
	now := time.Date(2017, 7, 14, 9, 0, 0, 0, time.UTC)
	for said, want := range map[string]time.Duration{
		"": time.Minute, "5": 5 * time.Second, "0": time.Second, "-4": time.Minute, "99999999999": LongestWait, "x": time.Minute,
		"Fri, 14 Jul 2017 09:02:00 GMT": 2 * time.Minute, "Fri, 14 Jul 2017 08:00:00 GMT": time.Second, "Sat, 15 Jul 2017 09:00:00 GMT": LongestWait,
	} {
		a := Answer{Header: http.Header{"Retry-After": {said}}}
		if got := a.Wait(now, time.Minute); got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Answer{Header: http.Header{"Retry-After": {rapid.String().Draw(t, "said")}}}
		if got := a.Wait(now, time.Minute); got < time.Second || got > LongestWait {
			t.Fatalf("%s", got)
		}
	})
}
