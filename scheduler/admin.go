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
		"held":          "通知过多,已暂扣",
		"held text":     "本次应发%d封通知,超过每次上限%d封,已全部暂扣,未发出任何一封。\n\n请用 duban mail list 查看;确认无误后用 duban mail release 放行,或用 duban mail drop 作废。",
		"calendar":      "请提供%d年节假日安排",
		"calendar text": "%d年的节假日和调休安排尚未录入,涉及该年的截止日按周末推算,均标为暂定。\n\n国务院办公厅公布后,请用 duban calendar add 文件 录入;暂定的截止日将自动重算。",
		"failures":      "%d封邮件未能送达",
		"failures text": "以下邮件未能送达,不再重试:\n\n%s\n\n请核对地址;更正后用 duban mail retry 编号 重发。",
		"bounces":       "%s的邮件无法送达",
		"bounces text":  "%s(%s)的地址 %s 已有%d封邮件被退回。最近一次的原因:\n\n%s\n\n请核对 units.toml 中的地址。",
		"rules":         "规则有误,仍按原规则执行",
		"rules text":    "新的规则文件有误,未予采用,仍按原规则执行:\n\n%s\n\n请用 duban check 检查并改正;改正后自动生效。",
	},
	"en": {
		"held":          "too many notices, held",
		"held text":     "This tick made %d notices; the limit is %d. All of them are held and none has been sent.\n\nLook at them with duban mail list, then let them go with duban mail release or discard them with duban mail drop.",
		"calendar":      "the holidays of %d are missing",
		"calendar text": "The public holidays and make-up days of %d are not known. Due dates that touch that year are counted by weekends and shown as provisional.\n\nOnce the State Council has published them, enter them with duban calendar add FILE; provisional dates are then counted again.",
		"failures":      "%d mails could not be delivered",
		"failures text": "These mails could not be delivered and are not tried again:\n\n%s\n\nCheck the addresses; once they are right, duban mail retry ID sends them again.",
		"bounces":       "%s cannot be reached",
		"bounces text":  "Mail to %s (%s) at %s has come back %d times. The last reason was:\n\n%s\n\nCheck the address in units.toml.",
		"rules":         "the rules have errors; the old ones stay in force",
		"rules text":    "The edited rules have errors and were not taken over; the old ones stay in force:\n\n%s\n\nFind and mend them with duban check; they are then taken over by themselves.",
	},
}

func (s *Scheduler) say(key string) string {
	texts, ok := adminTexts[s.Language]
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
	n := &ledger.Notice{
		Kind: ledger.Admin, Day: s.leaves(now), State: ledger.Pending, Created: now, NextTry: now, GiveUp: s.Opens(now).Add(giveUp),
		Text: text,
	}
	n.Subject = notify.AdminSubject(s.Language, title)
	n.MessageID = notify.MessageID(notify.Domain(s.From), "admin", n.Day.String(), title, text)
	for _, a := range s.Admins {
		n.Recipients = append(n.Recipients, ledger.Recipient{Address: a})
	}
	return tx.AddNotice(n, entry(now, byDaemon))
}

// adminNotices tells the administrators what they have to do something about.
func (d *digest) adminNotices() error {
	if !d.MailMayLeave(d.now) {
		return nil
	}
	if err := d.askForCalendar(); err != nil {
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
