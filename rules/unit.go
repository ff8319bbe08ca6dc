package rules

import (
	"slices"
	"strings"

	"duban/rules/address"
	"duban/rules/problem"
	"duban/rules/toml"
)

// Unit is a 责任单位: it owes obligations and gets the mail.
type Unit struct {
	ID         string
	Name       string
	NameEn     string
	Kind       string
	Mail       []string // bare addresses, at least one
	CC         []string
	Supervisor string // unit id, or empty: nobody is told of its lateness
	Language   string // "zh-CN", "en", or empty: the configuration's

	pos problem.Pos
}

// DisplayName is the unit's name in that language.
func (u *Unit) DisplayName(language string) string {
	if language == "en" && u.NameEn != "" {
		return u.NameEn
	}
	return u.Name
}

// Languages that mails and pages are written in; the first is the default.
var Languages = []string{"zh-CN", "en"}

// Pos is where the unit stands.
func (u *Unit) Pos() problem.Pos { return u.pos }

// Group is a 单位组: a named set of units; an obligation on it fans out.
type Group struct {
	ID      string
	Name    string
	Members []string // unit ids

	pos problem.Pos
}

// Pos is where the group stands.
func (g *Group) Pos() problem.Pos { return g.pos }

func (u *Unit) same(o *Unit) bool {
	return u.Name == o.Name && u.NameEn == o.NameEn && u.Kind == o.Kind && u.Supervisor == o.Supervisor &&
		u.Language == o.Language && slices.Equal(u.Mail, o.Mail) && slices.Equal(u.CC, o.CC)
}

// directory is one name space of units and groups over all plans.
type directory struct {
	units  map[string]*Unit
	groups map[string]*Group
	order  []*Unit

	groupOrder  []*Group
	supervisors []func() // checks that need every unit
}

func newDirectory() *directory {
	return &directory{units: map[string]*Unit{}, groups: map[string]*Group{}}
}

// read adds the units and groups of one file.
func (d *directory) read(t *toml.Table, problems *problem.List) {
	for _, ut := range t.Tables("unit") {
		d.addUnit(ut)
		ut.Done()
	}
	for _, gt := range t.Tables("group") {
		d.addGroup(gt, problems)
		gt.Done()
	}
	t.Done()
}

func (d *directory) addUnit(t *toml.Table) {
	u := &Unit{
		ID: identifier(t, "id"), Name: oneLine(t, "name"), NameEn: oneLine(t, "name_en"), Kind: t.String("kind"),
		Mail: addresses(t, "mail"), CC: addresses(t, "cc"), Supervisor: t.String("supervisor"),
		Language: t.String("language"), pos: t.At("id"),
	}
	if !t.Has("name") {
		t.Missing("name", `write name = "市财政局"`)
	}
	if len(t.Strings("mail")) == 0 {
		t.Errorf("mail", `unit %q has no address: write mail = ["office@example.org"]`, u.ID)
	}
	language(t)
	if u.ID == "" {
		return
	}
	if u.Supervisor != "" {
		d.supervisors = append(d.supervisors, func() {
			if d.units[u.Supervisor] == nil {
				t.Errorf("supervisor", "no unit %q%s", u.Supervisor, problem.DidYouMean(u.Supervisor, d.unitIDs()))
			} else if u.Supervisor == u.ID {
				t.Errorf("supervisor", "unit %q cannot be its own supervisor: leave the key out", u.ID)
			}
		})
	}
	if old := d.units[u.ID]; old != nil {
		if !old.same(u) {
			t.Errorf("id", "unit %q is already defined otherwise at %s: one id is one unit in all plans", u.ID, old.pos)
		}
		return
	}
	d.units[u.ID] = u
	d.order = append(d.order, u)
}

func (d *directory) addGroup(t *toml.Table, problems *problem.List) {
	g := &Group{ID: identifier(t, "id"), Name: oneLine(t, "name"), pos: t.At("id")}
	for _, v := range t.Strings("members") {
		if slices.Contains(g.Members, v.Text) {
			problems.Add(v.Pos, "members: %q stands twice", v.Text)
			continue
		}
		g.Members = append(g.Members, v.Text)
		d.supervisors = append(d.supervisors, func() {
			if d.units[v.Text] == nil {
				problems.Add(v.Pos, "members: no unit %q in units.toml%s", v.Text, problem.DidYouMean(v.Text, d.unitIDs()))
			}
		})
	}
	if len(g.Members) == 0 {
		t.Errorf("members", "group %q has no members: write members = [\"unit-id\"]", g.ID)
	}
	if old := d.groups[g.ID]; old != nil {
		if !slices.Equal(old.Members, g.Members) {
			t.Errorf("id", "group %q is already defined otherwise at %s", g.ID, old.pos)
		}
		return
	}
	d.groups[g.ID] = g
	d.groupOrder = append(d.groupOrder, g)
}

// check does what can only be done when all files are read.
func (d *directory) check() {
	for _, f := range d.supervisors {
		f()
	}
}

func (d *directory) unitIDs() []string {
	ids := make([]string, len(d.order))
	for i, u := range d.order {
		ids[i] = u.ID
	}
	return ids
}

func (d *directory) groupNames() []string {
	var names []string
	for id := range d.groups {
		names = append(names, "@"+id)
	}
	slices.Sort(names)
	return names
}

// resolve turns unit ids and "@group" names into units, each once.
func (d *directory) resolve(refs []*toml.Value, problems *problem.List) []*Unit {
	var out []*Unit
	add := func(u *Unit) {
		if u != nil && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	seen := map[string]bool{}
	for _, v := range refs {
		if seen[v.Text] {
			problems.Add(v.Pos, "units: %q stands twice", v.Text)
			continue
		}
		seen[v.Text] = true
		name, isGroup := strings.CutPrefix(v.Text, "@")
		switch {
		case !isGroup && d.units[name] != nil:
			add(d.units[name])
		case !isGroup && d.groups[name] != nil:
			problems.Add(v.Pos, "units: %q is a group: write %q", name, "@"+name)
		case !isGroup:
			problems.Add(v.Pos, "units: no unit %q in units.toml%s", name, problem.DidYouMean(name, d.unitIDs()))
		case d.groups[name] == nil:
			problems.Add(v.Pos, "units: no group %q in units.toml%s", v.Text, problem.DidYouMean(v.Text, d.groupNames()))
		default:
			for _, m := range d.groups[name].Members {
				add(d.units[m])
			}
		}
	}
	return out
}

func language(t *toml.Table) {
	if l := t.String("language"); l != "" && !slices.Contains(Languages, l) {
		t.Errorf("language", `no mails in %q: write "zh-CN" or "en"`, l)
	}
}

// maxAddresses is the most recipients of one mail; servers refuse more.
const maxAddresses = 50

// addresses reads bare mail addresses (RFC 5322 addr-spec).
func addresses(t *toml.Table, key string) []string {
	var out []string
	all := t.Strings(key)
	if len(all) > maxAddresses {
		t.Errorf(key, "has %d addresses; %d are the most: use a mailing list", len(all), maxAddresses)
		return nil
	}
	for _, v := range all {
		if a, err := address.Parse(v.Text); err != nil || a.Bare() != v.Text {
			t.ErrorAt(v, key, "%q is not a mail address: write it like office@example.org", v.Text)
			continue
		}
		out = append(out, v.Text)
	}
	return out
}
