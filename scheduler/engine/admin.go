package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
	"duban/notify"
)

// adminTexts are what the administrators are told, in their language.
var adminTexts = map[string]map[string]string{
	"zh-CN": {
		"absent":            "长时间未运行\uff0c逾期通知已暂扣",
		"absent text":       "距上次运行已超过60天。本次生成的%d封逾期通知已暂扣\uff0c其余照常发出。\n\n请用 duban mail list 查看\uff1b确认无误后用 duban mail release 放行\uff0c或用 duban mail drop 作废。",
		"damage":            "台账中有%d个日期无法读取",
		"damage text":       "以下期次的日期无法读取，已按规则重算；无法重算的标为“-”，不再提醒：\n\n%s\n\n请核对；如曾获准延期，请用 duban extend 期次 --to 日期 重新登记。",
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
		"change waits":      "已取消\uff0c过期未办\uff1a可用 duban tick --backfill 恢复",
		"held":              "通知过多，已暂扣",
		"held text":         "本次应发%d封通知，超过每次上限%d封，已全部暂扣，未发出任何一封。\n\n请用 duban mail list 查看；确认无误后用 duban mail release 放行，或用 duban mail drop 作废。",
		"calendar":          "请提供%d年节假日安排",
		"calendar text":     "%d年的节假日和调休安排尚未录入，涉及该年的截止日按周末推算，均标为暂定。\n\n国务院办公厅公布后，请用 duban calendar add 文件 录入；暂定的截止日将自动重算。",
		"failures":          "%d封邮件未能送达",
		"failures more":     "……另有%d封，请用 duban mail list 查看。",
		"administrators":    "管理员",
		"refused":           "邮件服务器拒绝督办系统",
		"refused text":      "邮件服务器有应答，但不接受本系统的身份：\n\n%v\n\n请核对 [mail] from、envelope_from 以及 [mail.smtp] username、helo；更正前邮件会一直等待。duban doctor 可随时检查。",
		"failures text":     "以下邮件未能送达，不再重试：\n\n%s\n\n请核对地址；更正后用 duban mail retry 编号 重发。",
		"bounces":           "%s的邮件无法送达",
		"bounces text":      "%s（%s）的地址 %s 已有%d封邮件被退回。最近一次的原因：\n\n%s\n\n请核对 units.toml 中的地址。",
		"backup":            "台账备份失败",
		"backup text":       "台账未能备份：\n\n%v\n\n一小时后再试。请检查备份目录的空间和权限。",
		"proof":             "台账校验未通过",
		"proof text":        "台账与台账流水不符：\n\n%v\n\n可能有人绕过系统修改了台账文件。请用 duban verify 查看；必要时用 duban restore 恢复备份。",
		"rules":             "规则有误，仍按原规则执行",
		"rules text":        "新的规则文件有误，未予采用，仍按原规则执行：\n\n%s\n\n请用 duban check 检查并改正；改正后自动生效。",
	},
	"en": {
		"absent":            "long without a tick: overdue notices are held",
		"absent text":       "The last tick was more than 60 days ago. %d notices about what is overdue are held; the rest leaves.\n\nLook at them with duban mail list, then let them go with duban mail release or discard them with duban mail drop.",
		"damage":            "%d dates in the ledger cannot be read",
		"damage text":       "The dates of these occurrences could not be read and were counted anew by their rules; those that no rule counts have a “-” and are not reminded of any more:\n\n%s\n\nLook at them; where an extension had been granted, record it again: duban extend OCCURRENCE --to DATE.",
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
		"change waits":      "cancelled and past due; duban tick --backfill opens it again",
		"held":              "too many notices, held",
		"held text":         "This tick made %d notices; the limit is %d. All of them are held and none has been sent.\n\nLook at them with duban mail list, then let them go with duban mail release or discard them with duban mail drop.",
		"calendar":          "the holidays of %d are missing",
		"calendar text":     "The public holidays and make-up days of %d are not known. Due dates that touch that year are counted by weekends and shown as provisional.\n\nOnce the State Council has published them, enter them with duban calendar add FILE; provisional dates are then counted again.",
		"failures":          "%d mails could not be delivered",
		"failures more":     "… and %d more: duban mail list shows them.",
		"administrators":    "administrators",
		"refused":           "the mail server refuses duban",
		"refused text":      "The mail server answers, and dislikes who we are:\n\n%v\n\nCheck [mail] from and envelope_from, and [mail.smtp] username and helo; mail waits until then. duban doctor looks at any time.",
		"failures text":     "These mails could not be delivered and are not tried again:\n\n%s\n\nCheck the addresses; once they are right, duban mail retry ID sends them again.",
		"bounces":           "%s cannot be reached",
		"bounces text":      "Mail to %s (%s) at %s has come back %d times. The last reason was:\n\n%s\n\nCheck the address in units.toml.",
		"backup":            "the backup of the ledger failed",
		"backup text":       "The ledger could not be backed up:\n\n%v\n\nIt is tried again in an hour. Check the space and the permissions of the backup folder.",
		"proof":             "the ledger does not prove right",
		"proof text":        "The ledger is not as its journal says:\n\n%v\n\nSomebody may have changed the file past duban. Look with duban verify; if need be put a backup in its place with duban restore.",
		"rules":             "the rules have errors; the old ones stay in force",
		"rules text":        "The edited rules have errors and were not taken over; the old ones stay in force:\n\n%s\n\nFind and mend them with duban check; they are then taken over by themselves.",
	},
}

// Text is what the administrators are told under a key, in their language.
func (v View) Text(key string, args ...any) string {
	texts, ok := adminTexts[v.Settings.Language]
	if !ok {
		texts = adminTexts["zh-CN"]
	}
	return fmt.Sprintf(texts[key], args...)
}

// TellAdmins puts a notice to the administrators into the outbox. The same one
// on the same day is one notice.
func TellAdmins(tx ledger.Tx, v View, title, text string) error {
	_, err := addAdminNotice(tx, v, title, text)
	return err
}

// addAdminNotice does that and tells the notice's number; 0: there are no
// administrators.
func addAdminNotice(tx ledger.Tx, v View, title, text string) (int64, error) {
	if len(v.Settings.Admins) == 0 {
		return 0, nil
	}
	n := v.outgoing(ledger.Admin)
	n.Subject, n.Text = notify.AdminSubject(v.Settings.Language, title), text
	n.MessageID = notify.MessageID(v.Settings.From.ASCIIHost(), "admin", n.Day.String(), title, text)
	n.Recipients = v.Recipients(n)
	err := tx.AddNotice(n, v.Entry(ByDaemon))
	return n.ID, err
}

// outgoing is a notice that is to leave as soon as the window lets it.
func (v View) outgoing(kind ledger.NoticeKind) *ledger.Notice {
	return &ledger.Notice{
		Kind: kind, Day: v.leaves(), State: ledger.Pending, Created: v.Now, NextTry: v.Now, GiveUp: v.GiveUp(),
	}
}

// adminNotices tells the administrators what they have to do something about.
func (d *digest) adminNotices() error {
	if !d.view.MailMayLeave() {
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
func (v View) missingYear() int {
	today := v.Today()
	years := []int{today.Year()}
	if today.Month() == time.December {
		years = append(years, today.Year()+1)
	}
	for _, y := range years {
		for _, p := range v.Rules.Plans {
			if _, known := p.Calendar.Year(y); !known {
				return y
			}
		}
	}
	return 0
}

// asksForCalendar tells whether the weekly question for a missing year is due.
func asksForCalendar(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	if v.missingYear() == 0 {
		return false, nil
	}
	last, err := r.Fact(ctx, factAsked)
	return last <= (v.Today() - 7).String(), err
}

func (d *digest) askForCalendar() error {
	year := d.view.missingYear()
	last, err := d.tx.Fact(d.tx.Context(), factAsked)
	if err != nil || year == 0 || last > (d.today-7).String() {
		return err
	}
	if err := TellAdmins(d.tx, d.view, d.view.Text("calendar", year), d.view.Text("calendar text", year)); err != nil {
		return err
	}
	return d.tx.SetFact(factAsked, d.today.String())
}

// hasFailures tells whether mail has failed that nobody was told of, and today's
// digest of such has not been made.
func hasFailures(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	day, err := r.Fact(ctx, factFailuresDay)
	if err != nil || day >= v.Today().String() || len(v.Settings.Admins) == 0 {
		return false, err
	}
	return r.AnyUntoldFailure(ctx, v.Today())
}

// Untellable are the failures that no mail can tell of: those of mail to the
// administrators, and all that wait where there are none.
func Untellable(ctx context.Context, r ledger.Reader, v View) ([]ledger.Failure, error) {
	if len(v.Settings.Admins) == 0 {
		return r.UntoldFailures(ctx, v.Today())
	}
	return r.AdminFailures(ctx)
}

// mostFailures is how many a digest of failures names.
const mostFailures = 50

// tellFailures tells the administrators of all mail that failed, whoever it was
// for. Where nobody could be told by the last digest, this one says it again.
func (d *digest) tellFailures() error {
	ctx := d.tx.Context()
	day, err := d.tx.Fact(ctx, factFailuresDay)
	if err != nil || day >= d.today.String() || len(d.view.Settings.Admins) == 0 {
		return err
	}
	failed, err := d.tx.UntoldFailures(ctx, d.today)
	if err != nil || len(failed) == 0 {
		return err
	}
	var lines []string
	for i, f := range failed {
		if i == mostFailures {
			lines = append(lines, d.view.Text("failures more", len(failed)-mostFailures))
			break
		}
		lines = append(lines, d.failureLine(f))
	}
	by, err := addAdminNotice(d.tx, d.view, d.view.Text("failures", len(failed)), d.view.Text("failures text", strings.Join(lines, "\n")))
	if err != nil {
		return err
	}
	if err := d.tx.SetFact(factFailuresDay, d.today.String()); err != nil {
		return err
	}
	e := d.view.Entry(ByDaemon)
	e.Reason = "its failures are in a newer notice"
	return d.tx.ToldOfFailures(failed, by, d.today, e)
}

// failureLine names a failure: its notice, whom it was for, what it said.
func (d *digest) failureLine(f ledger.Failure) string {
	whom := f.Unit
	if whom == "" {
		whom = d.view.Text("administrators")
	}
	return fmt.Sprintf("%d  %s  %s  %s  %s", f.Notice, whom, f.Address, f.Subject, f.Error)
}
