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
}
