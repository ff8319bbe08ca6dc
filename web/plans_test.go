package web

import (
	"strings"
	"testing"
)

func TestAPlanIsMadeOnThePageAndFilledUntilItIsRight(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	mark := w.ledgerMark()
	form := b.editor("/plans/new")
	code, body := b.send("/plans/new", form, "title", "", "do", "save")
	wants(t, code, body, 422)
	code, body = b.send("/plans/new", form, "title", "2026年政务公开工作要点", "issuer", "甲", "do", "save")
	wants(t, code, body, 422, "没有叫", "2026年政务公开工作要点")
	code, body = b.send("/plans/new", form, "title", "2026年政务公开工作要点", "issuer", "甲局", "ends", "2020-01-01", "do", "save")
	wants(t, code, body, 422, "e-ends")
	if w.ledgerMark() != mark {
		t.Error("a plan that is wrong was made")
	}
	code, body = b.send("/plans/new", form, "title", "2026年政务公开工作要点", "issuer", "甲局", "review", "true", "do", "save")
	wants(t, code, body, 303, "/rules?plan=zwgkgzyd-2026")
	p := w.s.Rules().Plan("zwgkgzyd-2026")
	if p == nil || !p.Draft || p.Issuer != "a" || !p.Review || len(p.Policies) == 0 || p.Starts != day(t, "2026-06-01") || len(p.Obligations) != 0 {
		t.Fatalf("the plan is %+v", p)
	}
	// Its rules are written like those of any other, and nobody hears of them yet.
	mails := len(w.mail.mails)
	form = b.editor("/edit/zwgkgzyd-2026/obligation")
	code, body = b.send("/edit/zwgkgzyd-2026/obligation", form, "title", "公布目录", "units", "甲局", "deadline", "每月底前", "do", "save")
	wants(t, code, body, 303)
	w.tick()
	if o := w.s.Rules().Obligation("zwgkgzyd-2026", "gongbumulu"); o == nil || len(w.mail.mails) != mails {
		t.Errorf("%v, %d mails", o, len(w.mail.mails)-mails)
	}
	code, body = b.get("/plans")
	wants(t, code, body, 200, "2026年政务公开工作要点", "草稿", "已生效", "1个事项", "/publish/zwgkgzyd-2026", "/plans/new?from=p", "/edit/p/plan?id=p")
	// The same once more has another id.
	code, body = b.send("/plans/new", b.editor("/plans/new"), "title", "2026年政务公开工作要点", "do", "save")
	wants(t, code, body, 303, "/rules?plan=zwgkgzyd-2-2026")
	code, body = b.send("/plans/new", b.editor("/plans/new"), "title", "别的", "id", "p", "do", "save")
	wants(t, code, body, 422, "已有编号为")
}

func TestAPlanIsCopiedIntoTheNextYearOnThePage(t *testing.T) {
	w := newWorld(t)
	w.write("plan/plan.toml", strings.Replace(w.read("plan/plan.toml"), `title`, "review = true\ntitle", 1))
	w.write("plan/obligations/01.toml", w.read("plan/obligations/01.toml")+"\n[[obligation]]\nid = \"1.9\"\ntitle = \"2026年决算\"\nunits = [\"a\"]\non = 2026-09-30\npolicy = \"standard\"\n")
	b := w.chinese()
	w.s.TakeOver(t.Context(), w.load)
	code, body := b.get("/plans/new?from=p")
	wants(t, code, body, 200, "未改动的内容", "2026年决算")
	form := formFields(body)
	code, body = b.send("/plans/new", form, "do", "save")
	wants(t, code, body, 303, "/rules?plan=p-20")
	var found bool
	for _, p := range w.s.Rules().Plans {
		if p.ID == "p" {
			continue
		}
		found = true
		o := p.Obligation("1.9")
		if !p.Draft || !p.Review || o == nil || !strings.HasSuffix(o.Cadence.Value, "-09-30") || o.Cadence.Value == "2026-09-30" || p.Obligation("1.1-budget") == nil {
			t.Errorf("the copy is %+v, 1.9 is %+v", p, o)
		}
	}
	if !found {
		t.Error("there is no copy")
	}
	code, body = b.get("/plans/new?from=nothing")
	wants(t, code, body, 404)
}

func TestSeveralUnitsAreTakenOutOfAPastedTable(t *testing.T) {
	w := newWorld(t)
	b := w.chinese()
	table := "单位名称\t电话\t邮箱\t督办单位\t联系人\n市商务局\t0760-1\tswj@x.example\t市督查室\t张三\n市督查室\t\tdcs@x.example\t\t\n甲局\t0760-2\t\t\t李四\n"
	mark := w.ledgerMark() + w.read("plan/units.toml")
	code, body := b.post("/plans/p/units", "text", table, "do", "preview")
	wants(t, code, body, 200, "新单位", "已有", "市督查室", "0760-2")
	if w.ledgerMark()+w.read("plan/units.toml") != mark {
		t.Error("looking saved something")
	}
	code, body = b.post("/plans/p/units", "text", table, "do", "save")
	wants(t, code, body, 303, "/rules?plan=p&kind=unit")
	set := w.s.Rules()
	one, two, three := set.Unit("shishangwuju"), set.Unit("shiduchashi"), set.Unit("a")
	if one == nil || two == nil || one.Supervisor != two.ID || one.Contact != "张三" || one.Phone != "0760-1" || one.Mail[0] != "swj@x.example" {
		t.Errorf("made %+v and %+v", one, two)
	}
	if three.Phone != "0760-2" || three.Contact != "李四" || three.Mail[0] != "a@x.example" || three.Supervisor != "boss" {
		t.Errorf("changed to %+v", three)
	}
	// All or nothing: one bad row, and none is saved; supervisors in whatever order.
	was := w.read("plan/units.toml")
	code, body = b.post("/plans/p/units", "text", "庚局\tg@x.example\n辛局\t不是邮箱\n", "do", "save")
	wants(t, code, body, 422, "都没有保存", "不是邮箱")
	if w.read("plan/units.toml") != was {
		t.Error("the good row was saved beside the bad one")
	}
	code, body = b.post("/plans/p/units", "text", "庚局\tg@x.example\t辛局\n辛局\tx@x.example\t壬局\n壬局\tr@x.example\n", "do", "save")
	wants(t, code, body, 303)
	if set := w.s.Rules(); set.Unit(set.Unit("gengju").Supervisor).Supervisor != "renju" {
		t.Errorf("庚局 is supervised by %+v", set.Unit(set.Unit("gengju").Supervisor))
	}
	for _, c := range []struct{ table, want string }{
		{"丙局\tb@x.example\n丙局\tc@x.example\n", "出现了两次"},
		{"丙局\t不是邮箱\n", "mail"}, {"丁局\n", "新单位需要邮箱"}, {"\tx@x.example\n", "没有单位名称"}, {"", "是空的"}, {"戊局\tx@x.example\t没有的局\n", "没有的局"},
	} {
		code, body = b.post("/plans/p/units", "text", c.table, "do", "save")
		wants(t, code, body, 422, c.want)
	}
	code, body = b.get("/plans/nothing/units")
	wants(t, code, body, 404)
}
