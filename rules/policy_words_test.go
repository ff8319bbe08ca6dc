package rules

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHowAPolicySaysWhenPeopleAreTold(t *testing.T) {
	days := func(n int) *Within { return &Within{n, WorkingDays} }
	for _, c := range []struct {
		p      Policy
		zh, en string
	}{
		{Policy{[]Within{{-7, WorkingDays}, {-3, WorkingDays}, {0, WorkingDays}}, days(2), days(3)},
			"提前7、3个工作日和当日提醒\uff1b逾期后每2个工作日提醒\uff0c第3个工作日起报督办单位",
			"reminded 7, 3 working days before and on the day; once overdue every 2 working days; the supervisor is told 3 working days after"},
		{Policy{[]Within{{-10, Days}, {-5, WorkingDays}}, days(1), nil}, "提前5个工作日和提前10个自然日提醒\uff1b逾期后每工作日提醒",
			"reminded 5 working days before and 10 days before; once overdue every working day"},
		{Policy{Escalate: &Within{7, Days}}, "第7个自然日起报督办单位", "the supervisor is told 7 days after"},
		{Policy{}, "只登记\uff0c不提醒", "kept in the ledger, never mailed"},
	} {
		if zh, en := c.p.Words("zh-CN"), c.p.Words("en"); zh != c.zh || en != c.en {
			t.Errorf("%s says\n%s\n%s\nwant\n%s\n%s", c.p, zh, en, c.zh, c.en)
		}
	}
}

func TestRemindersAreTakenAsPeopleSayThem(t *testing.T) {
	for _, c := range []struct{ key, said, want string }{
		{"remind", "提前7个工作日", "7 working days before"}, {"remind", "截止前十日", "10 days before"}, {"remind", "提前\uff17工作日提醒", "7 working days before"},
		{"remind", "3 天前", "3 days before"}, {"remind", "当日", "on the day"}, {"remind", "到期当天提醒", "on the day"}, {"remind", "提前1个工作日", "1 working day before"},
		{"remind", "提前二十五日", "25 days before"}, {"remind", "提前两个工作日", "2 working days before"},
		{"overdue", "每2个工作日", "every 2 working days"}, {"overdue", "每天", "every day"}, {"overdue", "逾期后每个工作日提醒一次", "every working day"}, {"overdue", "每七日", "every 7 days"},
		{"escalate", "3个工作日后", "3 working days after"}, {"escalate", "第3个工作日起报督办单位", "3 working days after"}, {"escalate", "逾期七日", "7 days after"},
		// What is not understood is the rules' to refuse, in the words in which it was said.
		{"remind", "提前几天", "提前几天"}, {"remind", "提前0天", "提前0天"}, {"overdue", "十十天", "十十天"}, {"overdue", "经常", "经常"}, {"escalate", "", ""}, {"remind", "提前十十日", "提前十十日"},
		{"remind", "5 working days before", "5 working days before"},
	} {
		if got := ReminderFromWords(c.key, c.said); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.key, c.said, got, c.want)
		}
	}
}

func TestWhatAReminderIsCalledIsReadBackAsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 999).Draw(t, "n")
		unit := rapid.SampledFrom([]string{"working day", "day"}).Draw(t, "unit")
		if n > 1 {
			unit += "s"
		}
		count := strconv.Itoa(n) + " " + unit
		key, text := "remind", count+" before"
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 1:
			key, text = "overdue", "every "+strings.TrimPrefix(count, "1 ")
		case 2:
			key, text = "escalate", count+" after"
		case 3:
			text = "on the day"
		}
		said := ReminderInWords(key, text, "zh-CN")
		if back := ReminderFromWords(key, said); back != text || strings.ContainsAny(said, "abcdefghijklmnopqrstuvwxyz") {
			t.Fatalf("%q is said %q, which is %q", text, said, back)
		}
		if en := ReminderInWords(key, text, "en"); ReminderFromWords(key, en) != text {
			t.Fatalf("%q in English: %q", text, en)
		}
	})
}
