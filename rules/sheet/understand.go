package sheet

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/words"
)

// Options are what a table leaves open.
type Options struct {
	ID, Title    string
	Issued       calendar.Date
	Starts, Ends calendar.Date // 0: the day before the month of issue; the end of the year that the title names
	Endless      bool          // without an end, whatever year the title names
	Issuer       string        // a unit's id or name; empty: the first supervisor known
	Policy       string        // empty: the first one known
	Deadline     string        // of the rows that say none
	Assume       string        // where a deadline is not understood; empty: 每季度
	NewUnits     map[string]NewUnit
	// CopyUnits: the plan is to stand by itself, with all units that it needs.
	CopyUnits bool
}

// NewUnit is what is known of a unit that no plan has, by its name.
type NewUnit struct {
	ID, Mail, Supervisor string
	Meant                bool // it is new, whatever names are near
}

// Assume is the column of a form that says which rhythm is to hold for a row whose
// deadline is not understood.
const Assume Column = "assume"

// DefaultAssume is the rhythm that holds where none is understood.
const DefaultAssume = "每季度"

// Draft is a plan made of a table.
type Draft struct {
	Plan        *rules.Entry
	Units       []*rules.Entry // that no other plan has; with CopyUnits all that are needed
	Groups      []*rules.Entry // likewise
	Obligations []Written
	Rows        []Result
	LeftOut     []LeftOut
	NewUnits    []Newcomer
	Problems    []*problem.Error // of the plan as a whole
	Set         *rules.Set       // the plan alone, with all units; its rows' rules as far as they are right
}

// Written is an obligation with what is to stand above it.
type Written struct {
	*rules.Entry
	Comments []string
	Section  string
}

// Newcomer is a unit that no plan has.
type Newcomer struct {
	NewUnit
	Name string
	Near []string // names of known ones that may be meant
	Rows []int    // that name it
}

// Result is how one row was understood.
type Result struct {
	Row        int
	Ref, Title string
	Units      []string // ids, groups as @id
	Partners   []string
	NewUnits   []string // names
	Deadline   string   // in its own words
	Understood bool     // it names a day by itself
	Rules      []string // ids of the obligations made of it
	Problems   []Trouble
	Readings   []string // what a deadline that can be read in several ways may mean
	Resolved   Row      // what the row says now, for a form to show and send back
}

// Trouble is what is wrong, assumed or asked of a row.
type Trouble struct {
	*problem.Error
	Column  Column
	Hinders bool // the row cannot be published like that
	Assumed bool // something was taken for granted
	New     bool // it is about a unit or an event that is new
}

// reading is the work of Understand.
type reading struct {
	opt    Options
	known  *rules.Set
	dir    *directory
	words  words.Context
	draft  *Draft
	events []*rules.Entry // of the plan
	taken  map[string]bool
	unitID map[string]string // of new units, by name
	policy []string
}

// Understand makes a draft of the rows of a table. Whatever they say there is one.
func Understand(rows []Row, leftOut []LeftOut, known *rules.Set, opt Options) *Draft {
	r := &reading{opt: opt, known: known, dir: newDirectory(known), draft: &Draft{LeftOut: leftOut}, taken: map[string]bool{}, unitID: map[string]string{}}
	r.plan()
	for _, row := range rows {
		r.row(row)
	}
	r.finish()
	return r.draft
}

var titleYear = regexp.MustCompile(`(\d{4})年`)

// plan reads what is said of the plan as a whole.
func (r *reading) plan() {
	o := &r.opt
	if o.Assume == "" {
		o.Assume = DefaultAssume
	}
	year := 0
	if g := titleYear.FindStringSubmatch(width(o.Title)); g != nil {
		year, _ = strconv.Atoi(g[1]) // four digits
	}
	if o.Starts == 0 {
		o.Starts = calendar.DateOf(o.Issued.Year(), o.Issued.Month(), 0)
	}
	if end := calendar.DateOf(year, 12, 31); o.Ends == 0 && !o.Endless && year > 0 && end >= o.Starts && end.InRange() {
		o.Ends = end
	}
	r.words = words.Context{Issued: o.Issued, Year: year, Event: r.event, Name: r.eventName}
	e := &rules.Entry{Kind: rules.PlanEntry}
	e.Set("id", rules.Value{Text: o.ID})
	e.Set("title", rules.Value{Text: o.Title})
	e.Set("issued", rules.Value{Day: o.Issued})
	e.Set("starts", rules.Value{Day: o.Starts})
	if o.Ends != 0 {
		e.Set("ends", rules.Value{Day: o.Ends})
	}
	e.Set("draft", rules.Value{Flag: true})
	r.draft.Plan = e
	if issuer := r.issuer(); issuer != "" {
		e.Set("issuer", rules.Value{Text: issuer})
	}
	r.policies()
	if _, err := words.Parse(o.Assume, r.words); err != nil {
		r.wrong("assume", "the rhythm to assume, %q, is not understood: %v", problem.Clip(o.Assume), err)
		o.Assume = DefaultAssume
	}
	if o.Deadline != "" {
		if _, err := words.Parse(o.Deadline, r.words); err != nil {
			r.wrong("deadline", "the deadline of every row, %q, is not understood: %v", problem.Clip(o.Deadline), err)
			o.Deadline = ""
		}
	}
}

func (r *reading) wrong(field, key string, args ...any) {
	r.draft.Problems = append(r.draft.Problems, &problem.Error{Code: problem.Invalid, Field: field, Key: key, Args: args})
}

// issuer is who issued the plan: the unit that was named, else the first
// supervisor.
func (r *reading) issuer() string {
	if r.opt.Issuer != "" {
		if ref := r.dir.find(r.opt.Issuer); ref != "" && ref[0] != '@' {
			return ref
		}
		r.wrong("issuer", "no unit %q%s", problem.Clip(r.opt.Issuer), r.near(r.opt.Issuer))
	}
	return r.supervisor()
}

// supervisor is the first supervisor known, else the first unit.
func (r *reading) supervisor() string {
	if r.known == nil {
		return ""
	}
	for _, u := range r.known.Units {
		if u.Supervisor != "" {
			return u.Supervisor
		}
	}
	return ""
}

func (r *reading) near(name string) *problem.Error {
	if near := r.dir.near(name); len(near) > 0 {
		return &problem.Error{Key: " (did you mean %q?)", Args: []any{near[0]}}
	}
	return &problem.Error{}
}

// standardPolicy is the one of a plan where none is known.
func standardPolicy() *rules.Entry {
	e := &rules.Entry{Kind: rules.PolicyEntry, Name: "standard"}
	e.Set("remind", rules.Value{List: texts("7 working days before", "3 working days before", "on the day")})
	e.Set("overdue", rules.Value{Text: "every 2 working days"})
	e.Set("escalate", rules.Value{Text: "3 working days after"})
	return e
}

func texts(all ...string) []rules.Value {
	var out []rules.Value
	for _, s := range all {
		out = append(out, rules.Value{Text: s})
	}
	return out
}

// policies takes over those of the first plan that has some.
func (r *reading) policies() {
	var all []*rules.Entry
	if r.known != nil {
		for _, p := range r.known.Spec().Plans {
			if v, ok := p.Plan.Get("policy"); ok && len(v.Entries) > 0 && p.Plan != nil {
				all = v.Entries
				break
			}
		}
	}
	if len(all) == 0 {
		all = []*rules.Entry{standardPolicy()}
	}
	for _, p := range all {
		r.policy = append(r.policy, p.Name)
	}
	r.draft.Plan.Set("policy", rules.Value{Entries: all})
	switch {
	case r.opt.Policy == "":
		r.opt.Policy = r.policy[0]
	case !contains(r.policy, r.opt.Policy):
		r.wrong("policy", "no policy %q%s", problem.Clip(r.opt.Policy), problem.DidYouMean(r.opt.Policy, r.policy))
		r.opt.Policy = r.policy[0]
	}
}

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// eventForm is a name by which events are compared: 和 or 或 is the same.
func eventForm(s string) string {
	return strings.NewReplacer("和", "、", "或者", "、", "或", "、", "及", "、", "与", "、").Replace(plain(s))
}

// sharesName tells whether a name is one of those that an event is called by
// together: 文件废止 of 文件废止或宣布失效.
func sharesName(whole, name string) bool {
	parts := strings.Split(eventForm(whole), "、")
	return len(parts) > 1 && slices.Contains(parts, eventForm(name)) && len([]rune(name)) >= 3
}

// event is the id of the event that is called so: by this plan, or by another,
// whose name this one then takes over.
func (r *reading) event(name string) string {
	e := r.eventCalled(name)
	if e == nil {
		return ""
	}
	id, _ := e.Get("id")
	return id.Text
}

// eventCalled is an event of this plan or another by its name, first as it is
// written, then whatever stands between its words.
func (r *reading) eventCalled(name string) *rules.Entry {
	all := slices.Clone(r.events)
	if r.known != nil {
		for _, p := range r.known.Spec().Plans {
			v, _ := p.Plan.Get("event")
			all = append(all, v.Entries...)
		}
	}
	for _, same := range []func(a, b string) bool{
		func(a, b string) bool { return plain(a) == plain(b) }, func(a, b string) bool { return eventForm(a) == eventForm(b) }, sharesName,
	} {
		for _, e := range all {
			for _, key := range []string{"id", "name", "name_en"} {
				if v, ok := e.Get(key); ok && v.Text != "" && same(v.Text, name) {
					return e
				}
			}
		}
	}
	return nil
}

// eventName is what the plan calls an event.
func (r *reading) eventName(id, language string) string {
	for _, e := range r.events {
		if v, _ := e.Get("id"); v.Text == id {
			if en, ok := e.Get("name_en"); ok && language == "en" && en.Text != "" {
				return en.Text
			}
			name, _ := e.Get("name")
			return name.Text
		}
	}
	return id
}

// useEvent takes an event of another plan over into this one, or makes a new one;
// isNew: nobody knew it.
func (r *reading) useEvent(value string) (id string, isNew bool) {
	if e := r.eventCalled(value); e != nil {
		if !slices.Contains(r.events, e) {
			r.events = append(r.events, e)
		}
		id, _ := e.Get("id")
		return id.Text, false
	}
	if r.known != nil {
		for _, p := range r.known.Plans { // by its id alone, which needs no name
			for _, o := range p.Obligations {
				if o.Cadence.Kind == rules.ByEvent && o.Cadence.Value == value {
					return value, false
				}
			}
		}
	}
	return r.newEvent(value)
}
