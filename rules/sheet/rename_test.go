package sheet

import "testing"

func TestAUnitIsRenamedWhereItsNameStandsByItself(t *testing.T) {
	for _, tc := range [][2]string{
		{"教育局", "市教育局"},
		{"市教育局、教育局", "市教育局、市教育局"},
		{"市教育局", "市教育局"},
		{"教育局\n市财政局", "市教育局\n市财政局"},
		{"教育局和市财政局", "市教育局和市财政局"},
		{"教育局\u7275\u5934\uff0c教育局分局配合", "市教育局\u7275\u5934\uff0c教育局分局配合"},
	} {
		if got := Renamed(tc[0], "教育局", "市教育局"); got != tc[1] {
			t.Errorf("%q: %q, want %q", tc[0], got, tc[1])
		}
	}
}
