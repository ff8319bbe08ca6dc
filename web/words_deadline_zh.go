package web

import "maps"

// zhDeadlines is what is wrong with deadlines in words, in Chinese.
var zhDeadlines = map[string]string{
	"%d %s is too far": "%d %s 太长",
	"%d %s of what? say what the days are counted from":                     "请写明从何时起算（%d %s）",
	"%d has no 29 February":                                                 "%d年没有2月29日",
	"%q is no name of an event: letters, digits, spaces and - . 、 《》 alone": "%q不能作为事件名称，只能用文字、数字、空格和 - . 、 《》",
	"%q is no rule":        "%q不是规则",
	"%q is not understood": "%q无法理解",
	"%q is not understood: write it as in by the 15th of each month, within 10 working days after each quarter, by 30 September 2026": "%q无法理解，请写作每月15日前、每季度结束后10个工作日内、2026年9月30日前",
	"%q is not understood: write it as in 每月15日前, 每季度结束后10个工作日内, 2026年9月30日前":                                                         "%q无法理解，请写作每月15日前、每季度结束后10个工作日内、2026年9月30日前",
	"this is not understood: write it as in 每月15日前, 每季度结束后10个工作日内, 2026年9月30日前":                                                       "无法理解，请写作每月15日前、每季度结束后10个工作日内、2026年9月30日前",
	"%q names no day: choose a rhythm":                                 "%q没有写明日期，请选择频次",
	"%q says not from when it counts: choose a rhythm of the calendar": "%q没有写明从何时起算，请选择按日历的频次",
	"%s is another day of the week":                                    "%s不是所写的星期",
	"April has no day 31":                                              "4月没有31日",
	"an exception cannot be said in one rule: write a rule for what is owed, or give it to others": "一条规则不能带例外，请只写应办的部分，或分成几条",
	"hours are not counted: days and working days are":                                             "不能按小时计算，请写日或工作日",
	"is empty: write a deadline, as in 每月15日前 or by the 15th of each month":                        "不能为空，请写时限，如每月15日前",
	"month %d does not have a day %d every year":                                                   "%d月不是每年都有%d日",
	"month %d has no day %d":                                            "%d月没有%d日",
	"no month has %d of a weekday":                                      "一个月没有第%d个星期几",
	"no month has a day %d":                                             "没有哪个月有%d日",
	"no one rule says these days: write a rule each":                    "这些日期不能合成一条规则，请分别填写",
	"so many times without days is no deadline: choose a rhythm":        "只有次数没有日期，请选择频次",
	"there is no month %d":                                              "没有%d月",
	"there is no such day to start from":                                "没有这样的起始日期",
	"there is no such day: %s":                                          "没有这样的日期：%s",
	"this counts from the first of a month: say it as in 每月15日前":        "这是从1日起算，请写作每月15日前",
	"this is several dates: write a rule each, or each year after them": "这是几个日期，请分别填写，或写明每年",
	"this is several dates: write a rule each, or 每年 before them":       "这是几个日期，请分别填写，或在前面写每年",
	"this can be read in two ways: say which":                           "有两种理解，请写明是哪一种",
	"counted from what? %q may be several days: name what happens, as in within 10 working days of the repeal": "请写明从何时起算：%q不只一天",
	"counted from what? say it, as in within 10 working days of the plan or of an event":                       "请写明从何时起算，如收到申请后20个工作日内",
	"counted from what? say it, as in 方案印发之日起30个工作日内 or 收到申请后20个工作日内":                                          "请写明从何时起算，如方案印发之日起30个工作日内、收到申请后20个工作日内",
	"says again what deadline says in words: leave one of the two out":                                         "与“文字时限”重复，请只留一个",
	"%v%s": "%v%s",
	"no event is called %q here%s: name it by an [[event]] in plan.toml, or write its id, as in file-repealed后10个工作日内": "没有名为%q的事件%s，请在 plan.toml 中以 [[event]] 命名，或填写事件的编号，如 file-repealed后10个工作日内",
	"%s is not counted: it is due at close of business, and the note says the hour":                                    "不按%s计算，截止于当日下班时，时刻写入说明",
}

func init() {
	maps.Copy(zhRules, zhDeadlines)
	maps.Copy(zh, zhDeadlines)
}
