package rules

import (
	"slices"
	"testing"

	"duban/rules/problem"
)

func TestUnitsAreFoundByWhateverPeopleCallThem(t *testing.T) {
	s := &Set{Groups: []*Group{{ID: "towns", Name: "各镇区"}}, units: map[string]*Unit{}}
	for _, u := range []*Unit{
		{ID: "czj", Name: "市财政局\uff08国资委\uff09", NameEn: "Finance Bureau", Alias: []string{"财政局"}},
		{ID: "nyj", Name: "市农业局", Alias: []string{"粮食局"}}, {ID: "one", Name: "办公室"}, {ID: "two", Name: "办公室"}, {ID: "three", Name: "two"},
	} {
		s.Units, s.units[u.ID] = append(s.Units, u), u
	}
	for name, want := range map[string]string{
		"czj": "czj", "市财政局(国资委)": "czj", " 市 财政局\uff08国资委\uff09": "czj", "finance BUREAU": "czj", "财政局": "czj", "粮食局": "nyj",
		"各镇区": "@towns", "@towns": "@towns", "towns": "@towns", "two": "two", // an id is one's own before it is another's name
		"办公室": "", "市粮食局": "", "": "", "@czj": "",
	} {
		if got, ok := s.Called(name); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", name, got, ok, want)
		}
	}
	for id, want := range map[string]string{"nyj": "市农业局", "one": "one", "@towns": "各镇区", "gone": "gone", "three": "three"} {
		if got := s.NameOf(id, "zh-CN"); got != want {
			t.Errorf("%s is called %q, want %q", id, got, want)
		}
		if back, ok := s.Called(s.NameOf(id, "zh-CN")); id != "gone" && (!ok || back != id) {
			t.Errorf("%s is called what is %q", id, back)
		}
	}
	for name, want := range map[string][]string{"市粮食局": {"nyj"}, "市财政居": nil, "财政居": {"czj"}, "镇区": {"@towns"}, "完全不同": nil} {
		if got := s.Nearest(name, 3); !slices.Equal(got, want) {
			t.Errorf("nearest to %q: %q, want %q", name, got, want)
		}
	}
}

func TestTheNearestAreThoseOneSlipAwayOrInside(t *testing.T) {
	names := []string{"市财政局", "财政局", "市农业局", "粮食局", "office"}
	for word, want := range map[string][]string{
		"市粮食局": {"粮食局"}, "市财正局": {"市财政局"}, "ofice": {"office"}, "x": nil, "": nil, "局": nil, "财政局": {"财政局", "市财政局"},
	} {
		if got := problem.Nearest(word, names, 2); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
