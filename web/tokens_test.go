package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"duban/ledger"
	"duban/scheduler/desk"
)

func TestATokenIsShownOnceToAdministrators(t *testing.T) {
	w := newWorld(t)
	admin, viewer := w.signedInAs("root", ledger.RoleAdmin), w.signedInAs("guest", ledger.RoleViewer)
	code, body := admin.post("/tokens", "name", " oa ", "role", "viewer")
	wants(t, code, body, http.StatusOK, "copy it now", "oa")
	token := regexp.MustCompile(`duban_[A-Z2-7]{33}`).FindString(body)
	found, err := desk.TokenOf(t.Context(), w.s.Ledger, token)
	if err != nil || found.Name != "oa" || found.Role != ledger.RoleViewer {
		t.Fatalf("the token %q is %+v, %v", token, found, err)
	}
	_, body = admin.get("/accounts")
	if !strings.Contains(body, "/tokens/oa/remove") || strings.Contains(body, token) || strings.Contains(body, found.Hash) {
		t.Error("the page does not list it, or shows what it is")
	}
	if _, body := viewer.get("/accounts"); strings.Contains(body, "/tokens") {
		t.Error("a viewer sees tokens")
	}
	code, body = admin.post("/tokens", "name", "oa", "role", "admin")
	wants(t, code, body, http.StatusUnprocessableEntity, "There is a token", `value="oa"`)
	code, body = admin.post("/tokens", "name", "root", "role", "admin")
	wants(t, code, body, http.StatusUnprocessableEntity, "There is an account")
	code, body = admin.post("/tokens", "name", "bot", "role", "king")
	wants(t, code, body, http.StatusUnprocessableEntity, "A role is")
	code, body = admin.post("/tokens/oa/remove")
	wants(t, code, body, http.StatusOK, "out at once")
	if _, err := desk.TokenOf(t.Context(), w.s.Ledger, token); err != nil {
		t.Fatal("it is removed before anybody was sure")
	}
	if code, _ := admin.post("/tokens/oa/remove", "sure", "yes"); code != http.StatusSeeOther {
		t.Errorf("removing answers %d", code)
	}
	if _, err := desk.TokenOf(t.Context(), w.s.Ledger, token); err == nil {
		t.Error("a removed token is let in")
	}
	if code, _ := admin.post("/tokens/oa/remove", "sure", "yes"); code != http.StatusNotFound {
		t.Errorf("removing it again answers %d", code)
	}
	entries, err := w.s.Ledger.LatestEntries(t.Context(), ledger.EntryQuery{Subject: "token oa"})
	if err != nil || len(entries) != 2 || entries[0].Actor != "root" {
		t.Errorf("the journal has %+v, %v", entries, err)
	}
}
