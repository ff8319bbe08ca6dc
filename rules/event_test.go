package rules

import (
	"strings"
	"testing"
)

const eventLines = "id = \"file-repealed\"\nname = \"文件废止或宣布失效\"\nname_en = \"File repealed\"\n"

// planWithEvent has the event and one obligation.
func planWithEvent(t *testing.T, lines string) Spec {
	t.Helper()
	spec := specOf(t, "issued = 2017-06-09\n", lines)
	spec.Plans[0].Plan.Set("event", Value{Entries: []*Entry{written(t, EventEntry, eventLines)}})
	return spec
}

func TestDeadlinesNameEventsAsPeopleDo(t *testing.T) {
	for _, tc := range []struct{ phrase, kind, value, within string }{
		{"文件废止或宣布失效之日起10个工作日内", "event", "file-repealed", "10 working days"},
		{"within 10 working days of file repealed", "event", "file-repealed", "10 working days"},
		{"File repealed后10个工作日内", "event", "file-repealed", "10 working days"},
		{"file-repealed后10个工作日内", "event", "file-repealed", "10 working days"},
		{"request后15个工作日内", "event", "request", "15 working days"}, // an id that no plan names
	} {
		set, problems := New(planWithEvent(t, "deadline = \""+tc.phrase+"\"\n"))
		if err := problems.Err(); err != nil {
			t.Errorf("%s: %v", tc.phrase, err)
			continue
		}
		o := set.Plans[0].Obligations[0]
		if string(o.Cadence.Kind) != tc.kind || o.Cadence.Value != tc.value || o.Within.String() != tc.within {
			t.Errorf("%s means %s %q, within %s", tc.phrase, o.Cadence.Kind, o.Cadence.Value, o.Within)
		}
	}
	_, problems := New(planWithEvent(t, "deadline = \"文件废止或失效之日起10个工作日内\"\n"))
	if err := problems.Err(); err == nil || !strings.Contains(err.Error(), `no event is called "文件废止或失效" here (did you mean "文件废止或宣布失效"?)`) {
		t.Errorf("an event that no plan knows: %v", err)
	}
}

func TestRulesSayEventsByTheirNames(t *testing.T) {
	set, problems := New(planWithEvent(t, "event = \"file-repealed\"\nwithin = \"10 working days\"\n"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	o := set.Plans[0].Obligations[0]
	for language, want := range map[string]string{"zh-CN": "文件废止或宣布失效后10个工作日内", "en": "within 10 working days of File repealed"} {
		if got := o.Words(language); got != want {
			t.Errorf("%s: said %q, want %q", language, got, want)
		}
	}
	if name := set.EventName("file-repealed", "en"); name != "File repealed" || set.EventCalled("FILE REPEALED") != "file-repealed" {
		t.Errorf("the set calls it %q", name)
	}
	if name := set.EventName("request", "zh-CN"); name != "request" || set.EventCalled("x") != "" {
		t.Errorf("one without a name is called %q", name)
	}
}

func TestOneNameIsOneEvent(t *testing.T) {
	for _, lines := range []string{
		"id = \"file-repealed\"\nname = \"x\"\n",
		"id = \"other\"\nname = \"文件废止或宣布失效\"\n",
		"id = \"other\"\nname = \"x\"\nname_en = \"file REPEALED\"\n",
	} {
		spec := planWithEvent(t, "every = \"month\"\n")
		spec.Plans[0].Plan.Set("event", Value{Entries: []*Entry{written(t, EventEntry, eventLines), written(t, EventEntry, lines)}})
		if _, problems := New(spec); problems.Err() == nil || !strings.Contains(problems.Err().Error(), "is already what the event at event:1:5 is called") {
			t.Errorf("%q: %v", lines, problems.Err())
		}
	}
}
