package catalogue

// zhBulletin is what a bulletin says, and what partners are told.
var zhBulletin = map[string]string{
	"letter: acts withdrawn": "【撤回】", "letter: withdrawn": "事件已撤销，无须再办", "letter: opening withdrawn": "起算以下事项的事件已撤销，贵单位无须再办。",
	"mail: n partner": "%d项配合", "mail: partner": "配合事项（由牵头单位报告，无需贵单位报告）", "mail: done": "已办结",
	"mail: bulletin tag":                "【督办通报】",
	"Bulletin of supervision, %s":       "%s督办情况通报",
	"Bulletin of supervision, %s to %s": "%s至%s督办情况通报",
	"As of %s":                          "数字截至%s",
	"chapter 1":                         "一、",
	"chapter 2":                         "二、",
	"chapter 3":                         "三、",
	"chapter 4":                         "四、",
	"chapter 5":                         "五、",
	"%s: %d units, %d periods were due; on time %d, late %d, overdue %d, open %d, waived %d. On-time rate %s.":       "%s，%d个单位应办结%d期，其中按期%d期，逾期办结%d期，逾期未结%d期，未到期%d期，豁免%d期，按期率%s。",
	"%s to %s: %d units, %d periods were due; on time %d, late %d, overdue %d, open %d, waived %d. On-time rate %s.": "%s至%s，%d个单位应办结%d期，其中按期%d期，逾期办结%d期，逾期未结%d期，未到期%d期，豁免%d期，按期率%s。",
	"The months before (%s to %s): %s; percentage points: %s.":                                                       "上期（%s至%s）按期率%s，本期%s个百分点。",
	"%d units were always on time.":                   "按期率100%%的单位%d个。",
	"Overdue now: %d items, %d periods, of %d units.": "目前逾期未结%d项、%d期，涉及%d个单位。",
	" Besides, %d periods of what is only tracked.":   "另有只登记、不提醒的%d期未登记办结。",
	"up %s":                                  "上升%s",
	"down %s":                                "下降%s",
	"the same":                               "持平",
	"Overall":                                "总体情况",
	"Month":                                  "月份",
	"Overdue items":                          "逾期未结事项",
	"Working days late":                      "已逾期（工作日）",
	"On time by unit":                        "各单位按期率",
	"Rank":                                   "名次",
	"Change in points":                       "比上期（百分点）",
	"Extensions and transfers":               "延期和转办",
	"First due":                              "原截止日",
	"transferred":                            "已转办",
	"%d were extended, %d were transferred.": "延期%d期，转办%d期。",
	"Nothing was extended or transferred.":   "没有延期和转办。",
}

// enBulletin has the English where a key is a name of ours.
var enBulletin = map[string]string{
	"letter: acts withdrawn": "[Withdrawn] ", "letter: withdrawn": "an event was withdrawn: nothing is to be done", "letter: opening withdrawn": "The event that started the following was withdrawn: nothing of it is left for you to do.",
	"mail: n partner": "%d as a partner", "mail: partner": "As a partner: the lead unit reports these, you need not", "mail: done": "done",
	"mail: bulletin tag": "[Duban bulletin] ",
	"chapter 1":          "1. ", "chapter 2": "2. ", "chapter 3": "3. ", "chapter 4": "4. ", "chapter 5": "5. ",
}
