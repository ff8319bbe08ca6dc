package calendar

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"duban/rules/problem"
	"duban/rules/toml"
)

//go:embed cn/*.toml
var shipped embed.FS

// China is the shipped calendar "cn": the arrangements that the General Office
// of the State Council published, a file a year, each with its source.
var China = sync.OnceValue(func() *Calendar {
	files, err := fs.Glob(shipped, "cn/*.toml")
	if err != nil {
		panic(err)
	}
	var problems problem.List
	var years []Year
	for _, f := range files {
		data, err := shipped.ReadFile(f)
		if err != nil {
			panic(err)
		}
		y, _ := Read(f, data, &problems)
		years = append(years, y)
	}
	if err := problems.Err(); err != nil {
		panic(err) // the files are part of the binary
	}
	return New(years...)
})

// Read reads one year, in the form of the shipped TOML files or in the JSON
// that is in public use for these holidays. It tells whether that went well;
// what is wrong is added to problems.
func Read(file string, data []byte, problems *problem.List) (Year, bool) {
	var mine problem.List
	var y Year
	at := problem.Pos{File: file}
	if strings.EqualFold(path.Ext(file), ".json") || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		y = readJSON(at, data, &mine)
	} else {
		y = readTOML(file, data, &mine)
	}
	y.check(at, &mine)
	problems.Join(&mine)
	return y, mine.Err() == nil
}

func readTOML(file string, data []byte, problems *problem.List) Year {
	t := toml.Parse(file, data, problems)
	y := Year{Year: t.Int("year", 0)}
	for _, s := range t.Strings("source") {
		y.Source = append(y.Source, s.Text)
	}
	for _, h := range t.Tables("holiday") {
		name := h.String("name")
		for _, off := range []bool{true, false} {
			key := "work"
			if off {
				key = "off"
			}
			for _, v := range h.Dates(key) {
				d, err := ParseDate(v.Text)
				if err != nil {
					problems.AddTo(v.Pos, key, "%v", err)
					continue
				}
				y.Days = append(y.Days, Day{d, name, off})
			}
		}
		h.Done()
	}
	t.Done()
	return y
}

func readJSON(at problem.Pos, data []byte, problems *problem.List) Year {
	var in struct {
		Year   int
		Papers []string
		Days   []struct {
			Name     string
			Date     string
			IsOffDay *bool
		}
	}
	if err := json.Unmarshal(data, &in); err != nil {
		if e, ok := err.(*json.SyntaxError); ok {
			at.Line = 1 + bytes.Count(data[:min(int(e.Offset), len(data))], []byte("\n"))
			at.Col = 1
		}
		problems.Add(at, "not a calendar in JSON: %v", err)
		return Year{Year: in.Year}
	}
	y := Year{Year: in.Year, Source: in.Papers}
	for i, d := range in.Days {
		date, err := ParseDate(d.Date)
		if err != nil {
			problems.Add(at, "days[%d].date: %v", i, err)
			continue
		}
		if d.IsOffDay == nil {
			problems.Add(at, "days[%d].isOffDay: is missing: true for a day off, false for a make-up working day", i)
			continue
		}
		y.Days = append(y.Days, Day{date, d.Name, *d.IsOffDay})
	}
	return y
}

// check catches slips that would silently move deadlines.
func (y Year) check(at problem.Pos, problems *problem.List) {
	if problems.Err() != nil {
		return
	}
	if y.Year < First.Year() || y.Year > Last.Year() {
		problems.AddTo(at, "year", "%d is no year of this calendar: write year = 2027", y.Year)
		return
	}
	if len(y.Days) == 0 {
		problems.Add(at, "no days: a year without one public holiday is not a published arrangement")
	}
	seen := map[Date]bool{}
	for _, d := range y.Days {
		if d.Date.Year() < y.Year-1 || d.Date.Year() > y.Year+1 {
			problems.Add(at, "%s is not in %d or a neighbouring year", d.Date, y.Year)
		}
		if seen[d.Date] {
			problems.Add(at, "%s stands twice", d.Date)
		}
		seen[d.Date] = true
	}
}

// TOML is the year in the form of the shipped files.
func (y Year) TOML() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "year   = %d\nsource = %s\n", y.Year, toml.QuoteList(y.Source))
	var names []string
	for _, d := range y.Days {
		if !slices.Contains(names, d.Name) {
			names = append(names, d.Name)
		}
	}
	for _, name := range names {
		var off, work []string
		for _, d := range y.Days {
			if d.Name == name && d.Off {
				off = append(off, d.Date.String())
			} else if d.Name == name {
				work = append(work, d.Date.String())
			}
		}
		fmt.Fprintf(&b, "\n[[holiday]]\nname = %s\noff  = [%s]\nwork = [%s]\n",
			toml.Quote(name), strings.Join(off, ", "), strings.Join(work, ", "))
	}
	return b.Bytes()
}
