package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/words"
)

// saying is all that a rule says, in a form that two of them can be compared by.
func saying(o *rules.Obligation) string {
	ids := func(units []*rules.Unit) string {
		var out []string
		for _, u := range units {
			out = append(out, u.ID)
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	names := func(key string) string {
		v, ok := o.Given(key)
		out := []string{fmt.Sprint(ok && len(v.List) > 0)}
		for _, one := range v.List {
			out = append(out, one.Text)
		}
		return strings.Join(out, " ")
	}
	starts, ends := o.Span()
	return strings.Join([]string{
		o.ID, o.Ref, o.Title, o.TitleEn, ids(o.Units), names("units"), ids(o.Partners), names("partners"),
		string(o.Cadence.Kind), o.Cadence.Value, o.Within.String(), string(o.Roll), string(o.Basis), o.PolicyName, o.Policy.String(),
		fmt.Sprint(o.EvidenceRequired, o.Pausable, o.Extendable), starts.String(), ends.String(), o.Note,
	}, "\n")
}

// thereAndBack writes a plan's rules as a file and reads them back.
func thereAndBack(t rapid.TB, set *rules.Set, p *rules.Plan, language, format string) *Draft {
	t.Helper()
	var b bytes.Buffer
	var err error
	if format == "csv" {
		err = WriteCSV(&b, Rules(p, set, language))
	} else {
		err = WriteXLSX(&b, []Table{Rules(p, set, language), About(p, set, language)})
	}
	if err != nil {
		t.Fatal(err)
	}
	g, err := Read(b.Bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	if format == "xlsx" && (g.Plan["id"] != p.ID || g.Plan["starts"] != p.Starts.String()) {
		t.Fatalf("the sheet of the plan says %v", g.Plan)
	}
	l, err := Lay(g)
	if err != nil {
		t.Fatal(err)
	}
	return Understand(l.Rows, l.LeftOut, set, Options{ID: "back", Title: p.Title, Issued: p.Issued, Starts: p.Starts, Ends: p.Ends, Endless: true})
}

func compare(t rapid.TB, d *Draft, p *rules.Plan) {
	t.Helper()
	if len(d.Obligations) != len(p.Obligations) {
		t.Fatalf("%d rules of %d", len(d.Obligations), len(p.Obligations))
	}
	for i, o := range p.Obligations {
		got := d.Rule(o.ID)
		if got == nil {
			t.Fatalf("%s is lost: %v", o.ID, d.Rows[i].Problems)
		}
		if a, b := saying(got), saying(o); a != b {
			t.Fatalf("says\n%s\nwant\n%s\nproblems %v", a, b, d.Rows[i].Problems)
		}
	}
}

func TestTheShippedRulesThereAndBack(t *testing.T) {
	set := shipped(t)
	for _, language := range []string{"zh-CN", "en"} {
		for _, format := range []string{"xlsx", "csv"} {
			t.Run(language+" "+format, func(t *testing.T) {
				d := thereAndBack(t, set, set.Plans[0], language, format)
				compare(t, d, set.Plans[0])
				for _, r := range d.Rows {
					if len(r.Problems) > 0 {
						t.Errorf("row %d: %v", r.Row, r.Problems)
					}
				}
			})
		}
	}
}

// Random plans: every key that a rule can carry, with texts that look like
// everything which tables hold.
var (
	anyText = rapid.OneOf(
		rapid.SampledFrom([]string{"公布预算", "1.公布", "一、总则", "同上", "/", "无", "=SUM(A1)", "+1", "-", "@x", "'=1", "合计", "注：说明", "2026-09-30", "43101", "1.10", "true", "每月15日前", "备注", "序号", "a\tb", "等", "、", "（一）x"}),
		rapid.StringMatching(`[a-z市县局部、，。0-9 ()（）="'=+-]{1,20}`),
	).Filter(func(s string) bool { return strings.Trim(s, spaces) == s && rules.CheckLine(s) == nil && s != "" })
	anyNote = rapid.OneOf(anyText, rapid.SampledFrom([]string{"第一行\n第二行", "a\n\nb", "x\ty", "- 一\n- 二", "\"引号\""}))
	anyID   = rapid.StringMatching(`[a-z0-9]([a-z0-9.-]{0,6}[a-z0-9])?`)
	anyName = rapid.OneOf(
		rapid.SampledFrom([]string{"市财政局", "市教育和体育局", "各县（市、区）政府", "市政府办公室（市政府督查室）", "局、委", "牵头办", "A等", "市局。", "按职责分工负责", "各镇区", "市财政局 ", "财政,局", "配合"}),
		rapid.StringMatching(`[市县][一-龥]{1,3}[局委办]`), anyText,
	).Filter(func(s string) bool { return rules.CheckLine(s) == nil && s != "" })
	anyCount = rapid.SampledFrom([]string{"0 days", "1 day", "10 days", "-3 days", "0 working days", "1 working day", "15 working days", "-2 working days", "1 month", "3 months", "1 year", "-1 month", "400 days"})
)

func anySpec(t *rapid.T) rules.Spec {
	spec := rules.Spec{}
	value := func(s string) rules.Value { return rules.Value{Text: s} }
	list := func(all []string) rules.Value { return rules.Value{List: texts(all...)} }
	unitIDs := rapid.SliceOfNDistinct(anyID, 1, 5, rapid.ID).Draw(t, "unit ids")
	for _, id := range unitIDs {
		e := &rules.Entry{Kind: rules.UnitEntry}
		e.Set("id", value(id))
		e.Set("name", value(anyName.Draw(t, "name")))
		e.Set("mail", list([]string{"a@b.example"}))
		if rapid.Bool().Draw(t, "alias") {
			e.Set("alias", list([]string{anyName.Draw(t, "alias")}))
		}
		if rapid.Bool().Draw(t, "english") {
			e.Set("name_en", value(anyName.Draw(t, "name_en")))
		}
		spec.Units = append(spec.Units, e)
	}
	refs := slices.Clone(unitIDs)
	for _, id := range rapid.SliceOfNDistinct(anyID, 0, 2, rapid.ID).Draw(t, "group ids") {
		e := &rules.Entry{Kind: rules.GroupEntry}
		e.Set("id", value(id))
		e.Set("name", value(anyName.Draw(t, "group name")))
		e.Set("members", list(rapid.SliceOfNDistinct(rapid.SampledFrom(unitIDs), 1, len(unitIDs), rapid.ID).Draw(t, "members")))
		spec.Groups = append(spec.Groups, e)
		refs = append(refs, "@"+id)
	}
	plan := &rules.Entry{Kind: rules.PlanEntry}
	issued := calendar.DateOf(2026, 3, 12)
	plan.Set("id", value("p"))
	plan.Set("title", value(rapid.SampledFrom([]string{"2026年计划", "计划", "a/b:c*[1]", strings.Repeat("长", 40)}).Draw(t, "title")))
	plan.Set("issued", rules.Value{Day: issued})
	plan.Set("starts", rules.Value{Day: issued})
	var events []*rules.Entry
	eventNames := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"文件废止或宣布失效", "文件废止和宣布失效", "收到申请", "文件废止", "receipt", "File repealed", "项目验收"}), 0, 4, rapid.ID).Draw(t, "events")
	eventIDs := []string{"nobody-named-it"}
	for i, name := range eventNames {
		e := &rules.Entry{Kind: rules.EventEntry}
		id := fmt.Sprintf("event-%d", i)
		eventIDs = append(eventIDs, id)
		e.Set("id", value(id))
		e.Set("name", value(name))
		events = append(events, e)
	}
	plan.Set("event", rules.Value{Entries: events})
	plan.Set("policy", rules.Value{Entries: []*rules.Entry{standardPolicy(), {Kind: rules.PolicyEntry, Name: "quiet"}}})
	p := rules.PlanSpec{Plan: plan, Calendar: calendar.China()}
	var before []string
	for _, id := range rapid.SliceOfNDistinct(anyID, 1, 6, rapid.ID).Draw(t, "ids") {
		e := &rules.Entry{Kind: rules.ObligationEntry}
		maybe := func(key string, v func() rules.Value) {
			if rapid.Bool().Draw(t, key) {
				e.Set(key, v())
			}
		}
		e.Set("id", value(id))
		e.Set("title", value(anyText.Draw(t, "title")))
		maybe("ref", func() rules.Value { return value(anyText.Draw(t, "ref")) })
		maybe("title_en", func() rules.Value { return value(anyText.Draw(t, "title_en")) })
		maybe("note", func() rules.Value { return value(anyNote.Draw(t, "note")) })
		some := func(what string) rules.Value {
			return list(rapid.SliceOfNDistinct(rapid.SampledFrom(refs), 1, len(refs), rapid.ID).Draw(t, what))
		}
		kind := rapid.SampledFrom([]string{"every", "cron", "rrule", "on", "event", "after", "deadline"}).Draw(t, "kind")
		if kind == "after" && len(before) == 0 {
			kind = "every"
		}
		if kind != "after" || rapid.Bool().Draw(t, "own units") {
			e.Set("units", some("units"))
		}
		maybe("partners", func() rules.Value { return some("partners") })
		switch kind {
		case "every":
			e.Set("every", value(rapid.SampledFrom(words.Periods).Draw(t, "every")))
		case "cron":
			e.Set("cron", value(rapid.SampledFrom([]string{"0 0 25 * *", "0 0 31 8 *", "30 9 * * 1-5", "0 0 * * *"}).Draw(t, "cron")))
		case "rrule":
			e.Set("rrule", value(rapid.SampledFrom([]string{"FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=20"}).Draw(t, "rrule")))
		case "on":
			e.Set("on", rules.Value{Day: issued + calendar.Date(rapid.IntRange(0, 900).Draw(t, "on"))})
		case "event":
			e.Set("event", value(rapid.SampledFrom(eventIDs).Draw(t, "event")))
			maybe("pausable", func() rules.Value { return rules.Value{Flag: true} })
			maybe("extendable", func() rules.Value {
				return value(rapid.SampledFrom([]string{"15 working days", "1 month", "30 days"}).Draw(t, "extendable"))
			})
		case "after":
			e.Set("after", value(rapid.SampledFrom(before).Draw(t, "after")))
		case "deadline":
			e.Set("deadline", value(rapid.SampledFrom([]string{"每月15日前", "9月30日前", "年底前", "方案印发之日起30个工作日内", "从2026年5月起每月底前", "每周五16时前", "每年三月底前", "by the 15th of each month"}).Draw(t, "deadline")))
		}
		if kind != "deadline" {
			maybe("within", func() rules.Value { return value(anyCount.Draw(t, "within")) })
			maybe("roll", func() rules.Value {
				return value(rapid.SampledFrom([]string{"forward", "backward", "none"}).Draw(t, "roll"))
			})
		}
		maybe("basis", func() rules.Value { return value(rapid.SampledFrom([]string{"text", "assumed"}).Draw(t, "basis")) })
		maybe("evidence", func() rules.Value {
			return value(rapid.SampledFrom([]string{"required", "optional"}).Draw(t, "evidence"))
		})
		maybe("starts", func() rules.Value { return rules.Value{Day: issued + 30} })
		maybe("ends", func() rules.Value { return rules.Value{Day: issued + 3000} })
		maybe("remind", func() rules.Value {
			return list(rapid.SliceOfN(rapid.SampledFrom([]string{"7 working days before", "1 day before", "10 days before", "on the day"}), 0, 3).Draw(t, "remind"))
		})
		maybe("overdue", func() rules.Value {
			return value(rapid.SampledFrom([]string{"every working day", "every 2 working days", "every 7 days", "every day"}).Draw(t, "overdue"))
		})
		maybe("escalate", func() rules.Value {
			return value(rapid.SampledFrom([]string{"1 working day after", "3 working days after", "7 days after"}).Draw(t, "escalate"))
		})
		if _, own := e.Get("remind"); !own || rapid.Bool().Draw(t, "policy too") {
			e.Set("policy", value(rapid.SampledFrom([]string{"standard", "quiet"}).Draw(t, "policy")))
		}
		p.Obligations = append(p.Obligations, e)
		before = append(before, id)
	}
	spec.Plans = append(spec.Plans, p)
	return spec
}

func TestAnyRulesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, problems := rules.New(anySpec(t))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		language := rapid.SampledFrom([]string{"zh-CN", "en"}).Draw(t, "language")
		format := rapid.SampledFrom([]string{"xlsx", "csv"}).Draw(t, "format")
		compare(t, thereAndBack(t, set, set.Plans[0], language, format), set.Plans[0])
	})
}

// Every key of a rule has a column, or is what a deadline in words says.
func TestEveryKeyOfARuleHasAColumn(t *testing.T) {
	inWords := []string{"every", "cron", "rrule", "on", "event", "after", "within", "roll"}
	for _, k := range rules.KeysOf(rules.ObligationEntry) {
		if !slices.Contains(inWords, k.Name) && (!isColumn(Column(k.Name)) || !slices.Contains(writtenColumns, Column(k.Name))) {
			t.Errorf("no column for %s", k.Name)
		}
	}
	for _, c := range writtenColumns {
		for _, language := range []string{"zh-CN", "en"} {
			if got := columnCalled(HeadOf(c, language)); got != c {
				t.Errorf("%s is written under %q, which is read as %q", c, HeadOf(c, language), got)
			}
		}
	}
}
