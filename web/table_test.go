package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"duban/ledger"
	"duban/rules"
	"duban/rules/sheet"
)

const pasted = "序号\t事项\t责任单位\t完成时限\t分管领导\n" +
	"1\t公布收支\t甲局\t每月15日前\t王某\n" +
	"2\t报送进展\t甲局、丙中心\t每季度\t\n" +
	"3\t公开名单\t市府办公室\t及时\t\n" +
	"4\t发布通报\t全部\t每季度10日前\t\n" +
	"注：甲局为牵头单位\t\t\t\t\n"

// table reads what was pasted, and returns the grid's form.
func (b *browser) table(fields ...string) (map[string]string, string) {
	b.w.t.Helper()
	code, body := b.post("/import", append([]string{"do", "read", "issued", "2026-06-01"}, fields...)...)
	wants(b.w.t, code, body, 200)
	return formFields(body), body
}

func TestATableIsReadPutRightAndPublished(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	form, body := b.table("title", "2026年分工方案", "text", pasted)
	wants(t, 200, body, 200, "4 rows:", "1 understood", "丙中心", "by the 15th of each month", "2026-06-15", "names no day", "每季度首月10日前", "每季度末月10日前", "分管领导")
	if form["r0.title"] != "公布收支" || form["r0.units"] != "甲局" || form["r3.units"] != "全部" || form["r1.deadline"] != "每季度" || form["r0.other"] != "分管领导\uff1a王某" {
		t.Fatalf("the form says %v", form)
	}
	if len(w.s.Rules().Plans) != 1 {
		t.Fatal("looking at a table made a plan")
	}

	// A reading is chosen, a unit is the one that is there, another gets its address.
	code, body := b.send("/import", form, "fix", "reading:3:0")
	wants(t, code, body, 200, "2026-07-10")
	form = formFields(body)
	if form["r3.deadline"] != "每季度首月10日前" {
		t.Fatalf("the deadline is %q", form["r3.deadline"])
	}
	code, body = b.send("/import", form, "fix", "alias:1:0")
	wants(t, code, body, 200)
	if form = formFields(body); form["r2.units"] != "市政府办公室" {
		t.Fatalf("the unit is %q", form["r2.units"])
	}
	code, body = b.send("/import", form, "do", "check", "u0.mail", "c@x.example", "u0.supervisor", "boss", "r2.assume", "每月")
	wants(t, code, body, 200, "Nothing is missing.", "obligations, which make")
	form = formFields(body)
	code, body = b.send("/import", form, "do", "draft")
	wants(t, code, body, http.StatusSeeOther, "/rules?plan=")

	plan := w.s.Rules().Plans[1]
	if !plan.Draft || len(plan.Obligations) != 4 || plan.Title != "2026年分工方案" {
		t.Fatalf("the plan is %+v", plan)
	}
	if o := plan.Obligation("3"); o.Cadence.Value != "month" || o.Basis != rules.Assumed || !strings.Contains(o.Note, "原文时限：及时") {
		t.Errorf("the rule is %+v", o)
	}
	if text := w.read("plans/" + plan.ID + "/obligations/01.toml"); !strings.Contains(text, "# 分管领导\uff1a王某") || !strings.Contains(text, "甲局为牵头单位") {
		t.Errorf("what is no rule is lost:\n%s", text)
	}
	w.tick()
	if found, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{Plan: plan.ID}); err != nil || len(found) > 0 {
		t.Errorf("a draft made %d occurrences, %v", len(found), err)
	}

	code, body = b.get("/publish/" + plan.ID)
	wants(t, code, body, 200, "2026年分工方案", "4 obligations", "due first:", "2026-06-15")
	code, body = b.post("/publish/" + plan.ID)
	wants(t, code, body, http.StatusSeeOther, "/rules?plan="+plan.ID)
	w.tick()
	if found, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{Plan: plan.ID}); err != nil || len(found) == 0 {
		t.Errorf("published, it made %d occurrences, %v", len(found), err)
	}
	code, body = b.get("/publish/" + plan.ID)
	wants(t, code, body, http.StatusConflict, "in force already")
}

func TestADraftIsSavedWhateverItsRowsSay(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	form, _ := b.table("title", "草稿", "text", pasted)
	code, body := b.send("/import", form, "do", "publish", "id", "unfinished")
	wants(t, code, body, http.StatusSeeOther, "/publish/unfinished")
	code, body = b.get("/publish/unfinished")
	wants(t, code, body, 200, "Before it can be published", "has no address")
	code, body = b.post("/publish/unfinished")
	wants(t, code, body, http.StatusUnprocessableEntity, "has no address")
	if !w.s.Rules().Plan("unfinished").Draft {
		t.Error("it was published all the same")
	}
	// The same once more is refused, and what was typed is still there.
	code, body = b.send("/import", form, "do", "draft", "id", "unfinished", "r0.title", "另一件事")
	wants(t, code, body, http.StatusUnprocessableEntity, "there is a plan", "另一件事")
}

func TestRowsCanBeTakenOut(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	form, _ := b.table("title", "方案", "text", pasted)
	code, body := b.send("/import", form, "do", "check", "r1.drop", "yes")
	wants(t, code, body, 200, "3 rows:", "was taken out", "报送进展")
	if strings.Contains(body, "丙中心”") {
		t.Error("the unit of a row that was taken out is still asked for")
	}
	form = formFields(body)
	code, body = b.send("/import", form, "do", "check", "r0.drop", "yes", "r1.drop", "yes", "r2.drop", "yes")
	wants(t, code, body, http.StatusUnprocessableEntity, "No row is left")
}

func TestTablesThatAreNoneAreRefusedAndNothingIsLost(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"nothing":     {"  ", "Choose a file, or paste a table."},
		"no heads":    {"一段话，没有表格", "no row of heads was found"},
		"no title":    {"事项\t责任单位\n公布\t甲局", "Give the plan a title"},
		"heads alone": {"事项\t责任单位\n", "no task under them"},
		"many rows":   {"事项\t责任单位\n" + strings.Repeat("公布\t甲局\n", mostRows+1), "use duban import"},
	} {
		title := "方案"
		if name == "no title" {
			title = ""
		}
		code, body := b.post("/import", "do", "read", "title", title, "text", c.text)
		wants(t, code, body, http.StatusUnprocessableEntity, c.want)
		if kept := strings.TrimSpace(c.text); len(kept) < 100 && !strings.Contains(body, kept) {
			t.Errorf("%s: what was pasted is lost", name)
		}
	}
	code, body := b.post("/import", "do", "check", "rows", "99999999")
	wants(t, code, body, http.StatusBadRequest)
}

// upload sends a file as a browser does.
func (b *browser) upload(name string, data []byte, fields ...string) (int, string) {
	b.w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			b.w.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.w.t.Fatal(err)
	}
	r := b.request(http.MethodPost, "/import")
	r.Body, r.ContentLength = http.NoBody, 0
	r, err = http.NewRequest(http.MethodPost, b.w.http.URL+"/import", &body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

func TestAFileIsReadAndOneThatIsTooLargeIsNot(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	var book bytes.Buffer
	set := w.s.Rules()
	if err := sheet.WriteXLSX(&book, []sheet.Table{sheet.Rules(set.Plans[0], set, "zh-CN")}); err != nil {
		t.Fatal(err)
	}
	code, body := b.upload("规则.xlsx", book.Bytes(), "do", "read", "title", "再一次", "issued", "2026-06-01")
	wants(t, code, body, 200, "规则.xlsx", "2 rows:", "2 understood", "答复&lt;script&gt;")
	if strings.Contains(body, "<script>alert") {
		t.Error("a title runs as a script")
	}
	code, body = b.upload("x.csv", bytes.Repeat([]byte("公布,甲局\n"), 400000), "do", "read", "title", "x")
	wants(t, code, body, http.StatusRequestEntityTooLarge, "4096 KB")
	code, body = b.upload("x.xlsx", []byte("PK\x03\x04 and nothing else"), "do", "read", "title", "x")
	wants(t, code, body, http.StatusUnprocessableEntity, "no spreadsheet that can be read")
}

// Who may only look makes no plan.
func TestViewersImportNothing(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("guest", ledger.RoleViewer)
	for _, address := range []string{"/import", "/publish/p"} {
		code, body := b.post(address, "do", "read", "text", pasted)
		wants(t, code, body, http.StatusForbidden)
	}
}

// Every field of the grid has a name that people hear.
func TestEveryCellOfTheGridHasALabel(t *testing.T) {
	w := newWorld(t)
	_, body := w.signedInAs("root", ledger.RoleAdmin).table("title", "方案", "text", pasted)
	for _, field := range regexp.MustCompile(`<(?:input|textarea|select)[^>]*>`).FindAllString(body, -1) {
		id := regexp.MustCompile(`id="([^"]+)"`).FindStringSubmatch(field)
		labelled := strings.Contains(field, "aria-label") || strings.Contains(field, `type="hidden"`) || id != nil && strings.Contains(body, `for="`+id[1]+`"`)
		if i := strings.Index(body, field); !labelled && !strings.Contains(body[max(0, i-200):i], "<label") {
			t.Errorf("no label: %s", field)
		}
	}
}
