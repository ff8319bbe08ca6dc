// Package pinyin makes ids of names that people write in Chinese: nobody who
// writes a plan has to think one up.
package pinyin

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// The most letters of an id that is made of a name: whole syllables up to so
// many, and beyond them the first letter of each.
const (
	mostLetters = 24
	mostInitial = 40
)

// heteronyms are the readings, in the names of offices, of characters that have
// several: the library takes the most frequent alone.
var heteronyms = map[string]string{"重点": "zhongdian", "重大": "zhongda", "银行": "yinhang", "行": "xing", "调": "diao", "调整": "tiaozheng", "会计": "kuaiji", "厦": "xia"}

// ID is an id made of a name that is none of those taken: 市商务局 is
// "shishangwuju". A name without letters is called by the fallback.
func ID(name, fallback string, taken func(string) bool) string {
	id := letters(name)
	if id == "" {
		id = fallback
	}
	out := id
	for n := 2; taken(out); n++ {
		out = id + "-" + strconv.Itoa(n)
	}
	return out
}

// Initials are the first letters of a name's syllables, by which people search:
// 市财政局 is found by "sczj".
func Initials(name string) string {
	var out strings.Builder
	for _, s := range syllables(name) {
		if s != "" {
			out.WriteByte(s[0])
		}
	}
	return out.String()
}

// letters are the name's syllables, or where they are many their initials.
func letters(name string) string {
	var whole, initials strings.Builder
	gap := false
	for _, s := range syllables(name) {
		if s == "" {
			gap = whole.Len() > 0
			continue
		}
		if gap {
			whole.WriteByte('-')
		}
		gap = false
		whole.WriteString(s)
		if initials.Len() < mostInitial {
			initials.WriteByte(s[0])
		}
	}
	if whole.Len() <= mostLetters {
		return whole.String()
	}
	return initials.String()
}

// syllables are what a name sounds like: one a character of Chinese, one a word of
// letters and digits; an empty one where something else stands between.
func syllables(name string) []string {
	var out []string
	word := ""
	flush := func() {
		if word != "" {
			out = append(out, word)
			word = ""
		}
	}
	text := []rune(name)
	for i := 0; i < len(text); i++ {
		r := text[i]
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			word += string(unicode.ToLower(r))
			continue
		case unicode.Is(unicode.Han, r):
			flush()
			if i+1 < len(text) {
				if s, ok := heteronyms[string(text[i:i+2])]; ok {
					out = append(out, s)
					i++
					continue
				}
			}
			if s, ok := heteronyms[string(r)]; ok {
				out = append(out, s)
			} else if s := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(s) > 0 {
				out = append(out, strings.ReplaceAll(s[0], "ü", "v"))
			}
		default:
			flush()
			out = append(out, "")
		}
	}
	flush()
	return out
}
