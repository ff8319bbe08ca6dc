package web

import (
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/pinyin"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
)

// plansPage lists the plans.
type plansPage struct{ Rows []planRow }

// planRow is one plan in the list.
type planRow struct {
	*rules.Plan
	Owners   int // units that owe something
	ReadOnly bool
	Year     int // of the one that it can be copied into
}

func (s *ruleBook) plans(w http.ResponseWriter, r *http.Request) error {
	v := s.view()
	var p plansPage
	for _, plan := range v.Rules.Plans {
		owners := map[string]bool{}
		for _, o := range plan.Obligations {
			for _, u := range o.Units {
				owners[u.ID] = true
			}
		}
		p.Rows = append(p.Rows, planRow{plan, len(owners), plan.Dir == "", laterYear(plan, v.Now.Year())})
	}
	return s.frame.show(w, r, http.StatusOK, "plans", p)
}

var yearInTitle = regexp.MustCompile(`(?:^|[^0-9])((?:19|20|21)[0-9]{2})年?`)

// yearOf is the year that a plan is of: as its title says, else when it begins.
func yearOf(p *rules.Plan) int {
	if m := yearInTitle.FindStringSubmatch(p.Title); m != nil {
		year, _ := strconv.Atoi(m[1]) // four digits
		return year
	}
	return p.Starts.Year()
}

// laterYear is the year that a plan is copied into: this one, or the next after its
// own.
func laterYear(p *rules.Plan, now int) int { return max(now, yearOf(p)+1) }

// newPlanPage asks what a new plan says of itself.
type newPlanPage struct {
	*editPage
	From *rules.Plan // that it is copied from; nil: from none
	Year int         // that it is copied into
	Left []leftView
}

// leftView is what a copy leaves as it stands.
type leftView struct {
	planfile.Left
	Label string // of its key
}

// planKeys are what a new plan says unless somebody says otherwise.
func (s *ruleBook) planKeys() string {
	v := s.view()
	first := v.Rules.Plans[0]
	today := first.Day(v.Now)
	text := "issued   = " + today.String() + "\nstarts   = " + today.String() + "\nends     = " + strconv.Itoa(today.Year()) + "-12-31"
	text += "\ntimezone = " + toml.Quote(first.Timezone.String()) + "\ncalendar = \"cn\"\nclose_of_business = " + toml.Quote(clockOf(first.CloseOfBusiness))
	if first.Issuer != "" {
		text += "\nissuer   = " + toml.Quote(first.Issuer)
	}
	return text
}

func clockOf(minutes int) string {
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	return two(minutes/60) + ":" + two(minutes%60)
}

// newPlan reads what the page of a new plan is about.
func (s *ruleBook) newPlan(w http.ResponseWriter, r *http.Request) (*newPlanPage, error) {
	v, lang := s.view(), s.frame.lang(w, r)
	p := &newPlanPage{editPage: &editPage{Passage: planfile.Passage{Kind: rules.PlanEntry, Plan: "new"}, New: true}}
	p.forms = forms{v.Rules, nil, wordsOf(lang), v.Rules.Plans[0].Day(v.Now)}
	p.Start = s.planKeys()
	if from := r.FormValue("from"); from != "" {
		if p.From = v.Rules.Plan(from); p.From == nil {
			return nil, errNotFound
		}
		p.Year, _ = strconv.Atoi(r.FormValue("year")) // 0 is none
		if years := p.Year - yearOf(p.From); years < 1 || years > 50 {
			p.Year = laterYear(p.From, v.Now.Year())
		}
	}
	return p, nil
}

// files are those of the plan as the form says it.
func (s *ruleBook) planFiles(r *http.Request, p *newPlanPage) (map[string][]byte, error) {
	files, err := s.emptyPlan(p.Start)
	if p.From != nil {
		files, err = s.copied(p)
	}
	if err != nil {
		return nil, err
	}
	head, err := toml.Head(files["plan.toml"])
	if err != nil {
		return nil, err
	}
	p.Start = string(files["plan.toml"][head.Start:head.End])
	p.Now = p.Start
	if r.Method == http.MethodPost {
		if p.Now, err = p.forms.edited(p.Passage, p.Start, p.Start, r.PostForm); err != nil {
			return nil, err
		}
		if p.ID, p.OwnID = formText(r, "id"), true; p.ID == "" {
			p.ID, p.OwnID = s.planID(formText(r, "title")), false
		}
	}
	if p.Now, err = toml.SetKeys(p.Now, toml.Change{Key: "id", Value: toml.Quote(p.ID)}, toml.Change{Key: "draft", Value: "true"}); err != nil {
		return nil, err
	}
	files["plan.toml"] = toml.Splice(files["plan.toml"], head.Start, head.End, p.Now)
	return files, nil
}

// emptyPlan is a plan without obligations; how people are reminded it has from the
// first plan.
func (s *ruleBook) emptyPlan(keys string) (map[string][]byte, error) {
	first, err := planfile.Files(s.view().Rules, s.view().Rules.Plans[0])
	if err != nil {
		return nil, err
	}
	text := "# A plan made on the page: duban-plan(5) tells every key.\n" + keys + "\n"
	blocks, err := toml.Blocks(first["plan.toml"])
	for _, b := range blocks {
		if strings.HasPrefix(b.Path, "policy.") {
			text += "\n" + string(first["plan.toml"][b.Start:b.End]) + "\n"
		}
	}
	return map[string][]byte{
		"plan.toml": []byte(text), "obligations/01.toml": []byte("# What is owed, an [[obligation]] each.\n"),
		"units.toml": []byte("# Units that other plans have stand there; new ones come here.\n"),
	}, err
}

// copied are the files of an earlier plan, and what of them was left as it stands.
func (s *ruleBook) copied(p *newPlanPage) (map[string][]byte, error) {
	files, err := planfile.Files(s.view().Rules, p.From)
	if err != nil {
		return nil, err
	}
	years := p.Year - yearOf(p.From)
	if p.ID == "" {
		p.ID = planfile.LaterID(p.From.ID, years, p.Year)
	}
	files, left, err := planfile.InLater(files, p.ID, years)
	for _, l := range left {
		kind := rules.ObligationEntry
		if l.Entry == "" {
			kind = rules.PlanEntry
		}
		i := slices.IndexFunc(rules.KeysOf(kind), func(k rules.Key) bool { return k.Name == l.Key })
		p.Left = append(p.Left, leftView{l, rules.KeysOf(kind)[i].Label.In(p.forms.words.lang)})
	}
	return files, err
}

// planID is the id of a plan with that title: its year last.
func (s *ruleBook) planID(title string) string {
	taken := func(id string) bool { return s.view().Rules.Plan(id) != nil }
	m := yearInTitle.FindStringSubmatchIndex(title)
	if title == "" || m == nil {
		return pinyin.ID(title, "plan", taken)
	}
	year := title[m[2]:m[3]]
	return pinyin.ID(title[:m[2]]+title[m[1]:], "plan", func(id string) bool { return taken(id + "-" + year) }) + "-" + year
}

func (s *ruleBook) newPlanForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newPlan(w, r)
	if err != nil {
		return err
	}
	if _, err := s.planFiles(r, p); err != nil {
		return err
	}
	p.fill()
	p.OwnID = p.From != nil
	return s.frame.show(w, r, http.StatusOK, "newplan", p)
}

// makePlan makes a draft of what was posted, or says what is wrong with it.
func (s *ruleBook) makePlan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newPlan(w, r)
	if err != nil {
		return err
	}
	if do := r.PostFormValue("fix"); do != "" {
		key, now, _, _, ok := p.forms.pressed(do, r.PostFormValue(do[:max(0, strings.Index(do, "/"))]))
		if !ok {
			return problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
		}
		r.PostForm.Set(key, now)
	}
	files, err := s.planFiles(r, p)
	if err != nil {
		return err
	}
	p.fill()
	_, problems, err := s.editor.RehearsePlan(r.Context(), p.ID, files)
	if p.Error = asField(err); err != nil && p.Error == nil {
		return err
	}
	p.blamePlan(problems)
	if p.Wrong() || r.PostForm.Has("fix") {
		return s.frame.show(w, r, http.StatusUnprocessableEntity, "newplan", p)
	}
	if problems, err = s.editor.NewPlan(r.Context(), p.ID, files, user(r).Name); err != nil || problems.Err() != nil {
		if p.Error = asField(err); err != nil && p.Error == nil {
			return err
		}
		p.blamePlan(problems)
		return s.frame.show(w, r, http.StatusUnprocessableEntity, "newplan", p)
	}
	return s.frame.done(w, r, nil, "The draft is made: nothing of it is owed or mailed before it is published.", "/rules?plan="+p.ID)
}

// blamePlan is blame for what a plan says of itself; what is wrong with the rest of
// a draft can wait.
func (p *newPlanPage) blamePlan(problems *problem.List) {
	for _, wrong := range slices.Concat(problems.Errors(), problems.InDrafts()) {
		if f := p.Field(wrong.Said.Field); f != nil && filepath.Base(wrong.File) == "plan.toml" {
			if f.Error == nil {
				f.Error = wrong.Said
			}
		} else if !wrong.Draft {
			p.Problems = append(p.Problems, p.forms.words.in.Problem(wrong))
		}
	}
}
