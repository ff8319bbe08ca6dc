package catalogue

// zhPlans is what is said of plans as a whole: how they come to be, and into force.
var zhPlans = map[string]string{
	"new plans have no folder here":                                                                              "此处不能新建方案",
	"there is a plan %q already: give the new one another id":                                                    "已有编号为%q的方案\uff0c请另取编号",
	"plan.toml has another id than %q, the folder's name":                                                        "plan.toml 中的编号与文件夹名%q不一致",
	"%s is no list in [ ]":                                                                                       "%s 不是 [ ] 中的列表",
	"no folder matches %q that has a plan.toml in it":                                                            "没有与%q相符且含有 plan.toml 的文件夹",
	"%q is no file of a plan: plan.toml, units.toml and obligations/NAME.toml are":                               "%q不是方案的文件\uff1b方案由 plan.toml、units.toml 和 obligations/名称.toml 组成",
	"the folder %s is there already, and is no plan that is read: name it in the configuration, or take it away": "文件夹%s已存在\uff0c但不在读取的方案之内\uff1a请写入配置文件\uff0c或移走该文件夹",
	"there is no configuration to list the plan in: duban init DIR writes one":                                   "没有可以登记方案的配置文件\uff1a请用 duban init 目录 生成",
	"%s names the plans, and duban may not write it (%v): add %s to its plans by hand and try again, or write plans = [\"plans/*\"] there once for all": "方案登记在 %s 中\uff0c但 duban 无权修改该文件\uff08%v\uff09\uff1a请在其 plans 中加入 %s 后重试\uff0c或改写为 plans = [\"plans/*\"]\uff0c以后自动识别",
	`%q is no pattern: write "plans/*" for every folder in plans that has a plan.toml`:                                                                  "%q不是有效的通配写法\uff1a写 \"plans/*\" 表示 plans 下每个含有 plan.toml 的文件夹",
	"action plan added": "新建方案",
	"Plans":             "方案", "New plan": "新建方案", "draft": "草稿", "in force": "已生效", "%d obligations of %d units": "%d个事项\uff0c%d个责任单位",
	"counts from": "计自", "until": "计至", "Settings": "设置", "New obligation": "新事项", "Several units": "批量填写单位", "Copy into %d": "复制为%d年方案",
	"A plan copied into %d": "复制为%d年方案", "All obligations and policies of “%s” with their dates in that year.": "含“%s”的全部事项和提醒策略\uff0c日期顺移到该年。",
	"It begins as a draft: nothing of it is owed or mailed before it is published.": "先存为草稿\uff1a发布之前不产生期次\uff0c也不发邮件。",
	"The draft is made: nothing of it is owed or mailed before it is published.":    "草稿已建立\uff1a发布之前不产生期次\uff0c也不发邮件。",
	"Make the draft": "建立草稿", "Left as it stands": "未改动的内容", "These name a year and may want to be put right by hand.": "以下内容写有年份\uff0c请人工核对。", "It says": "原文",
	"a row a unit: name, mail, supervisor, contact, phone; or with heads, in any order": "每行一个单位\uff1a名称、邮箱、督办单位、联系人、电话\uff1b有表头时顺序不限",
	"is empty: paste a row a unit": "是空的\uff1a请每行贴一个单位", "Some rows have to be put right: nothing is saved.": "有几行需要改正\uff0c都没有保存", "the unit stands twice in the table": "这个单位在表里出现了两次", "Row": "行", "Understood": "读懂",
	"is there: changed": "已有\uff0c按此更新", "a new unit": "新单位", "Check": "核对", "a row without a unit's name": "这一行没有单位名称", "a new unit of a plan in force needs an address": "方案已生效\uff0c新单位需要邮箱",
	"All plans":         "全部方案",
	"Paste the table":   "把表格贴在这里",
	"What it is called": "名称", "By when": "时限", "Contact": "联系人", "Members": "成员", "How reminded": "怎样提醒", "In English": "英文名称", "There are none.": "还没有。",
	"due from": "截止日自", "due until": "截止日至", "Were due": "应办结", "Menu": "菜单", "What part": "哪一项",

	// The calendar.
	"mark off": "休", "mark work": "班", "this day does not fit": "这一天对不上", "Not all of it fits": "有对不上的地方", "Save %d": "保存%d年", "%d holidays read: every day fits": "读到%d个节日\uff0c每一天都对得上",
	"Holiday": "节日", "How many": "共几天", "%d: some days do not fit": "%d年\uff1a还有对不上的日子", "grey: weekends": "灰色数字是周末", "What saving changes": "保存后会改变什么", "Moved": "差", "One by one": "逐期列出", "Title, ref, unit or id": "事项、条目、单位或编号",
	"%d days later": "晚%d天", "%d days earlier": "早%d天", "No due date moves.": "没有截止日改变。", "%d due dates stay, and are provisional no longer.": "另有%d期的截止日不变\uff0c不再是暂定。",
}
