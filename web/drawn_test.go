package web

import (
	"os"
	"strings"
	"testing"

	"duban/rules/calendar"
)

// notice2018 is that of a year, as it was written.
func notice2018(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../rules/calendar/testdata/circulars/2018.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAPastedNoticeIsDrawnWithWhatItChanges(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	mark := w.ledgerMark()
	code, body := b.post("/calendar", "text", notice2018(t), "do", "preview")
	wants(t, code, body, 200, "读到7个节日", "保存2018年", "保存后会改变什么")
	if strings.Contains(body, `class="bad"`) || strings.Count(body, `<table class="month">`) != 12 {
		t.Error("a right year has a wrong day, or not twelve months")
	}
	// Days off and make-up days of the drawing are those of the notice.
	rest, work := strings.Count(body, `<td class="rest"`), strings.Count(body, `<td class="work"`)
	for d := calendar.DateOf(2018, 1, 1); d.Year() == 2018; d++ { // at its end stand those of 2019
		if x, ok := calendar.China().Exception(d); ok && x.Off {
			rest--
		} else if ok {
			work--
		}
	}
	if rest != 0 || work != 0 {
		t.Errorf("%d days off and %d make-up days too many are drawn", rest, work)
	}
	if w.ledgerMark() != mark {
		t.Error("looking saved something")
	}
}

func TestAWrongDayIsRedInTheYear(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	for old, c := range map[string][2]string{
		"2月11日": {"2月12日", "周一"}, // a Monday
		"6月18日": {"6月19日", "端午节"},
	} {
		text := strings.Replace(notice2018(t), old, c[0], 1)
		if text == notice2018(t) {
			t.Fatalf("the notice has no %s", old)
		}
		code, body := b.post("/calendar", "text", text, "do", "save")
		wants(t, code, body, 422, "有对不上的地方", c[1])
		if n := strings.Count(body, `<td class="bad"`); n < 1 || n > 3 {
			t.Errorf("%s: %d days are red", c[0], n)
		}
		if strings.Contains(body, "保存2018年") {
			t.Errorf("%s: it can be saved", c[0])
		}
	}
}

// What moves together is one line: so many occurrences, from one day to another.
func TestShiftedDatesAreOneLineEach(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	year := "year = 2026\nsource = [\"https://x.example/\"]\n[[holiday]]\nname = \"测试\"\noff = [2026-06-10]\n"
	code, body := b.post("/calendar", "text", year, "do", "preview")
	wants(t, code, body, 200)
	text := plain(body)
	i := strings.Index(text, "保存后会改变什么")
	if want := "公布收支 2 2 2026-06-12 周五 2026-06-15 周一 晚3天"; i < 0 || !strings.Contains(text[i:], want) {
		t.Errorf("it does not say %q: %s", want, text[max(0, i):])
	}
}
