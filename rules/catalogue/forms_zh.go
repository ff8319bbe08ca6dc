package catalogue

// zhForms is what the forms say in which people write rules.
var zhForms = map[string]string{
	"form new": "新", "one obligation": "事项", "one unit": "单位", "one group": "单位组", "one policy": "提醒策略", "one event": "事件", "one plan": "方案",
	"form obligation.title": "做什么", "form obligation.units": "谁来办", "form obligation.deadline": "什么时候办完", "form obligation.policy": "怎样提醒", "form obligation.basis": "这个期限是谁定的",
	"form obligation.note": "说明", "form obligation.remind": "单独的提醒", "form obligation.overdue": "单独的逾期提醒", "form obligation.escalate": "单独的上报", "form obligation.evidence": "办结时的公开链接",
	"hint obligation.units":    "单位名、别名或单位组\uff0c用顿号分开",
	"hint obligation.partners": "只告知进展\uff0c不负责办结\uff1b写法同上",
	"hint obligation.deadline": "照文件里的话写",
	"hint obligation.remind":   "每行一个\uff1a提前7个工作日 · 当日\uff1b“-”表示不提醒", "hint policy.remind": "每行一个\uff1a提前7个工作日 · 当日\uff1b“-”表示不提醒",
	"hint obligation.overdue": "如\uff1a每2个工作日", "hint policy.overdue": "如\uff1a每2个工作日", "hint obligation.escalate": "如\uff1a3个工作日后", "hint policy.escalate": "如\uff1a3个工作日后",
	"hint unit.supervisor": "单位名\uff1b不填则无人督办", "hint unit.kind": "如\uff1a部门、镇区", "hint group.members": "单位名\uff0c用顿号分开",
	"hint obligation.extendable": "如 15 working days\uff0815个工作日\uff09",
	"form basis text":            "文件原文就是这样规定的", "form basis assumed": "期限是我们定的",
	"hint basis text": "提醒邮件照此说明", "hint basis assumed": "提醒邮件会写明“期限由督办单位设定”",
	"policy standard": "标准", "policy review": "复核", "policy statutory": "法定时限", "policy tracked": "只登记",
	"Reminders of its own": "单独设定", "as “more” says below": "按下面“更多”里写的",
	"nobody is called %q": "没有叫%q的单位", "no event is called %q here": "本方案没有叫%q的事件",
	"nobody is called %q: is it one of these?":        "没有叫%q的单位\uff0c您是不是指\uff1a",
	"no event is called %q here: is it one of these?": "本方案没有叫%q的事件\uff0c您是不是指\uff1a",
	"Make a new unit, %s":                             "新建单位“%s”", "Leave %s out": "去掉“%s”", "Make a new event, %s": "新建事件“%s”", "also called %s": "别名“%s”", "Its mail address": "新单位的邮箱",
	"a new unit of a plan in force needs an address: write it beside the button": "方案已生效\uff0c新单位需要邮箱\uff1a请填在按钮旁边",
	"More": "更多", "nothing yet of: %s": "未填\uff1a%s", "for the journal": "记入流水", "Why it is changed": "为什么改", "made of the name if you leave it empty; it stays for ever": "不填则由名称的拼音生成\uff1b保存后不再改变",
	"meanwhile mail goes to these addresses too": "其间邮件也发给代办人", "From": "自", "To": "至", "deputy's address": "代办人邮箱",
	"or choose": "或者选", "or choose: every": "或者选\uff1a每", "Often:": "常用\uff1a", "counted": "起算", "after its end, within": "结束后", "by its end": "末前", "how many": "数目", "of what days": "单位", "sentence end": "内",
	"sentence day": "工作日", "sentence week": "周", "sentence month": "月", "sentence quarter": "季度", "sentence half-year": "半年", "sentence year": "年", "sentence working days": "个工作日", "sentence days": "日", "sentence months": "个月",
	"next:": "下一次\uff1a", "It reads": "读作", "Say what it is: nothing was saved.": "请先写明做什么或名称\uff1b没有保存任何内容。",
	"Nothing was saved. Put it right, and here stand the dates and what saving would do.":               "没有保存任何内容。改好后\uff0c这里会列出接下来的截止日\uff0c以及保存会改变什么。",
	"Say what it is, and here stand the dates.":                                                         "写好左边的内容\uff0c这里会列出接下来的截止日。",
	"the text has to be the plan's own keys, without %s: events and policies are edited each by itself": "文本只能是方案本身的设置\uff0c不能含有%s\uff1b事件和提醒策略请分别编辑",
}

// enForms are the names among them in English.
var enForms = map[string]string{
	"mark off": "off", "mark work": "work",
	"form new": "New ", "one obligation": "obligation", "one unit": "unit", "one group": "group", "one policy": "policy", "one event": "event", "one plan": "plan",
	"form obligation.title": "What", "form obligation.units": "Who", "form obligation.deadline": "By when", "form obligation.policy": "How reminded", "form obligation.basis": "Who set this deadline",
	"form obligation.note": "Note", "form obligation.remind": "Reminders of its own", "form obligation.overdue": "Of its own when overdue", "form obligation.escalate": "Escalation of its own", "form obligation.evidence": "Link to what was published",
	"hint obligation.units": "names of units or groups, with commas between", "hint obligation.partners": "kept informed, owe nothing", "hint obligation.deadline": "as the document writes it",
	"hint unit.supervisor": "the name of a unit; empty: nobody supervises it", "hint unit.kind": "department, town", "hint group.members": "names of units, with commas between",
	"form basis text": "The document says so", "form basis assumed": "We set it", "hint basis text": "mails say so", "hint basis assumed": "mails say that the supervisor set it",
	"policy standard": "Standard", "policy review": "Review", "policy statutory": "Statutory", "policy tracked": "Tracked",
	"sentence end": "", "sentence day": "working day", "sentence week": "week", "sentence month": "month", "sentence quarter": "quarter", "sentence half-year": "half-year", "sentence year": "year",
	"sentence working days": "working days", "sentence days": "days", "sentence months": "months",
}
