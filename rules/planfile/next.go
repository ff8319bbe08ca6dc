package planfile

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/plans"
	"duban/rules/problem"
	"duban/rules/toml"
)

// Files are those of a plan as they stand, by their names in its folder.
func Files(set *rules.Set, p *rules.Plan) (map[string][]byte, error) {
	if set.Texts != nil {
		return heldOf(set.Texts, p.Dir), nil
	}
	folder, err := fs.Sub(plans.Shipped, p.ID)
	if p.Dir != "" {
		folder, err = os.DirFS(p.Dir), nil
	}
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(folder, "obligations/*.toml")
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, name := range append(names, "plan.toml") {
		if out[name], err = fs.ReadFile(folder, name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Left is what of a plan was left as it stands though it names a year.
type Left struct {
	Entry string // the obligation's id; empty: the plan itself
	Key   string
	Text  string
}

// InLater is a plan's files as a draft of so many years later: the title's and the
// id's years, and all dates. Units are not copied: those of all plans are one, and
// stand where they stood. What a machine had better leave alone is told.
func InLater(files map[string][]byte, id string, years int) (map[string][]byte, []Left, error) {
	out := map[string][]byte{"units.toml": []byte("# The units of this plan stand with those of the one that it was copied from.\n")}
	s := &shift{years: years}
	names := slices.Sorted(maps.Keys(files))
	slices.SortStableFunc(names, func(a, b string) int { return strings.Count(b, "plan.toml") - strings.Count(a, "plan.toml") })
	for _, name := range names {
		data := files[name]
		var err error
		switch {
		case name == "plan.toml":
			data, err = s.plan(data, id)
		case path.Dir(name) == "obligations":
			data, err = s.obligations(data)
		default:
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		out[name] = data
	}
	return out, s.left, nil
}

// shift moves what it reads by so many years.
type shift struct {
	years int
	left  []Left
}

func (s *shift) plan(data []byte, id string) ([]byte, error) {
	head, err := toml.Head(data)
	if err != nil {
		return nil, err
	}
	text := string(data[head.Start:head.End])
	var problems problem.List
	t := toml.Parse("", []byte(text), &problems)
	title := s.inText(t.String("title"))
	if title == t.String("title") {
		s.stay("", "title", title)
	}
	changes := append(s.dates("", t, "issued", "starts", "ends"), toml.Change{Key: "id", Value: toml.Quote(id)},
		toml.Change{Key: "title", Value: toml.Quote(title)}, toml.Change{Key: "draft", Value: "true"})
	if c := t.String("calendar"); c != "" && c != "cn" {
		s.stay("", "calendar", c)
	}
	if text, err = toml.SetKeys(text, changes...); err != nil {
		return nil, err
	}
	return toml.Splice(data, head.Start, head.End, text), nil
}

func (s *shift) obligations(data []byte) ([]byte, error) {
	blocks, err := toml.Blocks(data)
	if err != nil {
		return nil, err
	}
	before := len(s.left)
	// From the end, so that what comes before stays where it is.
	for _, b := range slices.Backward(blocks) {
		text := string(data[b.Start:b.End])
		var problems problem.List
		all := toml.Parse("", []byte(text), &problems).Tables("obligation")
		if len(all) != 1 {
			continue // the rules tell
		}
		t := all[0]
		changes := s.dates(b.ID, t, "on", "starts", "ends")
		if said := t.String("deadline"); s.inText(said) != said {
			changes = append(changes, toml.Change{Key: "deadline", Value: toml.Quote(s.inText(said))})
		}
		for _, key := range []string{"id", "title", "title_en", "note", "rrule"} {
			if said := t.String(key); aYear.MatchString(said) {
				s.stay(b.ID, key, said)
			}
		}
		if text, err = toml.SetKeys(text, changes...); err != nil {
			return nil, err
		}
		data = toml.Splice(data, b.Start, b.End, text)
	}
	slices.Reverse(s.left[before:])
	return data, nil
}

func (s *shift) stay(entry, key, text string) { s.left = append(s.left, Left{entry, key, text}) }

// dates are the changes of the keys that hold a date.
func (s *shift) dates(entry string, t *toml.Table, keys ...string) (changes []toml.Change) {
	for _, key := range keys {
		if !t.Is(key, toml.Date) {
			continue
		}
		was := t.Date(key)
		d, err := calendar.ParseDate(was)
		moved := d.AddMonths(12 * s.years)
		if err != nil || !moved.InRange() {
			s.stay(entry, key, was)
			continue
		}
		if moved.Day() != d.Day() { // 29 February
			s.stay(entry, key, was+" → "+moved.String())
		}
		changes = append(changes, toml.Change{Key: key, Value: moved.String()})
	}
	return changes
}

// aYear is a year as titles and deadlines name one.
var aYear = regexp.MustCompile(`(?:^|[^0-9])((?:19|20|21)[0-9]{2})(?:[^0-9]|$)`)

// inText is a text with its years moved.
func (s *shift) inText(text string) string {
	var b strings.Builder
	for {
		at := aYear.FindStringSubmatchIndex(text)
		if at == nil {
			return b.String() + text
		}
		year, _ := strconv.Atoi(text[at[2]:at[3]]) // four digits
		b.WriteString(text[:at[2]] + strconv.Itoa(year+s.years))
		text = text[at[3]:]
	}
}

// LaterID is a plan's id with its years moved; where it names none, with the year
// after it.
func LaterID(id string, years, year int) string {
	s := shift{years: years}
	if later := s.inText(id); later != id {
		return later
	}
	return id + "-" + strconv.Itoa(year)
}
