package pinyin

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestNamesBecomeIDs(t *testing.T) {
	taken := map[string]bool{"shicaizhengju": true, "unit": true}
	for name, want := range map[string]string{
		"市商务局":         "shishangwuju",
		"市财政局":         "shicaizhengju-2",
		"各镇区":          "gezhenqu",
		"市人力资源社会保障局":   "srlzyshbzj",
		"PPP项目库":       "pppxiangmuku",
		"Towns (east)": "towns-east",
		"（）":           "unit-2",
		"市重大项目办":       "shizhongdaxiangmuban",
	} {
		if got := ID(name, "unit", func(s string) bool { return taken[s] }); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// Whatever the name, what comes out is an id, and a free one.
func TestAnyNameBecomesAFreeID(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	rapid.Check(t, func(t *rapid.T) {
		taken := map[string]bool{}
		for _, name := range rapid.SliceOfN(rapid.String(), 1, 6).Draw(t, "names") {
			id := ID(name, "x", func(s string) bool { return taken[s] })
			if !form.MatchString(id) || len(id) > 64 || taken[id] {
				t.Fatalf("%q: %q", name, id)
			}
			taken[id] = true
		}
	})
}

func TestNamesAreFoundByTheirInitials(t *testing.T) {
	for name, want := range map[string]string{"市财政局": "sczj", "重大项目办": "zxmb", "PPP办": "pb", "": "", "\uff08\uff09": ""} {
		if got := Initials(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
