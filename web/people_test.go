package web

import (
	"strings"
	"testing"

	"duban/ledger"
	"duban/scheduler/views"
)

// Whom to call is for administrators and supervisors: no viewer sees it, wherever the
// page shows a unit.
func TestWhomToCallIsNotForViewers(t *testing.T) {
	w := newWorld(t)
	w.write("plan/units.toml", strings.Replace(unitsText, "supervisor = \"boss\"", "supervisor = \"boss\"\ncontact = \"Zhang San\"\nphone = '0760-88331122'\n[[unit.away]]\nfrom = 2026-05-01\nto = 2026-07-01\nmail = [\"li@x.example\"]", 1))
	w.s.TakeOver(t.Context(), w.load)
	w.tick()
	admin, viewer := w.signedInAs("root", ledger.RoleAdmin), w.signedInAs("guest", ledger.RoleViewer)
	for _, page := range []string{"/?unit=a", "/rules?kind=unit", "/rules/p/unit/a", "/occurrence/p/1.1-budget/a/2026-05", "/journal", "/occurrences?unit=a", "/register?unit=a"} {
		_, body := viewer.get(page)
		if strings.Contains(body, "Zhang San") || strings.Contains(body, "88331122") {
			t.Errorf("a viewer sees on %s whom to call:\n%s", page, plain(body))
		}
	}
	for _, page := range []string{"/?unit=a", "/rules?kind=unit", "/rules/p/unit/a", "/occurrence/p/1.1-budget/a/2026-05"} {
		if _, body := admin.get(page); !strings.Contains(body, "Zhang San") || !strings.Contains(body, "88331122") {
			t.Errorf("an administrator does not see on %s whom to call", page)
		}
	}
	_, body := w.browser().get(w.after(w.Links.Supervisor("boss", w.now())))
	if !strings.Contains(body, "Zhang San") || !strings.Contains(body, "2026-07-01") || !strings.Contains(body, "li@x.example") {
		t.Errorf("a supervisor does not see whom to call, or that somebody is away:\n%s", plain(body))
	}
}

func TestATextIsShownWithoutPeople(t *testing.T) {
	for text, want := range map[string]string{
		"contact = \"张三\"\nname = \"甲\"":                 "contact = \"…\"\nname = \"甲\"",
		"contact=\"a \\\"b\\\" c\"\nid = \"x\"":          "contact=\"…\"\nid = \"x\"",
		"+phone   = '0760'\n":                            "+phone   = \"…\"\n",
		`"contact" = "x"`:                                `"contact" = "…"`,
		`{"text":"id = \"a\"\ncontact = \"张三\"\nx = 1"}`: `{"text":"id = \"a\"\ncontact = "…"\nx = 1"}`,
		"name = \"contact\"":                             "name = \"contact\"",
	} {
		if got := views.WithoutPeople(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
