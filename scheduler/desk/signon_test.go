package desk_test

import (
	"context"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// A name that a provider's user has chosen is nobody else's here: the journal tells by it
// who did something.
func TestWhoSignsOnHasANameOfHisOwn(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	ctx := context.Background()
	if _, err := w.Desk.AddAccount(ctx, "li", ledger.RoleAdmin, "a long enough password", "test", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.AddToken(ctx, "oa", ledger.RoleAdmin, "test"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for subject, name := range map[string]string{
		"1": "li", "2": "oa", "3": "a", "4": "甲局", "5": engine.ByDaemon, "6": "li", "7": "", "8": "..", "9": "<script>", "10": "wang", "11": "王 伟", "12": string(make([]byte, 500)),
	} {
		a, err := w.Desk.SignOn(ctx, desk.Newcomer{Issuer: "https://sso.example/x", Subject: subject, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if a.Role != ledger.RoleViewer || seen[a.Name] || a.Name == name && name != "wang" || len(a.Name) > 64 {
			t.Errorf("%q is called %q, %s", name, a.Name, a.Role)
		}
		seen[a.Name] = true
		again, err := w.Desk.SignOn(ctx, desk.Newcomer{Issuer: "https://sso.example/x", Subject: subject, Name: "another"})
		if err != nil || again.Name != a.Name {
			t.Errorf("%q comes again as %q, %v", a.Name, again.Name, err)
		}
		if other, err := w.Desk.SignOn(ctx, desk.Newcomer{Issuer: "https://other.example", Subject: subject, Name: name}); err != nil || other.Name == a.Name {
			t.Errorf("who is %s at another provider is %q too, %v", subject, a.Name, err)
		}
	}
	w.Verify()
}
