package web

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"duban/ledger"
	"duban/rules/catalogue"
	inwords "duban/rules/words"
)

// buttons are those of a page with that name: what they say, and their values.
func buttons(body, name string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<button\s+name="`+name+`" value="([^"]*)">(.*?)</button>`).FindAllStringSubmatch(body, -1) {
		out[strings.TrimSpace(html.UnescapeString(plain(m[2])))] = html.UnescapeString(m[1])
	}
	return out
}

// chinese is an administrator who reads Chinese.
func (w *world) chinese() *browser {
	b := w.signedInAs("root", ledger.RoleAdmin)
	b.get("/rules?lang=zh-CN")
	return b
}

// What can be chosen is called by words, in each language.
func TestChoicesOfASentenceHaveWords(t *testing.T) {
	for _, language := range []string{catalogue.Chinese, catalogue.English} {
		for _, key := range slices.Concat(inwords.Periods, sentenceUnits) {
			if !catalogue.In(language).Has("sentence " + key) {
				t.Errorf("%q has no words in %s", key, language)
			}
		}
	}
}

func TestANameThatNobodyHasIsAnsweredWithTheNearest(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	if form["units"] != "全部" || form["deadline"] != "每月结束后10个工作日内" {
		t.Fatalf("the form asks with %q and %q", form["units"], form["deadline"])
	}
	form["note"] = "不能丢"
	mark := w.ledgerMark()
	code, body := b.send("/edit/p/obligation", form, "units", "丙局\u3001乙镇", "do", "save")
	wants(t, code, body, 422, "没有叫", "丙局", "不能丢")
	fixes := buttons(body, "fix")
	for label, then := range map[string]string{"甲局": "甲局\u3001乙镇", "去掉\u201c丙局\u201d": "乙镇"} {
		if fixes[label] == "" {
			t.Fatalf("no button %q among %q", label, fixes)
		}
		code, body = b.send("/edit/p/obligation", form, "units", "丙局\u3001乙镇", "fix", fixes[label])
		wants(t, code, body, 200, "不能丢")
		if got := formFields(body)["units"]; got != then {
			t.Errorf("%s: the field then holds %q, want %q", label, got, then)
		}
	}
	if w.ledgerMark() != mark {
		t.Error("a button that corrects a field saved something")
	}
	// A new one needs an address, since the plan is in force.
	fresh := fixes["新建单位\u201c丙局\u201d"]
	code, body = b.send("/edit/p/obligation", form, "units", "丙局\u3001乙镇", "fix", fresh)
	wants(t, code, body, 422, "新单位需要邮箱", "丙局")
	code, body = b.send("/edit/p/obligation", form, "units", "丙局\u3001乙镇", "fix", fresh, "new-mail", "c@x.example")
	wants(t, code, body, 200, "不能丢")
	u := w.s.Rules().Unit("bingju")
	if u == nil || u.Name != "丙局" || u.Mail[0] != "c@x.example" || formFields(body)["units"] != "丙局\u3001乙镇" {
		t.Fatalf("the new unit is %+v, the field holds %q", u, formFields(body)["units"])
	}
	code, body = b.send("/edit/p/obligation", formFields(body), "do", "save")
	wants(t, code, body, 303)
	if text := w.read("plan/obligations/01.toml"); !strings.Contains(text, `units    = ["bingju", "b"]`) || !strings.Contains(text, "不能丢") {
		t.Errorf("saved:\n%s", text)
	}
}

func TestWordsWithTwoReadingsAreAskedWithTheNextDatesOfEach(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	code, body := b.send("/edit/p/obligation", form, "deadline", "每季度10日前", "do", "save")
	wants(t, code, body, 422, "2026-07-10", "2026-06-10")
	readings := buttons(body, "pattern")
	if readings["每季度首月10日前"] == "" {
		t.Fatalf("the readings are %q", readings)
	}
	code, body = b.send("/edit/p/obligation", form, "deadline", "每季度10日前", "pattern", "每季度首月10日前")
	wants(t, code, body, 200, "读作", "2026-07-10")
	code, body = b.send("/edit/p/obligation", formFields(body), "do", "save")
	wants(t, code, body, 303)
	if o := w.s.Rules().Obligation("p", "1.1-budget"); o.Words("zh-CN") != "每季度首月10日前" || o.Deadline != "每季度首月10日前" {
		t.Errorf("saved: %q, written as %q", o.Words("zh-CN"), o.Deadline)
	}
}

// The words of a slip of the hand, and those that name no day.
func TestWordsThatAreNotUnderstoodAreAnsweredWithTheNearest(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	for said, want := range map[string]string{"每季渡末前": "每季度末前", "每月15号前后": ""} {
		code, body := b.send("/edit/p/obligation/preview", form, "deadline", said)
		wants(t, code, body, 200)
		if fixes := buttons(body, "fix"); want != "" && fixes[want] == "" {
			t.Errorf("%s: the buttons are %q", said, fixes)
		}
		if !strings.Contains(plain(body), "不能保存") {
			t.Errorf("%s: %s", said, plain(body))
		}
	}
}

func TestAnEventIsCountedFromByItsNameAndMadeWhereThereIsNone(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	form := b.editor("/edit/p/obligation?id=1.2-answer")
	code, body := b.send("/edit/p/obligation", form, "deadline", "收到申请后20个工作日内", "do", "save")
	wants(t, code, body, 422, "没有叫")
	code, body = b.send("/edit/p/obligation", form, "deadline", "收到申请后20个工作日内", "fix", buttons(body, "fix")["新建事件\u201c收到申请\u201d"])
	wants(t, code, body, 200, "读作", "收到申请后20个工作日内")
	code, body = b.send("/edit/p/obligation", formFields(body), "do", "save")
	wants(t, code, body, 303)
	if o := w.s.Rules().Obligation("p", "1.2-answer"); string(o.Cadence.Kind) != "event" || o.Cadence.Value != "shoudaoshenqing" || w.s.Rules().EventName("shoudaoshenqing", "zh-CN") != "收到申请" {
		t.Errorf("it counts from %+v", o.Cadence)
	}
}

// Nobody who writes rules has to think up an id.
func TestIdsAreMadeOfNamesUntilTheyAreSaved(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	for _, c := range []struct {
		kind   string
		fields []string
		id     string
	}{
		{"obligation", []string{"title", "公布目录", "ref", "1.5", "units", "甲局", "deadline", "每季度末前", "policy", "standard"}, "1.5-gongbumulu"},
		{"obligation", []string{"title", "公布目录", "ref", "第五条", "units", "甲局", "deadline", "每月15日前", "policy", "standard"}, "gongbumulu"},
		{"obligation", []string{"title", "公布目录", "units", "甲局", "deadline", "每半年", "policy", "standard"}, "gongbumulu-2"},
		{"obligation", []string{"title", "公布目录", "units", "甲局", "deadline", "每半年", "policy", "standard", "id", "mine"}, "mine"},
		{"unit", []string{"name", "市商务局", "mail", "swj@x.example", "supervisor", "甲局", "kind", "部门", "phone", "0760-1", "contact", "张三"}, "shishangwuju"},
		{"group", []string{"name", "各镇区", "members", "甲局\u3001乙镇"}, "gezhenqu"},
		{"event", []string{"name", "文件废止"}, "wenjianfeizhi"},
		{"policy", []string{"id", "从严", "remind", "提前10个工作日\n当日", "overdue", "每个工作日", "escalate", "1个工作日后"}, "congyan"},
	} {
		form := b.editor("/edit/p/" + c.kind)
		// While it is typed the id follows the name.
		code, body := b.send("/edit/p/"+c.kind+"/preview", form, append([]string{"name", "别的", "title", "别的"}, c.fields[2:]...)...)
		wants(t, code, body, 200)
		code, body = b.send("/edit/p/"+c.kind, form, append(c.fields, "do", "save")...)
		wants(t, code, body, 303, "/rules/p/"+c.kind+"/"+c.id)
	}
	u := w.s.Rules().Unit("shishangwuju")
	if u.Kind != "department" || u.Supervisor != "a" || u.Phone != "0760-1" || u.Contact != "张三" {
		t.Errorf("the unit is %+v", u)
	}
	p := w.s.Rules().Plan("p").Policies["congyan"]
	if p.Words("zh-CN") != "提前10个工作日和当日提醒\uff1b逾期后每工作日提醒\uff0c第1个工作日起报督办单位" {
		t.Errorf("the policy says %s", p.Words("zh-CN"))
	}
	form := b.editor("/edit/p/policy?id=congyan")
	if form["remind"] != "提前10个工作日\n当日" || form["overdue"] != "每工作日" || form["escalate"] != "1个工作日后" {
		t.Errorf("the policy's form asks with %q, %q, %q", form["remind"], form["overdue"], form["escalate"])
	}
}

func TestAUnitsAbsencesAreRowsOfItsForm(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	// With an absence, changed, and without one again, each by the form.
	before := w.read("plan/units.toml")
	post := func(rows ...string) (int, string) {
		form := b.editor("/edit/p/unit?id=a")
		var pairs []string
		for k, v := range form {
			if !strings.HasPrefix(k, "away-") {
				pairs = append(pairs, k, v)
			}
		}
		for i := 0; i+2 < len(rows); i += 3 {
			pairs = append(pairs, "away-from", rows[i], "away-to", rows[i+1], "away-mail", rows[i+2])
		}
		return b.post("/edit/p/unit", append(pairs, "away-from", "", "away-to", "", "away-mail", "", "do", "save")...)
	}
	code, body := post("2026-12-01", "2026-12-10", "li@x.example\uff0cwang@x.example")
	wants(t, code, body, 303)
	away := w.s.Rules().Unit("a").Away
	if len(away) != 1 || away[0].From != day(t, "2026-12-01") || away[0].To != day(t, "2026-12-10") || len(away[0].Mail) != 2 {
		t.Fatalf("away %+v", away)
	}
	code, body = post("2026-12-01", "2026-12-10", "li@x.example, wang@x.example", "2027-01-04", "2027-01-02", "li@x.example")
	wants(t, code, body, 422)
	if !strings.Contains(body, `id="e-away"`) || len(w.s.Rules().Unit("a").Away) != 1 {
		t.Error("one that ends before it begins was saved")
	}
	code, body = post()
	wants(t, code, body, 303)
	if got := w.read("plan/units.toml"); got != before {
		t.Errorf("taken back, the file differs: %s", difference(before, got))
	}
}

func TestWhatAPlanSaysOfItselfIsEditedInPlace(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	before := w.read("plan/plan.toml")
	form := b.editor("/edit/p/plan?id=p")
	code, body := b.send("/edit/p/plan", form, "do", "save")
	wants(t, code, body, 303)
	if got := w.read("plan/plan.toml"); got != before {
		t.Fatalf("a form that changes nothing changed %s", difference(before, got))
	}
	code, body = b.send("/edit/p/plan", form, "title", "新的标题", "issuer", "甲局", "review", "true", "close_of_business", "17:00", "do", "save")
	wants(t, code, body, 303)
	p := w.s.Rules().Plan("p")
	if p.Title != "新的标题" || p.Issuer != "a" || !p.Review || p.CloseOfBusiness != 17*60 || len(p.Policies) == 0 {
		t.Errorf("the plan says %+v", p)
	}
	code, body = b.send("/edit/p/plan", b.editor("/edit/p/plan?id=p"), "issuer", "没有的局", "close_of_business", "25:00", "do", "save")
	wants(t, code, body, 422, "没有叫", "25:00")
	code, body = b.get("/rules/p/plan/p")
	wants(t, code, body, 200, "新的标题", "root")
}

// The choices and the words follow each other: what is typed sets the choices, what
// is chosen says the words.
func TestWordsAndChoicesFollowEachOther(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	if form["s-period"] != "month" || form["s-when"] != "after" || form["s-n"] != "10" || form["s-unit"] != "working days" {
		t.Errorf("the choices say %q %q %q %q", form["s-period"], form["s-when"], form["s-n"], form["s-unit"])
	}
	for _, c := range []struct{ period, when, n, unit, said string }{
		{"quarter", "after", "15", "working days", "每季度结束后15个工作日内"}, {"quarter", "end", "", "days", "每季度末前"}, {"month", "after", "15", "days", "每月15日前"},
		{"day", "after", "3", "days", "每个工作日"}, {"year", "after", "3", "months", "每年度结束后3个月内"}, {"week", "end", "1", "days", "每周"},
	} {
		code, body := b.send("/edit/p/obligation/preview", form, "deadline", "", "s-period", c.period, "s-when", c.when, "s-n", c.n, "s-unit", c.unit)
		wants(t, code, body, 200)
		if got := formFields(body)["deadline"]; got != c.said {
			t.Errorf("%+v says %q", c, got)
		}
		code, body = b.send("/edit/p/obligation/preview", form, "deadline", c.said)
		wants(t, code, body, 200)
		if got := formFields(body); got["s-period"] != c.period || c.period != "day" && got["s-when"] != c.when {
			t.Errorf("%s sets the choices to %q %q %q %q", c.said, got["s-period"], got["s-when"], got["s-n"], got["s-unit"])
		}
	}
	for _, n := range []string{"", "0", "-1", "x", "99999"} {
		code, body := b.send("/edit/p/obligation", form, "deadline", "", "s-period", "month", "s-when", "after", "s-n", n, "s-unit", "days", "do", "save")
		if code != 422 {
			t.Errorf("%q days: %d %s", n, code, plain(body))
		}
	}
}
