package engine_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/notify"
)

// A unit reads what is equally urgent in the order of its document: what it is assigned,
// what is due in the month in which the plan was met, in later ones, and after an edit.
func TestMailsFollowTheOrderOfTheDocument(t *testing.T) {
	monthly := "every=\"month\"\nwithin=\"5 working days\"\npolicy=\"standard\""
	of := func(ids ...string) (text string) {
		for _, id := range ids {
			text += world.Ob(id, `["c", "a"]`, monthly)
		}
		return text
	}
	item := regexp.MustCompile(`事项\w+`)
	w := world.New(t, world.Rules(t, of("z", "b10", "b2", "a")), "2017-06-26 09:00")
	w.TickNow()
	w.Days("2017-06-27", "2017-09-04")
	w.Daemon.SetRules(world.Rules(t, of("a", "z", "b10", "b2")))
	w.Days("2017-09-05", "2017-11-30")
	met, edited := []string{"z", "b10", "b2", "a"}, []string{"a", "z", "b10", "b2"}
	told := map[string]int{}
	for _, m := range w.Mail.Mails() {
		if to := strings.Join(m.To, " "); strings.HasPrefix(to, "boss@") || strings.HasPrefix(to, "admin@") {
			continue
		}
		text, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, found := range item.FindAllString(text, -1) {
			if id := strings.TrimPrefix(found, "事项"); !slices.Contains(got, id) {
				got = append(got, id)
			}
		}
		switch {
		case slices.Equal(got, met):
			told["met"]++
		case slices.Equal(got, edited):
			told["edited"]++
		default:
			t.Errorf("a mail to %v has them as %q", m.To, got)
		}
	}
	if told["met"] < 10 || told["edited"] < 10 {
		t.Errorf("mails as the plan was met and as it was edited: %v", told)
	}
}
