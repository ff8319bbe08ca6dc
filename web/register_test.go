package web

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What the page lists under a filter is what the register has on paper and in a file.
func TestTheRegisterHasWhatTheListHas(t *testing.T) {
	_, b := aBoard(t)
	printed := regexp.MustCompile(`(?s)<td class="num not-phone">(\d+)</td>`)
	for _, query := range []string{"", "unit=a", "light=red&as=board", "as=tracked&light=red", "state=cancelled", "kind=town", "month=2026-07", "day=2026-06-12", "q=weekly",
		"due_from=2026-06-10&due_to=2026-06-20", "due_to=2026-06-20", "month=2026-07&due_from=2026-07-05", "obligation=2.2-weekly&light=grey", "q=nothing", "month=2026-13"} {
		code, list := b.get("/occurrences?" + query)
		wants(t, code, list, 200)
		found := foundCount.FindStringSubmatch(list)
		code, paper := b.get("/register?" + query)
		wants(t, code, paper, 200, "Printed by root on 2026-07-20 09:00")
		if rows := printed.FindAllString(paper, -1); found == nil || fmt.Sprint(len(rows)) != found[1] || !strings.Contains(paper, found[0]) {
			t.Errorf("%q: %v listed, %d printed", query, found, len(rows))
		}
		code, file := b.get("/register/duban.xlsx?" + query)
		wants(t, code, file, 200)
		book, err := excelize.OpenReader(bytes.NewReader([]byte(file)))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, name := range book.GetSheetList() {
			rows, err := book.GetRows(name)
			if err != nil {
				t.Fatal(err)
			}
			n += len(rows) - 1
		}
		if fmt.Sprint(n) != found[1] {
			t.Errorf("%q: %s listed, %d in the file", query, found[1], n)
		}
	}
	code, body := b.get("/register?due_from=tomorrow")
	wants(t, code, body, 422, "write it like 2017-07-21")
	code, body = b.get("/register/duban.pdf")
	wants(t, code, body, 404)
}
