package scheduler

import (
	"context"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules/calendar"
)

// adminTexts are what the administrators are told, in their language.
var adminTexts = map[string]map[string]string{
	"zh-CN": {
		"held":              "通知过多,已暂扣",
		"held text":         "本次应发%d封通知,超过每次上限%d封,已全部暂扣,未发出任何一封。\n\n请用 duban mail list 查看;确认无误后用 duban mail release 放行,或用 duban mail drop 作废。",
		"absent":            "长时间未运行\uff0c逾期通知已暂扣",
		"absent text":       "距上次运行已超过60天。本次生成的%d封逾期通知已暂扣\uff0c其余照常发出。\n\n请用 duban mail list 查看\uff1b确认无误后用 duban mail release 放行\uff0c或用 duban mail drop 作废。",
		"held still":        "%d封通知仍被暂扣",
		"held still text":   "共有%d封通知被暂扣\uff0c等待处理。\n\n请用 duban mail list 查看\uff1b确认无误后用 duban mail release 放行\uff0c或用 duban mail drop 作废。",
		"clock":             "系统时钟有误\uff0c已暂停产生通知",
		"clock text":        "台账记载的上次运行时间是%s\uff0c而现在的系统时钟是%s。两者必有一错\uff0c本次未产生任何期次和通知。\n\n如现在的时钟正确\uff0c无须处理\uff1a10分钟后的下一次运行将自动更正台账并继续。如不正确\uff0c请校准时钟。",
		"counting":          "新版本重算了%d个期次",
		"counting text":     "新版本的计算方法与旧版本不同\uff0c以下期次的截止日或状态有变化\uff08原 → 现\uff09\uff1a\n\n%s\n\n涉及这些期次的通知已暂扣\uff1b请核对后用 duban mail release 放行。早已过期而从未产生的期次\uff0c可用 duban tick --backfill 查看和补录。",
		"provisional":       "\uff08暂定\uff09",
		"change recounted":  "重算",
		"change cancelled":  "取消",
		"change owed again": "恢复",
		"calendar":          "请提供%d年节假日安排",
		"calendar text":     "%d年的节假日和调休安排尚未录入,涉及该年的截止日按周末推算,均标为暂定。\n\n国务院办公厅公布后,请用 duban calendar add 文件 录入;暂定的截止日将自动重算。",
		"failures":          "%d封邮件未能送达",
		"failures text":     "以下邮件未能送达,不再重试:\n\n%s\n\n请核对地址;更正后用 duban mail retry 编号 重发。",
		"bounces":           "%s的邮件无法送达",
		"bounces text":      "%s(%s)的地址 %s 已有%d封邮件被退回。最近一次的原因:\n\n%s\n\n请核对 units.toml 中的地址。",
		"backup":            "台账备份失败",
		"backup text":       "台账未能备份:\n\n%v\n\n一小时后再试。请检查备份目录的空间和权限。",
		"asks":              "%s:%s",
		"asks extension":    "申请延期",
		"asks not-ours":     "认为事项不属本单位",
		"asks text":         "%s提出申请。\n\n事项:%s\n编号:%s\n截止日:%s\n申请:%s\n理由:%s\n",
		"asks to":           "申请延至:%s\n",
		"decide there":      "\n请打开以下链接审核:\n%s\n",
		"reported":          "%s已报告办结,请审核",
		"reported text":     "%s报告以下事项已办结。\n\n事项:%s\n编号:%s\n截止日:%s\n链接:%s\n说明:%s\n",
		"returned":          "%s:报告被退回",
		"returned text":     "以下事项的办结报告被退回,请补充后重新报告。\n\n事项:%s\n编号:%s\n截止日:%s\n经办:%s\n原因:%s\n",
		"report there":      "\n请打开以下链接重新报告:\n%s\n",
		"answer":            "%s:%s",
		"granted extension": "延期申请已批准",
		"refused extension": "延期申请未获批准",
		"granted not-ours":  "已确认事项不属贵单位",
		"refused not-ours":  "事项仍由贵单位承担",
		"answer text":       "事项:%s\n编号:%s\n结果:%s\n截止日:%s\n经办:%s\n",
		"answer reason":     "说明:%s\n",
		"rules":             "规则有误,仍按原规则执行",
		"rules text":        "新的规则文件有误,未予采用,仍按原规则执行:\n\n%s\n\n请用 duban check 检查并改正;改正后自动生效。",
	},
	"en": {
		"held":              "too many notices, held",
		"held text":         "This tick made %d notices; the limit is %d. All of them are held and none has been sent.\n\nLook at them with duban mail list, then let them go with duban mail release or discard them with duban mail drop.",
		"absent":            "long without a tick: overdue notices are held",
		"absent text":       "The last tick was more than 60 days ago. %d notices about what is overdue are held; the rest leaves.\n\nLook at them with duban mail list, then let them go with duban mail release or discard them with duban mail drop.",
		"held still":        "%d notices are still held",
		"held still text":   "%d notices are held and wait for somebody to look at them.\n\nSee duban mail list, then let them go with duban mail release or discard them with duban mail drop.",
		"clock":             "the clock is wrong: nothing is made",
		"clock text":        "The ledger's last tick was at %s, and the clock now says %s. One of the two is wrong; this tick made no occurrences and no notices.\n\nIf the clock is right now, there is nothing to do: the next tick, ten minutes from now or later, sets the ledger right and goes on. If not, set the clock.",
		"counting":          "a new version counts %d occurrences otherwise",
		"counting text":     "This version counts otherwise than the one before. These occurrences have another due date or state (before → after):\n\n%s\n\nNotices about them are held; check them, then let them go with duban mail release. What was past due and never made is listed, and made, by duban tick --backfill.",
		"provisional":       " (provisional)",
		"change recounted":  "recounted",
		"change cancelled":  "cancelled",
		"change owed again": "owed again",
		"calendar":          "the holidays of %d are missing",
		"calendar text":     "The public holidays and make-up days of %d are not known. Due dates that touch that year are counted by weekends and shown as provisional.\n\nOnce the State Council has published them, enter them with duban calendar add FILE; provisional dates are then counted again.",
		"failures":          "%d mails could not be delivered",
		"failures text":     "These mails could not be delivered and are not tried again:\n\n%s\n\nCheck the addresses; once they are right, duban mail retry ID sends them again.",
		"bounces":           "%s cannot be reached",
		"bounces text":      "Mail to %s (%s) at %s has come back %d times. The last reason was:\n\n%s\n\nCheck the address in units.toml.",
		"backup":            "the backup of the ledger failed",
		"backup text":       "The ledger could not be backed up:\n\n%v\n\nIt is tried again in an hour. Check the space and the permissions of the backup folder.",
		"asks":              "%s %s",
		"asks extension":    "asks for an extension",
		"asks not-ours":     "says that an item is not theirs",
		"asks text":         "%s has a request.\n\nItem: %s\nId: %s\nDue: %s\nRequest: %s\nReason: %s\n",
		"asks to":           "Until: %s\n",
		"decide there":      "\nDecide here:\n%s\n",
		"reported":          "%s reported; please decide",
		"reported text":     "%s reports the following as done.\n\nItem: %s\nId: %s\nDue: %s\nLink: %s\nNote: %s\n",
		"returned":          "%s: a report is returned",
		"returned text":     "The report on the following is returned. Please complete it and report again.\n\nItem: %s\nId: %s\nDue: %s\nReturned by: %s\nReason: %s\n",
		"report there":      "\nReport here:\n%s\n",
		"answer":            "%s: %s",
		"granted extension": "the extension is granted",
		"refused extension": "the extension is refused",
		"granted not-ours":  "the item is not yours",
		"refused not-ours":  "the item stays with you",
		"answer text":       "Item: %s\nId: %s\nDecision: %s\nDue: %s\nDecided by: %s\n",
		"answer reason":     "Reason: %s\n",
		"rules":             "the rules have errors; the old ones stay in force",
		"rules text":        "The edited rules have errors and were not taken over; the old ones stay in force:\n\n%s\n\nFind and mend them with duban check; they are then taken over by themselves.",
	},
}

func (s *Scheduler) say(key string) string { return s.sayIn(s.Language, key) }

func (s *Scheduler) sayIn(language, key string) string {
	texts, ok := adminTexts[language]
	if !ok {
		texts = adminTexts["zh-CN"]
	}
	return texts[key]
}

// tellAdmins puts a notice to the administrators into the outbox. The same one
// on the same day is one notice.
func (s *Scheduler) tellAdmins(tx *ledger.Tx, now time.Time, title, text string) error {
	if len(s.Admins) == 0 {
		return nil
	}
	n := s.letter(now, s.Language, title, text)
	for _, a := range s.Admins {
		n.Recipients = append(n.Recipients, ledger.Recipient{Address: a})
	}
	return tx.AddNotice(n, entry(now, byDaemon))
}

// letter is a notice that says just that text; about sets it apart from others
// that read alike.
func (s *Scheduler) letter(now time.Time, language, title, text string, about ...string) *ledger.Notice {
	n := &ledger.Notice{
		Kind: ledger.Admin, Day: s.leaves(now), State: ledger.Pending, Created: now, NextTry: now, GiveUp: s.Opens(now).Add(giveUp),
		Subject: notify.AdminSubject(language, title), Text: text,
	}
	n.MessageID = notify.MessageID(notify.Domain(s.From), append([]string{"admin", n.Day.String(), title, text}, about...)...)
	return n
}

// adminNotices tells the administrators what they have to do something about.
func (d *digest) adminNotices() error {
	if !d.MailMayLeave(d.now) {
		return nil
	}
	if err := d.askForCalendar(); err != nil {
		return err
	}
	if err := d.tellHeld(); err != nil {
		return err
	}
	return d.tellFailures()
}

// missingYear is the year whose holidays are wanted: this one, or from 1
// December the next; 0: none.
func (s *Scheduler) missingYear(today calendar.Date) int {
	years := []int{today.Year()}
	if today.Month() == time.December {
		years = append(years, today.Year()+1)
	}
	for _, y := range years {
		for _, p := range s.Rules().Plans {
			if _, known := p.Calendar.Year(y); !known {
				return y
			}
		}
	}
	return 0
}

// asksForCalendar tells whether the weekly question for a missing year is due.
func (s *Scheduler) asksForCalendar(ctx context.Context, now time.Time) (bool, error) {
	if s.missingYear(s.today(now)) == 0 {
		return false, nil
	}
	last, err := s.Ledger.Fact(ctx, factAsked)
	return last <= (s.today(now) - 7).String(), err
}

func (d *digest) askForCalendar() error {
	year := d.missingYear(d.today)
	last, err := d.tx.Fact(d.tx.Context(), factAsked)
	if err != nil || year == 0 || last > (d.today-7).String() {
		return err
	}
	if err := d.tellAdmins(d.tx, d.now, fmt.Sprintf(d.say("calendar"), year), fmt.Sprintf(d.say("calendar text"), year)); err != nil {
		return err
	}
	return d.tx.SetFact(factAsked, d.today.String())
}

// hasFailures tells whether mail has failed that nobody was told of, and today's
// digest of such has not been sent.
func (s *Scheduler) hasFailures(ctx context.Context, now time.Time) (bool, error) {
	day, err := s.Ledger.Fact(ctx, factFailuresDay)
	if err != nil || day >= s.today(now).String() {
		return false, err
	}
	since, err := s.Ledger.Fact(ctx, factFailures)
	if err != nil {
		return false, err
	}
	failed, err := s.Ledger.Failures(ctx, since)
	return len(failed) > 0, err
}

func (d *digest) tellFailures() error {
	ctx := d.tx.Context()
	day, err := d.tx.Fact(ctx, factFailuresDay)
	if err != nil || day >= d.today.String() {
		return err
	}
	since, err := d.tx.Fact(ctx, factFailures)
	if err != nil {
		return err
	}
	failed, err := d.tx.Failures(ctx, since)
	if err != nil || len(failed) == 0 {
		return err
	}
	var lines []string
	for i, f := range failed {
		if i == 50 {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, fmt.Sprintf("%d  %s  %s  %s", f.Notice, f.Unit, f.Address, f.Error))
	}
	if err := d.tellAdmins(d.tx, d.now, fmt.Sprintf(d.say("failures"), len(failed)), fmt.Sprintf(d.say("failures text"), strings.Join(lines, "\n"))); err != nil {
		return err
	}
	if err := d.tx.SetFact(factFailuresDay, d.today.String()); err != nil {
		return err
	}
	return d.tx.SetFact(factFailures, failed[len(failed)-1].Stamp)
}
