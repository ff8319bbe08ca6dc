package sheet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"duban/rules"
	"duban/rules/calendar"
)

// county is a directory of offices as tables name them.
func county(t testing.TB) *rules.Set {
	t.Helper()
	spec := rules.Spec{}
	for i, names := range []string{"县水务局", "县住建局", "县护城河指挥部", "市发展改革局 市发改委", "市教育和体育局", "市政府办公室（市政府督查室）", "市财政局", "办公室", "省发展改革委", "住房城乡建设厅", "交通运输厅", "市卫生计生局", "区教育局"} {
		all := strings.Fields(names)
		e := &rules.Entry{Kind: rules.UnitEntry}
		e.Set("id", rules.Value{Text: fmt.Sprintf("u%d", i)})
		e.Set("name", rules.Value{Text: all[0]})
		e.Set("alias", rules.Value{List: texts(all[1:]...)})
		e.Set("mail", rules.Value{List: texts("a@b.example")})
		if i > 0 {
			e.Set("supervisor", rules.Value{Text: "u0"})
		}
		spec.Units = append(spec.Units, e)
	}
	for _, name := range []string{"各镇区", "各县（市、区）政府（管委会）", "各科室"} {
		e := &rules.Entry{Kind: rules.GroupEntry}
		e.Set("id", rules.Value{Text: fmt.Sprintf("g%d", len(spec.Groups))})
		e.Set("name", rules.Value{Text: name})
		e.Set("members", rules.Value{List: texts("u1", "u2")})
		spec.Groups = append(spec.Groups, e)
	}
	set, problems := rules.New(spec)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

func TestHowTablesNameUnits(t *testing.T) {
	d := newDirectory(county(t))
	refs := func(all []named) string {
		var out []string
		for _, n := range all {
			if n.Ref == "" {
				n.Ref = "?" + n.Name
			}
			out = append(out, n.Ref)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ cell, lead, partners string }{
		{"县水务局\n县住建局\n县护城河指挥部", "u0 u1 u2", ""},
		{"市教育和\n体育局", "u4", ""},
		{"市教育和体育局和市财政局", "u4 u6", ""},
		{"市政府办公室\n(市政府督查室)", "u5", ""},
		{"市政府办公室", "u5", ""},
		{"市 财 政 局", "u6", ""},
		{"市财政局 市发改委", "u6 u3", ""},
		{"市财政局、市发改委；各镇区", "u6 u3 @g0", ""},
		{"各县（市、区）政府（管委会）", "@g1", ""},
		{"市财政局，各县(市、区)政府(管委会)", "u6 @g1", ""},
		{"办公室牵头，各科室配合", "u7", "@g2"},
		{"由市财政局牵头，市发改委、各镇区配合。", "u6", "u3 @g0"},
		{"牵头单位：市财政局；责任单位：市发改委、各镇区", "u6", "u3 @g0"},
		{"责任单位：市财政局、市发改委", "u6 u3", ""},
		{"市财政局等", "u6", ""},
		{"市财政局、市发改委等有关部门按职责分工负责", "u6 u3", ""},
		{"省发展改革委，住房城乡建设厅、交通运输厅", "u8 u9 u10", ""},
		{"各区县政府（含南太湖新区、长合区管委会）", "?各区县政府(含南太湖新区、长合区管委会)", ""},
		{"各县、市、区政府", "?各县、市、区政府", ""},
		{"市网信办\n市大数据局", "?市网信办 ?市大数据局", ""},
		{"市人力资源社会\n保障局", "?市人力资源社会保障局", ""},
		{"@g0", "@g0", ""},
		{"u6", "u6", ""},
		{"", "", ""},
	} {
		p := d.people(c.cell)
		if refs(p.Lead) != c.lead || refs(p.Partners) != c.partners {
			t.Errorf("%q: %s | %s, want %s | %s", c.cell, refs(p.Lead), refs(p.Partners), c.lead, c.partners)
		}
	}
}

func TestNamesThatMayBeMeant(t *testing.T) {
	d := newDirectory(county(t))
	for name, want := range map[string]string{
		"市卫计局": "市卫生计生局", "市发改局": "市发展改革局", "教育局": "区教育局", "市财政厅": "市财政局", "各镇街": "各镇区", "某某公司": "",
	} {
		got := ""
		if near := d.near(name); len(near) > 0 {
			got = near[0]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// lay reads rows of cells with bars between.
func lay(t testing.TB, lines ...string) *Layout {
	t.Helper()
	g := &Grid{}
	for i, l := range lines {
		var cells []Cell
		for _, text := range strings.Split(l, "|") {
			cells = append(cells, Cell{Text: clean(strings.ReplaceAll(text, "⏎", "\n"))})
		}
		if err := g.add(i+1, cells); err != nil {
			t.Fatal(err)
		}
	}
	l, err := Lay(g)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestHowTablesAreLaidOut(t *testing.T) {
	show := func(l *Layout) string {
		var out []string
		for _, r := range l.Rows {
			line := ""
			for _, c := range []Column{Ref, Task, Title, Note, Units, Partners, Deadline} {
				if r.Cells[c] != "" {
					line += string(c[0]) + "=" + strings.ReplaceAll(r.Cells[c], "\n", "⏎") + " "
				}
			}
			out = append(out, strings.TrimSpace(line))
		}
		return strings.Join(out, "\n")
	}
	for name, c := range map[string]struct{ table, want string }{
		"heads with spaces and breaks": {"序号|工 作 任 务|负责⏎部门|时间进度\n1|甲事|市财政局|年底前", "r=1 t=甲事 u=市财政局 d=年底前"},
		"a title and an annex above":   {"附件1\n分工方案\n序号|民生实事|责任单位|完成时限\n1|修路|县住建局|12月底前", "r=1 t=修路 u=县住建局 d=12月底前"},
		"an empty unit holds":          {"工作任务|具体要求|责任单位\n招商引资|报送进展|市财政局\n|签约项目|", "r=1 t=招商引资 n=报送进展 u=市财政局\nr=2 t=招商引资 n=签约项目 u=市财政局"},
		"numbers without a head":       {"工作任务||具体要求|责任科室\n甲|1|做好|办公室\n|2|再做好|", "r=1 t=甲 n=做好 u=办公室\nr=2 t=甲 n=再做好 u=办公室"},
		"lead beside responsible":      {"事项|牵头单位|责任单位\n甲|市财政局|市发改委", "r=1 t=甲 u=市财政局 p=市发改委"},
		"partners do not hold":         {"序号|事项|牵头单位|配合单位\n1|甲|市财政局|市发改委\n2|乙|市财政局|", "r=1 t=甲 u=市财政局 p=市发改委\nr=2 t=乙 u=市财政局"},
		"partners hold with the unit":  {"序号|事项|牵头单位|配合单位\n1|甲|市财政局|市发改委\n2|乙||", "r=1 t=甲 u=市财政局 p=市发改委\nr=2 t=乙 u=市财政局 p=市发改委"},
		"headings, heads again, a sum": {"序号|事项|责任单位\n一、总的要求||\n1|甲|市财政局\n序号|事项|责任单位\n二、工作任务||\n1|乙|市发改委\n合计|2|", "r=1.1 t=甲 u=市财政局\nr=2.1 t=乙 u=市发改委"},
		"numbers that begin at 80":     {"序号|目标与任务|责任单位\n80|甲|市财政局\n81|乙|市发改委", "r=80 t=甲 u=市财政局\nr=81 t=乙 u=市发改委"},
		"as above, and nothing":        {"序号|事项|责任单位|完成时限\n1|甲|市财政局|每月\n2|乙|同上|同上\n3|丙|市发改委|—", "r=1 t=甲 u=市财政局 d=每月\nr=2 t=乙 u=市财政局 d=每月\nr=3 t=丙 u=市发改委"},
		"persons are no units":         {"事项|牵头负责领导|牵头责任单位|协同责任单位\n甲|王某|市财政局|市发改委", "r=1 t=甲 u=市财政局 p=市发改委"},
		"two rows of heads":            {"序号|公开事项|公开事项|公开内容（要素）|公开时限|公开主体\n|一级事项|二级事项|||\n1|综合|通知|全文|20个工作日内|区教育局", "r=1 t=综合 t=通知 n=全文 u=区教育局 d=20个工作日内"},
		"the requirement alone":        {"具体要求|牵头落实单位\n1.按月公开|市财政局\n2.每年公布|", "r=1 t=按月公开 u=市财政局\nr=2 t=每年公布 u=市财政局"},
		"circled numbers":              {"工作任务|责任单位\n①甲事|市财政局\n②乙事|", "r=1 t=甲事 u=市财政局\nr=2 t=乙事 u=市财政局"},
	} {
		l := lay(t, strings.Split(c.table, "\n")...)
		if got := show(l); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s\nleft out %v", name, got, c.want, l.LeftOut)
		}
	}
}

// Every line is a duty, or left out with the reason.
func TestNoLineIsLost(t *testing.T) {
	l := lay(t, "附件", "单位：万元", "序号|事项|责任单位", "一、总则||", "1|甲|市财政局", "注：列第一位的为牵头单位||", "2|乙|", "||市发改委", "此件公开发布||")
	if len(l.Rows) != 3 || len(l.LeftOut) != 5 {
		t.Errorf("%d rows, left out %v", len(l.Rows), l.LeftOut)
	}
}

func TestDeadlinesOfRows(t *testing.T) {
	set := county(t)
	opt := Options{ID: "p", Title: "2026年分工方案", Issued: calendar.DateOf(2026, 3, 12)}
	for _, c := range []struct {
		title, deadline string
		understood      bool
		want            string // of each rule
		problem         string // part of one
	}{
		{"甲", "每月15日前", true, "month 15 days", ""},
		{"甲", "6月15日前、12月10日前", true, "2026-06-15 0 days; 2026-12-10 0 days", ""},
		{"甲", "每月15日前\n每季度", true, "month 15 days; quarter 0 days", ""},
		{"甲", "及时", false, "quarter 0 days", "names no day"},
		{"甲", "9月前", false, "quarter 0 days", "two ways"},
		{"甲", "每月15日16时前", true, "month 15 days", "16:00 is not counted"},
		{"按月公开收支", "", true, "month 0 days", ""},
		{"每季度10日前公布", "", false, "quarter 0 days", "two ways"},
		{"每月发布价格,每季度、年度发布情况", "", true, "month 0 days; quarter 0 days; year 0 days", ""},
		{"开展日常监测、季度抽查和年终考评", "", true, "day 0 days; quarter 0 days; year 0 days", ""},
		{"制定年度计划", "", false, "quarter 0 days", "says no deadline"},
		{"公开2026年度报告", "", false, "quarter 0 days", "says no deadline"},
		{"应当在项目验收之日起10个工作日内公开", "", true, "xiangmuyanshou 10 working days", "is a new event"},
		{"于2026年9月底前完成改造", "", true, "2026-09-30 0 days", ""},
		{"甲", "2025年6月30日前", true, "2025-06-30 0 days", "the day of issue"},
		{"甲", "2027年6月30日前", true, "2027-06-30 0 days", "the year that the title names"},
		{"甲", "方案印发之日起30个工作日内", true, "2026-03-12 30 working days", ""},
	} {
		d := Understand([]Row{{Number: 2, Cells: map[Column]string{Title: c.title, Units: "市财政局", Deadline: c.deadline}}}, nil, set, opt)
		r := d.Rows[0]
		var got []string
		for _, id := range r.Rules {
			o := d.Rule(id)
			if o == nil {
				t.Fatalf("%s %s: no rule, %v", c.title, c.deadline, r.Problems)
			}
			got = append(got, o.Cadence.Value+" "+o.Within.String())
		}
		if strings.Join(got, "; ") != c.want || r.Understood != c.understood {
			t.Errorf("%s %q: %v understood %v, want %s", c.title, c.deadline, got, r.Understood, c.want)
		}
		if c.problem == "" && len(r.Problems) > 0 || c.problem != "" && !slices.ContainsFunc(r.Problems, func(p Trouble) bool { return strings.Contains(p.Error.Error(), c.problem) }) {
			t.Errorf("%s %q: problems %v, want %q", c.title, c.deadline, r.Problems, c.problem)
		}
	}
}

func TestUnitsInTheTextOfAnItem(t *testing.T) {
	set := county(t)
	for _, text := range []string{
		"推进改造（牵头单位：市财政局；责任单位：市发改委、各镇区，6月底完成）",
		"推进改造。\n责任单位：市财政局、市发改委",
	} {
		d := Understand([]Row{{Number: 2, Cells: map[Column]string{Title: text}}}, nil, set, Options{ID: "p", Title: "2026年方案", Issued: calendar.DateOf(2026, 3, 12)})
		r := d.Rows[0]
		if r.Title != "推进改造" || r.Units[0] != "u6" || strings.Contains(text, "6月底") != r.Understood {
			t.Errorf("%q: %+v", text, r)
		}
	}
}

func TestWhatHoldsForEveryRow(t *testing.T) {
	d := Understand([]Row{{Number: 2, Cells: map[Column]string{Title: "甲", Units: "市财政局"}}}, nil, county(t), Options{ID: "p", Title: "方案", Issued: calendar.DateOf(2026, 3, 12), Deadline: "每季度末月20日前"})
	if o := d.Rule("r2"); o == nil || o.Cadence.Kind != rules.ByRRule || o.Basis != rules.InText {
		t.Errorf("%+v %v", o, d.Rows)
	}
	d = Understand([]Row{{Number: 2, Cells: map[Column]string{Title: "甲", Units: "市财政局"}}}, nil, county(t), Options{ID: "p", Title: "方案", Issued: calendar.DateOf(2026, 3, 12), Deadline: "择机", Assume: "不时"})
	if len(d.Problems) != 2 {
		t.Errorf("nonsense for every row is told %v", d.Problems)
	}
}
