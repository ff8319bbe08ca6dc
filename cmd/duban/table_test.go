package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// taskTable is a table as an office has it, for a plan of that year: two of its
// twelve rows are wrong, one has a new unit, two name no day.
func taskTable(year int) string {
	return strings.ReplaceAll(strings.Join([]string{
		"序号\t工作任务\t责任单位\t完成时限\t备注",
		"1.3\t按月公开全市一般公共预算收支完成情况\t市财政局\t每月15日前\t",
		"2.2\t公布进入电力市场交易资格单位名单\t市经济和信息化局\t每季度\t",
		"3.1\t公开市重点项目建设进度\t市发展改革局\t每月结束后10个工作日内\t",
		"5.7\t提请市政府标注已废止、失效文件\t市政府各部门、各镇区\t文件废止之日起10个工作日内\t",
		"7.4\t发布主要粮油价格信息及简要分析\t市发展改革局\t每周五\t",
		"9.6\t推送系列政策解读文案\t市科技局、市网信办\t每月\t微信公众号",
		"13.2\t公布水质最好和最差的镇区名单\t市环境保护局\t年底前\t",
		"14.9\t定期公布法定传染病总体信息\t市卫计局\t定期\t",
		"17.1\t发布全市房地产交易信息月报\t市住房和城乡建设局\t每月10日\t",
		"18.2\t做好重大风险隐患排查信息公开\t市安全监管局\t适时公开\t",
		"20.1\t政策文件与解读材料同步发布\t市委宣传部、各镇区\t每季度10日前\t",
		"21.2\t全市政府网站年终考评\t市政府办公室\tYEAR年1月31日前\t",
	}, "\n"), "YEAR", fmt.Sprint(year))
}

// paste puts a text into a field at once, tabs and all.
func (v *visitor) paste(selector, text string) {
	v.t.Helper()
	v.do("focus "+selector, chromedp.Focus(chromedp.CSS(selector)))
	if _, err := chromedp.Call(v.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		v.t.Fatalf("paste into %s: %v", selector, err)
	}
}

// administrator is somebody who has just made the first account.
func administrator(t *testing.T, scripts bool, width int64) (v *visitor, s *site, d *daemon) {
	t.Helper()
	ctx := browser(t, scripts, width)
	s, d, base, first := pageSite(t)
	v = &visitor{t, ctx, base}
	v.open(first)
	v.fill("input[name=name]", "admin")
	v.fill("input[name=password]", "correct horse battery")
	v.press("button.primary")
	v.sees("h1", "谁逾期了")
	return v, s, d
}

func TestAnAdministratorWhoTypesOnlyChineseMakesAPlanOfATable(t *testing.T) {
	for name, scripts := range map[string]bool{"with JavaScript": true, "without": false} {
		t.Run(name, func(t *testing.T) { planOfATable(t, scripts) })
	}
}

func planOfATable(t *testing.T, scripts bool) {
	v, s, d := administrator(t, scripts, 1400)
	year := zhongshan().Year() + 1
	clicks := 0
	press := func(selector string) { clicks++; v.press(selector) }
	fill := func(selector, text string) { clicks++; v.fill(selector, text) }

	press(`header a[href="/plans"]`)
	press(`a[href="/import"]`)
	fill("#t-title", fmt.Sprintf("%d年政务公开工作分工方案", year))
	clicks++
	v.paste("#t-text", taskTable(year))
	press("button[value=read]")
	v.sees("h1", "核对表格")
	v.sees(".summary", "12行", "8行读懂")
	v.sees("main", "市网信办", "是新单位", "就是市卫生计生局", "每季度首月10日前", "每季度末月10日前")

	v.do("a tall window", chromedp.EmulateViewport(1400, 1560))
	v.picture("import")
	v.do("the window as it was", chromedp.EmulateViewport(1400, 900))

	// Two rows are put right: a unit that is called otherwise, a deadline that can be
	// read in two ways. The new unit gets its address.
	press(`button[value^="alias:"]`)
	fill("textarea[name='r10.deadline']", "每季度首月10日前")
	fill("input[type=email]", "wxb@zs.example")
	press(".bar-foot button[value=check]")
	v.sees("main", "没有缺项", "12项事项")
	var shown []struct{ Ref, Next string }
	rows := ask(v, "the dates of the grid", chromedp.Evaluate[string](`JSON.stringify([...document.querySelectorAll("tr[id^=r]")].map(r => ({Ref: r.querySelectorAll("td")[2].innerText.trim(), Next: (r.innerText.match(/下一次 (\d{4}-\d\d-\d\d)/) || ["", ""])[1]})))`))
	if err := json.Unmarshal([]byte(rows), &shown); err != nil || len(shown) != 12 {
		t.Fatalf("the grid shows %s, %v", rows, err)
	}
	press(".bar-foot button[value=publish]")
	v.sees("h1", "发布草稿")
	v.sees("main", "12项事项", "首批到期")
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if scripts {
		v.accessible(string(axe), "/publish")
		v.fitsAPhone("/publish")
		v.do("the window as it was", chromedp.EmulateViewport(1400, 900))
	}
	press("main form button.primary")
	v.sees("main", "已发布")
	if clicks >= 20 {
		t.Errorf("it took %d clicks", clicks)
	}

	// The dates of the grid are those of preview, and the plan is in force.
	var plans []struct{ Plan, ID, Ref string }
	if err := json.Unmarshal([]byte(s.run("rules", "--json")), &plans); err != nil {
		t.Fatal(err)
	}
	byRef, plan := map[string]string{}, ""
	for _, o := range plans {
		if o.Plan != "zhongshan-2017" {
			plan, byRef[o.Ref] = o.Plan, o.ID
		}
	}
	if len(byRef) != 12 {
		t.Fatalf("%d obligations: %v", len(byRef), byRef)
	}
	today, events := zhongshan().Format(time.DateOnly), 0
	for _, row := range shown {
		id := byRef[row.Ref]
		dues := s.dues("preview", "--obligation", plan+":"+id, "--from", today, "--to", fmt.Sprintf("%d-12-31", year))
		switch {
		case row.Next == "":
			events++
		case len(dues) == 0 || dues[0].Due != row.Next:
			t.Errorf("%s: the grid says %s, preview %v", row.Ref, row.Next, dues[:min(len(dues), 1)])
		}
	}
	if events != 1 {
		t.Errorf("%d rows have no next date, one starts from an event", events)
	}
	made := 0
	for _, o := range s.dues("status") {
		for _, id := range byRef {
			if strings.HasPrefix(o.ID, id+"/") || strings.HasPrefix(o.ID, plan+":"+id+"/") {
				made++
			}
		}
	}
	if made == 0 {
		t.Error("the plan is in force, and nothing of it is owed")
	}
	s.run("verify")
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}

// The grid keeps nobody out, in light and dark, and fits a phone.
func TestTheGridIsForEverybody(t *testing.T) {
	v, _, d := administrator(t, true, 1400)
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	year := zhongshan().Year() + 1
	for _, width := range []int64{1400, 390} {
		for _, scheme := range []string{"light", "dark"} {
			_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			if err == nil {
				err = chromedp.Do(v.ctx, chromedp.EmulateViewport(width, 900))
			}
			if err != nil {
				t.Fatal(err)
			}
			where := fmt.Sprint(width, " ", scheme)
			v.open("/import")
			v.accessible(string(axe), where+" /import")
			v.fill("#t-title", "分工方案")
			v.paste("#t-text", taskTable(year))
			v.press("button[value=read]")
			v.sees("h1", "核对表格")
			v.accessible(string(axe), where+" the grid")
			if w := ask(v, "width", chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); w > width {
				t.Errorf("%s: the grid is %d pixels wide", where, w)
			}
			small := ask(v, "targets", chromedp.Evaluate[string](`[...document.querySelectorAll("main button:not(.default), main select, main summary")].filter(e => e.offsetHeight > 0 && e.offsetHeight < 44).map(e => e.outerHTML.slice(0, 90)).join("\n")`))
			if width == 390 && small != "" {
				t.Errorf("%s: too small for a thumb:\n%s", where, small)
			}
		}
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}

// What is pasted out of a word processor comes as a page: cells with lines of their
// own, and merged ones, stay whole.
func TestWhatIsPastedAsAPageKeepsItsCells(t *testing.T) {
	v, _, d := administrator(t, true, 1400)
	v.open("/import")
	v.fill("#t-title", "分工方案")
	ask(v, "paste", chromedp.Evaluate[bool](`(() => {
		const area = document.querySelector("#t-text"), data = new DataTransfer();
		data.setData("text/plain", "事项\t责任单位\n公布\t市人力资源社会\n保障局\n通报\t");
		data.setData("text/html", "<table><tr><td>事项</td><td>责任单位</td></tr><tr><td>公布</td><td rowspan=2><p>市人力资源社会</p><p>保障局</p></td></tr><tr><td>通报</td></tr></table>");
		area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
		area.value = data.getData("text/plain");
		return area.dispatchEvent(new InputEvent("input", {inputType: "insertFromPaste", bubbles: true}));
	})()`))
	v.press("button[value=read]")
	v.sees(".summary", "2行")
	for _, row := range []string{"r0", "r1"} {
		if got := ask(v, "the unit", chromedp.Value(chromedp.CSS("textarea[name='"+row+".units']"))); got != "市人力资源社会保障局" {
			t.Errorf("%s: the unit is %q", row, got)
		}
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}
