package rules

import (
	"slices"
)

// EntryKind is what an entry of a plan's rules is about.
type EntryKind string

// The kinds of entry.
const (
	PlanEntry       EntryKind = "plan"
	EventEntry      EntryKind = "event"
	PolicyEntry     EntryKind = "policy"
	UnitEntry       EntryKind = "unit"
	AwayEntry       EntryKind = "away" // of a unit
	GroupEntry      EntryKind = "group"
	ObligationEntry EntryKind = "obligation"
)

var kindNames = map[EntryKind]Words{
	PlanEntry: {"Plan", "方案"}, EventEntry: {"Events", "事件"}, PolicyEntry: {"Policies", "提醒策略"}, UnitEntry: {"Units", "责任单位"},
	AwayEntry: {"Absences", "外出"}, GroupEntry: {"Groups", "单位组"}, ObligationEntry: {"Obligations", "事项"},
}

// Name is what people call entries of that kind.
func (k EntryKind) Name() Words { return kindNames[k] }

// KeyType is what a key takes.
type KeyType int

// The types of key.
const (
	ID      KeyType = iota // small letters, digits, "." and "-"; it has to be there
	Line                   // a text for people, on one line
	Note                   // a text for people
	Text                   // a text with a form of its own
	Choice                 // one of a few words
	Name                   // of an entry of another kind
	Names                  // a list of names
	Lines                  // a list of texts with a form of their own
	Day                    // a date
	Flag                   // true or false
	Entries                // tables of their own, in a list
	Named                  // likewise, each under a name
)

// Words are a text in the languages that people read it in.
type Words struct{ En, Zh string }

// In is the text in that language.
func (w Words) In(language string) string {
	if language == "en" {
		return w.En
	}
	return w.Zh
}

// Option is one of the words that a Choice takes.
type Option struct {
	Value string
	Label Words
}

// Key is one key of an entry: what it takes, and how people are asked for it.
// What reads rules, edits them or writes a manual of them goes by this table.
type Key struct {
	Name    string
	Type    KeyType
	Label   Words
	Hint    Words
	Missing string      // has to be there: what to say where it is not
	Options []Option    // of a Choice
	Of      EntryKind   // what Name and Names name, and tables hold
	Only    CadenceKind // the one cadence that it goes with; empty: any
}

// Cadence tells whether the key is one of those of which an obligation has
// exactly one.
func (k Key) Cadence() bool { return slices.Contains(CadenceKinds, CadenceKind(k.Name)) }

// KeysOf are the keys of an entry of that kind, in the order in which people are
// asked for them.
func KeysOf(kind EntryKind) []Key { return keys[kind] }

func keyOf(kind EntryKind, name string) (Key, bool) {
	i := slices.IndexFunc(keys[kind], func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return keys[kind][i], true
}

// both is a hint that says the same in both languages: an example of what to write.
func both(example string) Words { return Words{example, example} }

var (
	idKey = Key{Name: "id", Type: ID, Label: Words{"Id", "编号"}, Missing: `every one needs an id of small letters, digits, "." and "-"`}

	remindKey   = Key{Name: "remind", Type: Lines, Label: Words{"Reminders", "提醒"}, Hint: Words{"one a line: 7 working days before · on the day; “-”: none at all", "每行一个：7 working days before · on the day；“-”表示不提醒"}}
	overdueKey  = Key{Name: "overdue", Type: Text, Label: Words{"When overdue", "逾期后"}, Hint: both("every 2 working days")}
	escalateKey = Key{Name: "escalate", Type: Text, Label: Words{"Escalation", "上报督办单位"}, Hint: both("3 working days after")}
)

// ownRemindKey is remindKey of an obligation, which wins over its policy's.
func ownRemindKey() Key {
	k := remindKey
	k.Label = Words{"Reminders of its own", "单独设定的提醒"}
	return k
}

var keys = map[EntryKind][]Key{
	PlanEntry: {
		idKey,
		{Name: "title", Type: Line, Label: Words{"Title", "标题"}, Missing: "write the document's title"},
		{Name: "issued", Type: Day, Label: Words{"Issued", "印发日期"}},
		{Name: "issuer", Type: Name, Of: UnitEntry, Label: Words{"Issuer", "印发单位"}},
		{Name: "starts", Type: Day, Label: Words{"Counts from", "计自"}, Missing: "write starts = 2017-06-09: no period that ends, and no event, before that day counts"},
		{Name: "ends", Type: Day, Label: Words{"Counts until", "计至"}},
		{Name: "timezone", Type: Text, Label: Words{"Time zone", "时区"}, Hint: both("Asia/Shanghai")},
		{Name: "calendar", Type: Text, Label: Words{"Calendar", "工作日历"}, Hint: Words{"cn, or the path of a calendar file", "cn，或日历文件的路径"}},
		{Name: "close_of_business", Type: Text, Label: Words{"Close of business", "下班时间"}, Hint: both("17:30")},
		{Name: "review", Type: Flag, Label: Words{"The supervisor accepts a report before it closes", "报告须经督办单位审核"}},
		{Name: "draft", Type: Flag, Label: Words{"Draft", "草稿"}},
		{Name: "event", Type: Entries, Of: EventEntry, Label: Words{"Events", "事件"}},
		{Name: "policy", Type: Named, Of: PolicyEntry, Label: Words{"Policies", "提醒策略"}},
	},
	EventEntry: {
		idKey,
		{Name: "name", Type: Line, Label: Words{"Name", "名称"}, Missing: `write name = "文件废止或宣布失效"`},
		{Name: "name_en", Type: Line, Label: Words{"Name in English", "英文名称"}},
	},
	PolicyEntry: {remindKey, overdueKey, escalateKey},
	UnitEntry: {
		idKey,
		{Name: "name", Type: Line, Label: Words{"Name", "名称"}, Missing: `write name = "市财政局"`},
		{Name: "name_en", Type: Line, Label: Words{"Name in English", "英文名称"}},
		{Name: "alias", Type: Lines, Label: Words{"Other names", "别名"}, Hint: Words{"one a line: other names that tables and people use", "每行一个：表格和日常使用的其他名称"}},
		{Name: "kind", Type: Text, Label: Words{"Kind", "类别"}, Hint: both("department · town")},
		{Name: "mail", Type: Names, Label: Words{"Mail", "邮箱"}, Hint: Words{"addresses, with commas between", "邮箱地址，以逗号分隔"}},
		{Name: "cc", Type: Names, Label: Words{"Copies to", "抄送"}},
		{Name: "channels", Type: Names, Label: Words{"Channels", "通道"}, Hint: Words{"of config.toml, beside mail", "config.toml 中的通道，邮件之外另发"}},
		{Name: "supervisor", Type: Name, Of: UnitEntry, Label: Words{"Supervisor", "督办单位"}, Hint: Words{"a unit id", "单位编号"}},
		{Name: "language", Type: Choice, Options: []Option{{"zh-CN", Words{"Chinese", "中文"}}, {"en", Words{"English", "英文"}}}, Label: Words{"Language", "语言"}},
		{Name: "contact", Type: Line, Label: Words{"Contact", "联系人"}, Hint: Words{"shown to supervisors and administrators alone", "仅督办单位和管理员可见"}},
		{Name: "phone", Type: Line, Label: Words{"Phone", "电话"}},
		{Name: "away", Type: Entries, Of: AwayEntry, Label: Words{"Away", "外出"}},
	},
	AwayEntry: {
		{Name: "from", Type: Day, Label: Words{"From", "自"}, Missing: "write from = 2026-12-01, the first day"},
		{Name: "to", Type: Day, Label: Words{"To", "至"}, Missing: "write to = 2026-12-10, the last day"},
		{Name: "mail", Type: Names, Label: Words{"Mail", "邮箱"}},
	},
	GroupEntry: {
		idKey,
		{Name: "name", Type: Line, Label: Words{"Name", "名称"}},
		{Name: "members", Type: Names, Of: UnitEntry, Label: Words{"Members", "成员"}, Hint: Words{"unit ids, with commas between", "单位编号，以逗号分隔"}},
	},
	ObligationEntry: {
		idKey,
		{Name: "ref", Type: Line, Label: Words{"Ref", "条目"}, Hint: Words{"where it stands in the document: 1.3", "在文件中的条目号，如 1.3"}},
		{Name: "title", Type: Line, Label: Words{"Title", "标题"}, Missing: "say in a few words what is owed"},
		{Name: "title_en", Type: Line, Label: Words{"Title in English", "英文标题"}},
		{Name: "units", Type: Names, Of: UnitEntry, Label: Words{"Units", "责任单位"}, Hint: Words{"unit ids, and groups as @towns, with commas between", "单位编号，单位组写作 @towns，以逗号分隔"}},
		{Name: "partners", Type: Names, Of: UnitEntry, Label: Words{"Partners", "配合单位"}, Hint: Words{"kept informed, owe nothing: as units", "抄告进展，不承担事项；写法同责任单位"}},
		{Name: "deadline", Type: Text, Label: Words{"Deadline in words", "文字时限"}, Hint: Words{"in place of cadence, within and roll: 每月15日前 · within 10 working days after each quarter", "代替频次、期限和遇休息日：每月15日前 · 每季度结束后10个工作日内"}},
		{Name: string(ByPeriod), Type: Text, Label: Words{"every", "周期"}, Hint: both("month")},
		{Name: string(ByCron), Type: Text, Label: Words{"cron", "cron"}, Hint: both("0 0 25 * *")},
		{Name: string(ByRRule), Type: Text, Label: Words{"rrule", "rrule"}, Hint: both("FREQ=MONTHLY;BYDAY=-1FR")},
		{Name: string(OnDate), Type: Day, Label: Words{"on a date", "日期"}, Hint: both("2017-12-31")},
		{Name: string(ByEvent), Type: Text, Label: Words{"event", "事件"}, Hint: both("file-repealed")},
		{Name: string(After), Type: Text, Label: Words{"after another", "接续其他事项"}, Hint: both("5.7-mark")},
		{Name: "within", Type: Text, Label: Words{"Within", "期限"}, Hint: Words{"15 working days · 10 days · 1 month · -5 days: before", "15 working days（工作日）· 10 days（日）· 1 month（月）· -5 days（提前）"}},
		{Name: "roll", Type: Choice, Options: []Option{{string(Forward), Words{"the next working day", "顺延到下一工作日"}}, {string(Backward), Words{"the working day before", "提前到上一工作日"}}, {string(NoRoll), Words{"it stays", "不变"}}}, Label: Words{"On a day off", "遇休息日"}},
		{Name: "basis", Type: Choice, Options: []Option{{string(InText), Words{"the document", "文件规定"}}, {string(Assumed), Words{"the supervising unit", "督办单位设定"}}}, Label: Words{"Deadline set by", "期限依据"}},
		{Name: "policy", Type: Name, Of: PolicyEntry, Label: Words{"Policy", "提醒策略"}},
		{Name: "evidence", Type: Choice, Options: []Option{{"required", Words{"required", "必须提供"}}, {"optional", Words{"optional", "可不提供"}}}, Label: Words{"Evidence", "公开链接"}},
		{Name: "starts", Type: Day, Label: Words{"Counts from", "计自"}},
		{Name: "ends", Type: Day, Label: Words{"Counts until", "计至"}},
		ownRemindKey(), overdueKey, escalateKey,
		{Name: "pausable", Type: Flag, Only: ByEvent, Label: Words{"The clock can be stopped", "可中止计时"}},
		{Name: "extendable", Type: Text, Only: ByEvent, Label: Words{"Extensions add at most", "延期上限"}, Hint: both("15 working days")},
		{Name: "note", Type: Note, Label: Words{"Note", "说明"}, Hint: Words{"shown in mails", "显示在邮件中"}},
	},
}
