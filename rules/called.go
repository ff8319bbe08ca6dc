package rules

import (
	"strings"
	"unicode"

	"duban/rules/problem"
)

// People name units and groups, programs go by their ids: what either writes is
// taken where one is to be named.

// Called is the id of the unit that people call so, by its name in either language,
// another name of it or its id; of a group the id with its sign. ok: there is one,
// and only one.
func (s *Set) Called(name string) (id string, ok bool) {
	if s.Unit(name) != nil {
		return name, true
	}
	if g := s.group(strings.TrimPrefix(name, "@")); g != nil {
		return "@" + g.ID, true
	}
	found := map[string]bool{}
	name = plainName(name)
	for called, as := range s.names() {
		if name != "" && plainName(called) == name {
			for _, one := range as {
				id, found[one] = one, true
			}
		}
	}
	return id, len(found) == 1
}

// names are all that units and groups are called, each with the ids of those that
// are called so.
func (s *Set) names() map[string][]string {
	out := map[string][]string{}
	add := func(name, id string) {
		if name != "" {
			out[name] = append(out[name], id)
		}
	}
	for _, u := range s.Units {
		for _, name := range append([]string{u.Name, u.NameEn, u.ID}, u.Alias...) {
			add(name, u.ID)
		}
	}
	for _, g := range s.Groups {
		add(g.Name, "@"+g.ID)
		add("@"+g.ID, "@"+g.ID)
	}
	return out
}

// NameOf is what to call a unit or group: its name, where Called knows it by that,
// else its id.
func (s *Set) NameOf(id, language string) string {
	name := ""
	if u := s.Unit(id); u != nil {
		name = u.DisplayName(language)
	} else if g := s.group(strings.TrimPrefix(id, "@")); g != nil && strings.HasPrefix(id, "@") {
		name = g.Name
	}
	if back, ok := s.Called(name); ok && back == id {
		return name
	}
	return id
}

// Nearest are the ids of those whose names are nearest to one that nobody has, the
// nearest first.
func (s *Set) Nearest(name string, most int) []string {
	names := s.names()
	var known []string
	for called := range names {
		known = append(known, called)
	}
	var out []string
	seen := map[string]bool{}
	for _, called := range problem.Nearest(name, known, 4*most) {
		for _, id := range names[called] {
			if !seen[id] && len(out) < most {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

func (s *Set) group(id string) *Group {
	for _, g := range s.Groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// plainName is a name without what does not matter in it: spaces, the case of
// letters, and whether its marks are of full width.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r > 0xFF00 && r < 0xFF5F: // full-width ASCII
			r -= 0xFEE0
		}
		return unicode.ToLower(r)
	}, name)
}
