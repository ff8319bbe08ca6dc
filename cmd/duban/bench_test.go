package main

import (
	"io"
	"testing"

	"duban/rules/calendar"
	"duban/scheduler/views"
)

// BenchmarkPreviewTenYears is duban preview --json of the shipped plan.
func BenchmarkPreviewTenYears(b *testing.B) {
	b.Chdir("../..")
	for b.Loop() {
		a := &env{out: io.Discard, err: io.Discard}
		l, err := a.load()
		if err != nil {
			b.Fatal(err)
		}
		rows := views.Selection{From: calendar.DateOf(2017, 6, 9), To: calendar.DateOf(2027, 6, 9)}.Planned(l.Rules, l.Config.Weekends)
		if err := printJSON(a.out, rows); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(rows)), "deadlines")
	}
}

// BenchmarkSimulateAYear is duban simulate over the plan's first year.
func BenchmarkSimulateAYear(b *testing.B) {
	b.Chdir("../..")
	for b.Loop() {
		if code := run([]string{"simulate", "--from", "2017-06-09", "--to", "2018-06-30", "--maildir", b.TempDir(), "--json"}, nil, io.Discard, io.Discard); code != 0 {
			b.Fatal(code)
		}
	}
}
