package address

import (
	"strings"
	"testing"

	"github.com/emersion/go-message/mail"
)

func TestAddressesAsPeopleAndServersHaveThem(t *testing.T) {
	for _, tc := range []struct{ in, name, bare, wire string }{
		{"a@b.example", "", "a@b.example", "a@b.example"},
		{"管理员 <a@b.example>", "管理员", "a@b.example", "a@b.example"},
		{`"Office, Main" <A.B@B.Example>`, "Office, Main", "A.B@B.Example", "A.B@B.Example"},
		{"czj@财政.中国", "", "czj@财政.中国", "czj@xn--5bvu10g.xn--fiqs8s"},
		{"czj@财政。中国", "", "czj@财政。中国", "czj@xn--5bvu10g.xn--fiqs8s"},
		{"czj@Bücher.example", "", "czj@Bücher.example", "czj@xn--bcher-kva.example"},
		{"财政局@财政.中国", "", "财政局@财政.中国", "财政局@xn--5bvu10g.xn--fiqs8s"},
		{`x <"a b"@c.example>`, "x", "a b@c.example", `"a b"@c.example`},
		{"a@my_host.local", "", "a@my_host.local", "a@my_host.local"},
	} {
		a, err := Parse(tc.in)
		if err != nil || a.Name != tc.name || a.Bare() != tc.bare || a.Wire() != tc.wire {
			t.Errorf("%s: %+v %s, %v", tc.in, a, a.Wire(), err)
			continue
		}
		// What a header has, a second library reads.
		h := mail.HeaderFromMap(map[string][]string{"To": {a.Header()}})
		list, err := h.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Name != tc.name || !strings.HasSuffix(list[0].Address, "@"+a.ASCIIHost()) {
			t.Errorf("%s: header %s reads as %v, %v", tc.in, a.Header(), list, err)
		}
	}
	for _, bad := range []string{"", "a", "@b.example", "a@", "a@b.example, c@d.example", "a\r\n@b.example", "a@b.example\u200b", "a@例\u200d子..中国", strings.Repeat("a", 65) + "@b.example", "a@" + strings.Repeat("b", 250) + ".example", "a＠b.example", "a@-财.中国"} {
		if a, err := Parse(bad); err == nil {
			t.Errorf("%q was taken for %+v", bad, a)
		}
	}
}

func TestTheSameMailbox(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		same bool
	}{
		{"a@B.example", "A@b.EXAMPLE", true},
		{"a@财政.中国", "a@XN--5BVU10G.xn--fiqs8s", true},
		{"a@b.example", "b@b.example", false},
	} {
		if Same(tc.a, tc.b) != tc.same {
			t.Errorf("%s and %s", tc.a, tc.b)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a@b.example", "管理员 <a@b.example>", `x <"a b"@c.example>`, "财政局@财政.中国"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(a.Wire(), "\r\n<>") && !strings.Contains(a.Wire(), `"`) {
			t.Errorf("%q goes over the wire as %q", s, a.Wire())
		}
		again, err := Parse("<" + a.Wire() + ">")
		if err != nil || again.Wire() != a.Wire() {
			t.Errorf("%q: %q reads again as %q, %v", s, a.Wire(), again.Wire(), err)
		}
	})
}
