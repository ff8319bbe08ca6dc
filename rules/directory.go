package rules

import (
	"slices"
	"strings"

	"duban/rules/address"
	"duban/rules/problem"
)

// leansOnDraft is what is wrong with a name that only a draft explains: its errors
// would be those of what is in force.
const leansOnDraft = "%q stands in a draft alone, at %s: publish that first, or write it in this plan's units.toml"

// directory is one name space of units and groups over all plans.
type directory struct {
	units  map[string]*Unit
	groups map[string]*Group
	order  []*Unit

	groupOrder []*Group
	later      []func() // checks that need every unit
	forDraft   bool     // names are looked up for a draft now
}

func newDirectory() *directory {
	return &directory{units: map[string]*Unit{}, groups: map[string]*Group{}}
}

// addUnit adds one unit. Whether its supervisor is there is looked at when all are.
func (d *directory) addUnit(e *Entry, problems *problem.List) {
	r := read(e, problems)
	u := &Unit{
		ID: r.text("id"), Name: r.text("name"), NameEn: r.text("name_en"), Kind: r.text("kind"),
		Mail: r.addresses("mail"), CC: r.addresses("cc"), Supervisor: r.text("supervisor"), Language: r.text("language"),
		Alias: r.texts("alias"), Channels: r.texts("channels"), Contact: r.text("contact"), Phone: r.text("phone"),
		pos: r.at("id"), draft: e.Draft,
	}
	if len(r.list("mail")) == 0 && len(u.Channels) == 0 {
		r.errorf("mail", `unit %q has no address: write mail = ["office@example.org"], or channels`, u.ID)
	}
	for _, a := range r.entries("away") {
		u.Away = append(u.Away, readAbsence(a, problems))
	}
	if u.ID == "" {
		return
	}
	if u.Supervisor != "" {
		d.later = append(d.later, func() { d.checkSupervisor(u, r) })
	}
	if old := d.units[u.ID]; old != nil {
		if !old.same(u) {
			r.errorf("id", "unit %q is already defined otherwise at %s: one id is one unit in all plans", u.ID, old.pos)
		}
		return
	}
	d.units[u.ID] = u
	d.order = append(d.order, u)
}

func readAbsence(e *Entry, problems *problem.List) Absence {
	r := read(e, problems)
	a := Absence{From: r.day("from"), To: r.day("to"), Mail: r.addresses("mail")}
	if a.From != 0 && a.To != 0 && a.To < a.From {
		r.errorf("to", "%s is before from, %s", a.To, a.From)
	}
	if len(r.list("mail")) == 0 {
		r.errorf("mail", `nobody stands in: write mail = ["deputy@example.org"]`)
	}
	return a
}

func (d *directory) checkSupervisor(u *Unit, r reader) {
	if boss := d.units[u.Supervisor]; boss == nil {
		r.errorf("supervisor", "no unit %q%s", u.Supervisor, problem.DidYouMean(u.Supervisor, d.unitIDs()))
	} else if boss.draft && !u.draft {
		r.errorf("supervisor", leansOnDraft, boss.ID, boss.pos)
	} else if u.Supervisor == u.ID {
		r.errorf("supervisor", "unit %q cannot be its own supervisor: leave the key out", u.ID)
	}
}

func (d *directory) addGroup(e *Entry, problems *problem.List) {
	r := read(e, problems)
	g := &Group{ID: r.text("id"), Name: r.text("name"), pos: r.at("id"), draft: e.Draft}
	for _, v := range r.list("members") {
		if slices.Contains(g.Members, v.Text) {
			r.errorAt(v, "members", "%q stands twice", v.Text)
			continue
		}
		g.Members = append(g.Members, v.Text)
		d.later = append(d.later, func() {
			if u := d.units[v.Text]; u == nil {
				r.errorAt(v, "members", "no unit %q in units.toml%s", v.Text, problem.DidYouMean(v.Text, d.unitIDs()))
			} else if u.draft && !e.Draft {
				r.errorAt(v, "members", leansOnDraft, u.ID, u.pos)
			}
		})
	}
	if len(g.Members) == 0 {
		r.errorf("members", "group %q has no members: write members = [\"unit-id\"]", g.ID)
	}
	if old := d.groups[g.ID]; old != nil {
		if !slices.Equal(old.Members, g.Members) {
			r.errorf("id", "group %q is already defined otherwise at %s", g.ID, old.pos)
		}
		return
	}
	d.groups[g.ID] = g
	d.groupOrder = append(d.groupOrder, g)
}

// check does what can only be done when all units are known.
func (d *directory) check() {
	for _, f := range d.later {
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

// resolve turns the unit ids and "@group" names of a key into units, each once.
func (d *directory) resolve(r reader, key string) []*Unit {
	var out []*Unit
	seen, there := map[string]bool{}, map[*Unit]bool{}
	for _, v := range r.list(key) {
		if seen[v.Text] {
			r.errorAt(v, key, "%q stands twice", v.Text)
			continue
		}
		seen[v.Text] = true
		for _, u := range d.named(r, key, v) {
			if !there[u] {
				there[u] = true
				out = append(out, u)
			}
		}
	}
	return out
}

// named are the units that one name of a key stands for.
func (d *directory) named(r reader, key string, v Value) []*Unit {
	name, isGroup := strings.CutPrefix(v.Text, "@")
	switch {
	case !isGroup && d.units[name] != nil:
		if u := d.units[name]; u.draft && !d.forDraft {
			r.errorAt(v, key, leansOnDraft, u.ID, u.pos)
		}
		return []*Unit{d.units[name]}
	case !isGroup && d.groups[name] != nil:
		r.errorAt(v, key, "%q is a group: write %q", name, "@"+name)
	case !isGroup:
		r.errorAt(v, key, "no unit %q in units.toml%s", name, problem.DidYouMean(name, d.unitIDs()))
	case d.groups[name] == nil:
		r.errorAt(v, key, "no group %q in units.toml%s", v.Text, problem.DidYouMean(v.Text, d.groupNames()))
	default:
		if g := d.groups[name]; g.draft && !d.forDraft {
			r.errorAt(v, key, leansOnDraft, v.Text, g.pos)
		}
		var out []*Unit
		for _, m := range d.groups[name].Members {
			if u := d.units[m]; u != nil {
				out = append(out, u)
			}
		}
		return out
	}
	return nil
}

// maxAddresses is the most recipients of one mail; servers refuse more.
const maxAddresses = 50

// addresses are the bare mail addresses (RFC 5322 addr-spec) of a key.
func (r reader) addresses(key string) []string {
	var out []string
	all := r.list(key)
	if len(all) > maxAddresses {
		r.errorf(key, "has %d addresses; %d are the most: use a mailing list", len(all), maxAddresses)
		return nil
	}
	for _, v := range all {
		if a, err := address.Parse(v.Text); err != nil || a.Bare() != v.Text {
			r.errorAt(v, key, "%q is not a mail address: write it like office@example.org", v.Text)
			continue
		}
		out = append(out, v.Text)
	}
	return out
}
