package sheet

import (
	"slices"
	"strings"
	"unicode"

	"duban/rules"
)

// Column is what a column of a table holds: a key of an obligation, or one of
// those that tables alone have.
type Column string

// The columns.
const (
	ID         Column = "id"
	Ref        Column = "ref"
	Task       Column = "task" // holds for several rows: stands before their titles
	Title      Column = "title"
	TitleEn    Column = "title_en"
	Note       Column = "note"
	Remark     Column = "remark" // likewise for the note
	Units      Column = "units"
	Partners   Column = "partners"
	Deadline   Column = "deadline"
	Basis      Column = "basis"
	Policy     Column = "policy"
	Remind     Column = "remind"
	Overdue    Column = "overdue"
	Escalate   Column = "escalate"
	Evidence   Column = "evidence"
	Starts     Column = "starts"
	Ends       Column = "ends"
	Pausable   Column = "pausable"
	Extendable Column = "extendable"
	PlanID     Column = "plan"
	Person     Column = "person" // who is no unit
	Unused     Column = ""
)

// heading is a column with the heads that it may stand under; the first of each
// language are those that Table writes.
type heading struct {
	column Column
	zh, en []string
}

var headings = []heading{
	{PlanID, []string{"方案"}, []string{"plan"}},
	{ID, []string{"编号", "事项编号"}, []string{"id"}},
	{Ref, []string{"条目", "序号", "条目号", "项目序号", "任务序号", "号"}, []string{"ref", "no", "no.", "#", "item no", "number"}},
	{Title, []string{"事项", "工作任务", "任务", "任务目标", "目标任务", "目标与任务", "民生实事", "项目名称", "项目内容", "重点工作", "重点任务", "公开事项", "报表名称", "一级事项", "二级事项", "三级事项", "工作事项", "工作目标", "主要任务", "任务名称", "事项名称", "标题", "业务事项", "具体职责", "任务清单", "目标", "项目", "工作项目"}, []string{"title", "task", "tasks", "what", "item", "obligation", "duty"}},
	{TitleEn, []string{"英文", "英文标题", "英文名称"}, []string{"title in english", "english"}},
	{Units, []string{"责任单位", "牵头单位", "牵头落实单位", "牵头责任单位", "牵头负责部门", "负责部门", "负责单位", "责任部门", "责任科室", "公开主体", "承办单位", "主办单位", "牵头部门", "落实单位", "承办部门", "单位", "部门", "责任主体", "牵头负责单位", "牵头科室", "主责单位", "实施单位", "报送单位", "填报单位"}, []string{"units", "unit", "responsible", "responsible unit", "responsible units", "who", "lead", "lead unit"}},
	{Partners, []string{"配合单位", "协同责任单位", "责任（配合）单位", "协办单位", "配合部门", "参与单位", "协助单位", "参加单位"}, []string{"partners", "partner", "supporting units", "with"}},
	{Deadline, []string{"完成时限", "时限", "期限", "时间要求", "时限要求", "时间进度", "进度安排", "完成时间", "整改时限", "公开时限", "上报日期", "报送时间", "时间节点", "办结时限", "截止时间", "截止日期", "完成日期", "报送时限", "时间", "文字时限", "工作时限", "频次"}, []string{"deadline", "due", "by when", "due date", "when", "time limit"}},
	{Basis, []string{"依据", "期限依据"}, []string{"basis", "deadline set by"}},
	{Policy, []string{"提醒", "提醒策略"}, []string{"policy", "reminders"}},
	{Remind, []string{"单独提醒", "单独设定的提醒"}, []string{"own reminders", "reminders of its own"}},
	{Overdue, []string{"逾期催办", "逾期后"}, []string{"when overdue", "overdue"}},
	{Escalate, []string{"上报督办", "上报督办单位"}, []string{"escalation", "escalate"}},
	{Evidence, []string{"佐证", "公开链接"}, []string{"evidence"}},
	{Starts, []string{"起", "计自", "起始日期"}, []string{"starts", "counts from", "from"}},
	{Ends, []string{"止", "计至", "终止日期"}, []string{"ends", "counts until", "until"}},
	{Pausable, []string{"可暂停", "可中止计时"}, []string{"pausable", "the clock can be stopped"}},
	{Extendable, []string{"可延期", "延期上限"}, []string{"extendable", "extensions add at most"}},
	{Note, []string{"说明", "具体要求", "工作内容", "主要措施", "工作要求", "工作举措", "主要内容", "公开内容", "公开内容（要素）", "内容标准", "具体内容", "具体任务", "工作措施", "目标要求", "要求", "任务内容", "推进措施", "内容", "具体举措", "主要举措", "工作标准", "落实措施", "具体措施", "任务要求"}, []string{"note", "notes", "requirement", "requirements", "details", "description"}},
	{Remark, []string{"备注"}, []string{"remark", "remarks"}},
	{Person, []string{"分管领导", "牵头负责领导", "区政府分管领导", "责任人", "联系人", "负责人", "责任领导", "联系电话", "电话", "填报人", "审核人", "分管县领导"}, []string{"contact", "person", "phone"}},
}

// plain is a text by which heads and names are compared: the widths of its
// characters, spaces, breaks and case do not matter.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == '〔' || r == '【' || r == '﹝':
			r = '('
		case r == '〕' || r == '】' || r == '﹞':
			r = ')'
		}
		if unicode.IsSpace(r) || r == '\u3000' || r == '\u200b' || r == '*' {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// withoutBrackets is a text without what stands in brackets.
func withoutBrackets(s string) string {
	for {
		open := strings.LastIndexByte(s, '(')
		if open < 0 {
			return s
		}
		length := strings.IndexByte(s[open:], ')')
		if length < 0 {
			return s
		}
		s = s[:open] + s[open+length+1:]
	}
}

var byHead = func() map[string]Column {
	out := map[string]Column{}
	for _, h := range headings {
		for _, head := range append(slices.Clone(h.zh), h.en...) {
			out[plain(head)] = h.column
		}
	}
	for _, k := range rules.KeysOf(rules.ObligationEntry) { // as forms call them
		if c := Column(k.Name); isColumn(c) {
			for _, label := range []string{k.Label.Zh, k.Label.En, k.Name} {
				if _, taken := out[plain(label)]; !taken {
					out[plain(label)] = c
				}
			}
		}
	}
	return out
}()

func isColumn(c Column) bool {
	return slices.ContainsFunc(headings, func(h heading) bool { return h.column == c })
}

// mostHead is how many characters a head has at most.
const mostHead = 24

// columnCalled is the column under such a head.
func columnCalled(head string) Column {
	s := strings.TrimRight(plain(head), ":*")
	if s == "" || len([]rune(s)) > mostHead {
		return Unused
	}
	for _, form := range []string{s, withoutBrackets(s), strings.NewReplacer("(", "", ")", "").Replace(s)} {
		if c, ok := byHead[form]; ok {
			return c
		}
	}
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
	}
	switch {
	case has("领导", "责任人", "联系人", "负责人", "电话", "姓名"):
		return Person
	case has("情况", "进展", "当前", "完成率"):
		return Unused // what was done, not what is owed
	case has("配合", "协同", "协办", "协助") && has("单位", "部门", "科室"):
		return Partners
	case has("责任", "牵头", "负责", "承办", "主办", "落实") && has("单位", "部门", "科室", "主体", "处室"):
		return Units
	case has("时限", "期限") || has("完成", "报送", "上报", "截止", "办结", "办理") && has("时间", "日期", "时点"):
		return Deadline
	}
	return Unused
}

// heads are what the columns of a grid hold.
type heads struct {
	row     int // that they stand in, among the grid's
	rows    int // they take up: two where one head stands over several
	columns []Column
	texts   []string
}

// searched is how many rows are looked at for the heads.
const searched = 60

// findHeads finds the row of heads by its words.
func findHeads(g *Grid) (heads, bool) {
	for i, line := range g.Rows[:min(len(g.Rows), searched)] {
		if h := headsIn(line); h.score() >= 2 {
			h.row = i
			if i+1 < len(g.Rows) {
				h.join(g.Rows[i+1])
			}
			h.assign()
			return h, true
		}
	}
	return heads{}, false
}

func headsIn(line Line) heads {
	h := heads{rows: 1, columns: make([]Column, len(line.Cells)), texts: make([]string, len(line.Cells))}
	for i, c := range line.Cells {
		h.texts[i] = strings.ReplaceAll(c.Text, "\n", "")
		h.columns[i] = columnCalled(c.Text)
	}
	return h
}

// score is how many different columns are known; without one that says what is to
// be done the row holds no heads.
func (h heads) score() int {
	seen := map[Column]bool{}
	for _, c := range h.columns {
		if c != Unused {
			seen[c] = true
		}
	}
	if !seen[Title] && !seen[Note] && !seen[TitleEn] {
		return 0
	}
	return len(seen)
}

// join takes in a second row of heads, which stands under some of the first.
func (h *heads) join(line Line) {
	under := headsIn(line)
	more := 0
	for i, c := range line.Cells {
		same := i < len(h.texts) && strings.ReplaceAll(c.Text, "\n", "") == h.texts[i]
		switch {
		case c.Text == "" || same && c.Above:
		case under.columns[i] != Unused && !same:
			more++
		case len([]rune(plain(c.Text))) > 8 || !c.Above && i < len(h.texts) && h.texts[i] != "" && !wide(h.texts, i):
			return // a task
		}
	}
	if more == 0 {
		return
	}
	h.rows = 2
	for i, c := range under.columns {
		switch {
		case i >= len(h.columns):
			h.columns, h.texts = append(h.columns, c), append(h.texts, under.texts[i])
		case c != Unused:
			h.columns[i], h.texts[i] = c, under.texts[i]
		}
	}
}

// wide tells whether a head stands over several columns.
func wide(texts []string, i int) bool {
	return i > 0 && texts[i-1] == texts[i] || i+1 < len(texts) && texts[i+1] == texts[i]
}

// assign gives each column one job: of several for tasks the first holds for the
// rows of the others; 责任单位 beside 牵头单位 are the partners.
func (h *heads) assign() {
	lead := slices.ContainsFunc(h.texts, func(s string) bool { return columnCalled(s) == Units && strings.Contains(plain(s), "牵头") })
	seen := map[Column]int{}
	for i, c := range h.columns {
		switch {
		case c == Units && lead && !strings.Contains(plain(h.texts[i]), "牵头"):
			c = Partners
		case c == Title && seen[Title] > 0:
			h.columns[seen[Title]-1] = Task
			seen[Title] = i + 1
			continue
		}
		if _, twice := seen[c]; twice && c != Unused && c != Note && c != Remark && c != Person && c != Units && c != Partners {
			c = Unused
		}
		h.columns[i] = c
		if _, twice := seen[c]; !twice {
			seen[c] = i + 1
		}
	}
	if seen[Title] == 0 && seen[Note] > 0 { // the requirement is all there is
		h.columns[seen[Note]-1] = Title
	}
}
