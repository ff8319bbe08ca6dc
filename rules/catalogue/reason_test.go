package catalogue

import "testing"

func TestReasonsThatNoPersonGave(t *testing.T) {
	for said, want := range map[string]string{
		"1.2-x/czj/2017-06 was reopened":        "1.2-x/czj/2017-06 \u5df2\u91cd\u65b0\u5f00\u542f",
		"no rule asks for it any more":          "\u5df2\u6ca1\u6709\u89c4\u5219\u8981\u6c42\u529e\u7406",
		"its event was withdrawn: \u8bef\u767b": "\u6240\u4f9d\u636e\u7684\u4e8b\u4ef6\u5df2\u64a4\u56de\uff1a\u8bef\u767b",
		"the door was reopened":                 "the door was reopened", // somebody's own words
		"\u804c\u8d23\u5df2\u8c03\u6574":        "\u804c\u8d23\u5df2\u8c03\u6574",
		"":                                      "",
	} {
		if got := In(Chinese).Reason(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
	for _, r := range ownReasons {
		if !In(Chinese).Has(r.key) {
			t.Errorf("%q has no Chinese", r.key)
		}
	}
}
