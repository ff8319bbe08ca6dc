package web

import (
	"testing"

	"duban/ledger"
)

// Nobody reads every = "month": the list says deadlines as documents do.
func TestTheListOfRulesSaysDeadlinesInWords(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	for lang, want := range map[string]string{"zh-CN": "每月", "en": "month"} {
		o := w.s.Rules().Plans[0].Obligations[0]
		code, body := b.get("/rules?plan=p&kind=obligation&lang=" + lang)
		wants(t, code, body, 200, o.Words(lang), want)
	}
}

func TestAnEntryAboutAPlanLeadsToIt(t *testing.T) {
	for ref, want := range map[string]string{"p": "/rules/p/plan/p", "p:p": "/rules/p/plan/p"} {
		if got := subjectPath(ledger.Subject{Kind: ledger.AboutPlan, Ref: ref}); got != want {
			t.Errorf("%s leads to %s", ref, got)
		}
	}
}
