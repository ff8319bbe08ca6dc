package catalogue

// zhAPI is what is said of tokens, and of the API to programs and those who write them.
var zhAPI = map[string]string{
	"Say which programs may use the API":  "设定哪些程序可以使用接口",
	"token: say add, list or remove":      "token\uff1a请写明 add、list 或 remove",
	"Let a program use the API":           "允许一个程序使用接口",
	"List which programs may use the API": "列出可以使用接口的程序",
	"add prints the token alone on the standard output. It is shown this once: the\nledger keeps a hash of it. The journal has what the program does under NAME. With\nthe role admin it does the work; with viewer it reads.": "add 只在标准输出打印令牌本身\uff0c且仅此一次\uff1a台账只保存其散列值。\n程序所做的一切以 NAME 记入流水。角色 admin 可办理事项\uff0cviewer 只能读取。",
	"token add: say --role admin or --role viewer":       "token add\uff1a请写明 --role admin 或 --role viewer",
	"Take a token away; whatever uses it is out at once": "删除令牌\uff1b使用它的程序立即失效",
	"no token %q: duban token list shows them":           "没有令牌 %q\uff1aduban token list 可列出",
	"There is a token %q already.":                       "令牌%q已存在。",

	// On the page.
	"Tokens": "接口令牌", "Add a token": "添加令牌",
	"A program that reads or reports by the API sends a token.": "程序凭令牌通过接口读取或报告。",
	"What it does stands in the journal under its name.":        "所做的一切以令牌的名称记入流水。",
	"What programs can ask":                                     "接口说明",
	"The token %s: copy it now, it is not shown again.":         "令牌%s\uff1a请立即复制\uff0c以后不再显示。",
	"Remove the token %s? Whatever uses it is out at once.":     "确定删除令牌%s\uff1f使用它的程序将立即失效。",
	"action token added":                                        "添加令牌", "action token removed": "删除令牌",
}
