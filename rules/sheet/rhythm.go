package sheet

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"duban/rules/words"
)

// found is a deadline that stands in a text or a cell.
type found struct {
	Phrase string // its own words
	words.Meaning
}

// Where in a requirement its rhythm may begin. 年度 alone does not: 年度计划 is a
// plan, no rhythm.
var (
	triggerForm = regexp.MustCompile(`每(?:一)?个?(?:工作日|季度|年度|半年|星期|[日天周月季年])|按(?:月|季度|季|年度|年|周)|逐[月季年]`)
	// 每季度、年度: the second hangs on the first's 每.
	alsoForm = regexp.MustCompile(`^(?:、|和|及|与|以及)(月度?|季度?|半年度?|年度?)`)
	// 日常监测、季度抽查和年终考评: how often, before what is done.
	doneForm = regexp.MustCompile(`(日常|每日|周|月度|季度|半年度?|年度|年终|年末)(?:监测|抽查|考评|考核|检查|巡查|通报|督查|评估|调度|例会|报告制度|自查|统计|汇总)`)
	// A count from something that happens, or from the plan.
	clockForm = regexp.MustCompile(`(?:之日起|日起|之日后|次日起|后)(?:的)?([0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:个)?(?:工作日|自然日|日|天|月|年)(?:以内|之内|内)`)
	// A date, or the end of something.
	dateForm = regexp.MustCompile(`(?:[0-9]{4}年)?[0-9]{1,2}月(?:份)?(?:[0-9]{1,2}[日号]|底|末)(?:以前|之前|前)|(?:[0-9]{4}年?)?年底(?:以前|之前|前)|(?:[0-9]{4}年)[0-9]{1,2}月(?:份)?(?:[0-9]{1,2}[日号]|底|末)?(?:以前|之前|前|完成)`)
)

// does are the rhythms of doneForm, in words that are read.
var does = map[string]string{"日常": "每个工作日", "每日": "每个工作日", "周": "每周", "月度": "每月", "季度": "每季度", "半年": "每半年", "半年度": "每半年", "年度": "每年", "年终": "每年", "年末": "每年"}

// each is a period in words that are read: 季度 → 每季度.
func each(period string) string { return "每" + strings.TrimSuffix(period, "度") }

const (
	mostPhrase = 30 // characters of a deadline in a text
	mostFound  = 8  // rhythms of one requirement
)

// rhythms are the deadlines that a requirement fixes in its own words. doubt is
// the refusal of one that can be read in two ways.
func rhythms(text string, c words.Context) (out []found, doubt *words.Refusal) {
	keep := func(f found) {
		if !slices.ContainsFunc(out, func(o found) bool { return o.Rule == f.Rule }) && len(out) < mostFound {
			out = append(out, f)
		}
	}
	for _, clause := range clauses(text) {
		if f, ok := counted(clause, c); ok {
			keep(f)
			continue
		}
		before := len(out)
		for _, at := range triggerForm.FindAllStringIndex(clause, -1) {
			f, refusal := longestPhrase(clause[at[0]:], at[1]-at[0], c)
			if refusal != nil {
				doubt = refusal
				continue
			}
			if f.Kind == "" {
				continue
			}
			keep(f)
			for rest := clause[at[0]+len(f.Phrase):]; ; {
				g := alsoForm.FindStringSubmatch(rest)
				if g == nil {
					break
				}
				if m, err := words.Parse(each(g[1]), c); err == nil {
					keep(found{each(g[1]), m})
				}
				rest = rest[len(g[0]):]
			}
		}
		for _, at := range dateForm.FindAllStringIndex(clause, -1) {
			if len(out) > before {
				break // 每年6月底前 was read
			}
			if m, err := words.Parse(clause[at[0]:at[1]], c); err == nil {
				keep(found{clause[at[0]:at[1]], m})
			}
		}
		for _, g := range doneForm.FindAllStringSubmatchIndex(clause, -1) {
			if g[0] > 0 && strings.ContainsRune("0123456789年本上下", lastRune(clause[:g[0]])) {
				continue // 2017年度考评 is one that happens once
			}
			if m, err := words.Parse(does[clause[g[2]:g[3]]], c); err == nil {
				keep(found{clause[g[0]:g[1]], m})
			}
		}
	}
	return out, doubt
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// clauses are what stands between signs.
func clauses(text string) []string {
	return strings.FieldsFunc(width(strings.ReplaceAll(text, "\n", "")), func(r rune) bool { return strings.ContainsRune(",;:。!?()", r) })
}

// longestPhrase reads the longest beginning of a text that is a deadline, without
// what is to be done by then; it has at least so many bytes.
func longestPhrase(text string, least int, c words.Context) (found, *words.Refusal) {
	ends := []int{}
	for i := range text {
		if i >= least {
			ends = append(ends, i)
		}
		if len(ends) > mostPhrase {
			break
		}
	}
	if utf8.RuneCountInString(text) <= mostPhrase {
		ends = append(ends, len(text))
	}
	var best found
	for _, end := range slices.Backward(ends) {
		m, err := words.Parse(text[:end], c)
		var refusal *words.Refusal
		switch {
		case err == nil && best.Kind == "":
			best = found{text[:end], m}
		case err == nil && m.Rule == best.Rule: // a shorter one says the same
			best = found{text[:end], m}
		case err == nil:
			return best, nil
		case best.Kind == "" && errors.As(err, &refusal) && refusal.TwoWays:
			return found{}, refusal
		}
	}
	return best, nil
}

// frames stand before the name of what happens.
var frames = []string{"应当在", "应在", "须在", "要在", "必须在", "应当自", "应自", "自", "从", "于", "在", ""}

// counted reads a count from something that happens: 各单位应当在文件废止之日起10个
// 工作日内.
func counted(clause string, c words.Context) (found, bool) {
	at := clockForm.FindStringIndex(clause)
	if at == nil {
		return found{}, false
	}
	for _, frame := range frames {
		i := strings.Index(clause[:at[0]], frame)
		if i < 0 {
			continue
		}
		phrase := clause[i+len(frame) : at[1]]
		if m, err := words.Parse(phrase, c); err == nil {
			return found{phrase, m}, true
		}
	}
	return found{}, false
}
