package rules

import (
	"strings"
	"testing"
)

func TestALineIsRefusedForAHiddenCharacterWhereverItStands(t *testing.T) {
	for _, s := range []string{"\u202eabc", "a\u202ebc", "abc\u202e", "\nabc"} {
		if err := CheckLine(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
	if err := CheckLine(strings.Repeat("事", maxLine)); err != nil {
		t.Error(err)
	}
	if err := CheckLine(strings.Repeat("事", maxLine+1)); err == nil {
		t.Error("one too many is taken")
	}
}

func TestEachDayOfACountSaysWhatItIs(t *testing.T) {
	o := obligation(t, "event=\"e\"\nwithin=\"5 working days\"\npausable=true")
	why := map[string]string{}
	for _, s := range o.Explain(day(t, "2017-07-06"), 0) {
		why[s.Date.String()] = s.Why
	}
	for d, want := range map[string]string{
		"2017-07-07": WhyWorkingDay, "2017-07-08": WhyWeekend, "2017-07-09": WhyWeekend, "2017-07-10": WhyWorkingDay, "2017-07-13": WhyWorkingDay,
	} {
		if why[d] != want {
			t.Errorf("%s is a %s, want %s", d, why[d], want)
		}
	}
	found := false
	for _, s := range o.Explain(day(t, "2017-07-06"), 0, Pause{From: day(t, "2017-07-10"), To: day(t, "2017-07-12")}) {
		if s.Date == day(t, "2017-07-11") {
			found = s.Why == WhyPaused && s.Holiday == ""
		}
	}
	if !found {
		t.Error("a day of the pause is not said to be one")
	}
}
