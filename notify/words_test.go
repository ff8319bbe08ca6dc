package notify

import (
	"regexp"
	"testing"

	"duban/rules/calendar"
)

// half is a mark that Chinese text has in full width.
var half = regexp.MustCompile(`\p{Han}[,;:!?(]|[,;:!?)]\p{Han}`)

func TestChineseMailsHaveChinesePunctuation(t *testing.T) {
	all := specimens()
	for name, l := range letters() {
		all[name] = &Notice{Kind: LetterKind, Language: "zh-CN", Unit: "市财政局", Day: day(2017, 7, 14), Letter: l}
	}
	for name, n := range all {
		if n.Language != "zh-CN" {
			continue
		}
		said, err := n.Say()
		text := said.Text
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append(half.FindAllString(text, -1), half.FindAllString(n.Subject(), -1)...) {
			t.Errorf("%s: %q in\n%s\n%s", name, s, n.Subject(), text)
		}
	}
}

// letters are one of each.
func letters() map[string]*Letter {
	of := func(act Act, request string, granted bool) *Letter {
		return &Letter{Act: act, Request: request, Granted: granted, Owner: "市财政局", Item: "事项", ID: "1.3/czj/2017-06", Due: day(2017, 7, 21), Until: day(2017, 8, 1), By: "张三", Reason: "缺数据", Note: "说明", Evidence: "https://x.example", Link: "https://d.example/u"}
	}
	return map[string]*Letter{
		"letter-report": of(Review, "", false), "letter-asks": of(Review, "extension", false), "letter-asks-not-ours": of(Review, "not-ours", false),
		"letter-returned": of(Returned, "", false), "letter-granted": of(Extension, "extension", true), "letter-refused": of(Extension, "extension", false), "letter-not-ours": of(Transfer, "not-ours", true), "letter-ours": of(Transfer, "not-ours", false),
	}
}

func TestSubjectsOfLettersBeginWithTheirAct(t *testing.T) {
	want := map[string]string{
		"letter-report": "【待审】市财政局：已报告办结，请审核", "letter-asks": "【待审】市财政局：申请延期", "letter-asks-not-ours": "【待审】市财政局：认为事项不属本单位",
		"letter-returned": "【退回】市统计局：报告被退回", "letter-granted": "【延期】市统计局：延期申请已批准", "letter-refused": "【延期】市统计局：延期申请未获批准",
		"letter-not-ours": "【转办】市统计局：已确认事项不属贵单位", "letter-ours": "【转办】市统计局：事项仍由贵单位承担",
	}
	for name, l := range letters() {
		n := &Notice{Kind: LetterKind, Language: "zh-CN", Unit: "市统计局", Day: calendar.Date(0), Letter: l}
		if s := n.Subject(); s != want[name] {
			t.Errorf("%s: %s", name, s)
		}
		n.Language = "en"
		if s := n.Subject(); s == "" || s[0] != '[' {
			t.Errorf("%s: %s", name, s)
		}
	}
}
