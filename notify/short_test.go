package notify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"duban/rules"
)

// within is a form with room for so many bytes.
func within(limit int) ShortForm {
	return ShortForm{
		Fits:  func(s Short) bool { return len(s.Whole()) <= limit },
		Plain: PlainForChats, Page: "https://duban.example",
	}
}

func shortSpecimens() map[string]*Notice {
	all := specimens()
	due := item(rules.DueToday, rules.Yellow, "\u516c\u5e03\u9884\u7b97", "1.3-budget/czj/2017-06", day(2017, 7, 14), 0)
	all["letter-zh"] = &Notice{Kind: LetterKind, Language: "zh-CN", Unit: "\u5e02\u8d22\u653f\u5c40", Day: day(2017, 7, 14), Letter: &Letter{
		Act: Returned, Item: "\u516c\u5e03\u9884\u7b97", ID: "1.3-budget/czj/2017-06", Due: day(2017, 7, 21), By: "\u5f20\u4e09", Reason: "\u8868\u683c\u4e0d\u5168", Link: "https://duban.example/o?t=signed",
	}}
	dueEn := due
	dueEn.Title = "Publish the budget"
	all["urge-en"] = &Notice{Kind: LetterKind, Language: "en", Unit: "Finance", Day: day(2017, 7, 14), Letter: &Letter{
		Act: Urge, Owner: "Finance", Items: []Item{dueEn}, Said: []Quote{{"Office", "today please"}}, Link: "https://duban.example/u/czj/1/x",
	}}
	all["link-zh"] = &Notice{Kind: LetterKind, Language: "zh-CN", Unit: "\u5e02\u8d22\u653f\u5c40", Day: day(2017, 7, 14), Letter: &Letter{Act: NewLink, Link: "https://duban.example/u/czj/1/x"}}
	all["bulletin-zh"] = &Notice{Kind: BulletinKind, Language: "zh-CN", Unit: "\u5e02\u653f\u5e9c\u529e\u516c\u5ba4", Day: day(2017, 7, 14), Bulletin: &Bulletin{
		Title: "2017\u5e746\u6708", AsOf: "7\u670814\u65e5", Parts: []BulletinPart{{Heading: "\u4e00\u3001\u603b\u4f53", Text: []string{"\u5171253\u9879", "\u5df2\u7ed3240\u9879"}}, {Heading: "\u8868"}},
	}}
	all["changed-en"] = func() *Notice {
		n := *all["assignment-en"]
		n.Unit, n.Items, n.Relieved = "Finance", all["reminder-en"].Items[:1], all["assignment-en"].Duties[3:]
		return &n
	}()
	return all
}

func TestShortFormsReadAsTheGoldenOnes(t *testing.T) {
	var b strings.Builder
	all := shortSpecimens()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := all[name]
		n.Sort()
		linked := within(2048)
		linked.Link = true
		for _, f := range []struct {
			what string
			ShortForm
		}{{"2048 bytes", within(2048)}, {"2048 bytes, with the link", linked}, {"240 bytes", within(240)}} {
			fmt.Fprintf(&b, "--- %s, %s\n%s\n", name, f.what, n.Short(f.ShortForm).Whole())
		}
	}
	file := filepath.Join("testdata", "short.golden")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || b.String() != string(want) {
		t.Errorf("the short forms differ from %s (go test -update writes it anew): %v\n%s", file, err, b.String())
	}
}

// Whatever stands in a notice: the form fits, is text, has its items whole, says how
// many more there are, and mentions nobody.
func TestAShortFormFitsWithItsItemsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.StringN(0, 60, 200), rapid.SampledFrom([]string{"@all <@x>", "<at user_id=\"all\">", "http://evil.example/x", "a\nb\r\nc", "\u202egnirts", "\u516c\u5e03\u9884\u7b97", "\xff\xfe"}))
		n := &Notice{
			Kind: rapid.SampledFrom([]Kind{Reminder, Escalation, Assignment}).Draw(t, "kind"), Language: rapid.SampledFrom([]string{"zh-CN", "en"}).Draw(t, "language"),
			Unit: word.Draw(t, "unit"), Day: day(2017, 7, 14), All: "https://duban.example/u/x",
		}
		count := rapid.IntRange(0, 60).Draw(t, "items")
		for i := range count {
			n.Items = append(n.Items, Item{
				Kind: rapid.SampledFrom([]rules.ReminderKind{rules.Overdue, rules.DueToday, rules.Upcoming}).Draw(t, "of"), Light: rules.Red,
				Title: fmt.Sprintf("%s\u00a7%d\u00a7", word.Draw(t, "title"), i), Unit: word.Draw(t, "whose"), Due: day(2017, 7, 1+i%28), Days: -i,
			})
		}
		limit := rapid.SampledFrom([]int{40, 100, 300, 2048, 20000}).Draw(t, "limit")
		form := within(limit)
		form.Link = rapid.Bool().Draw(t, "linked")
		short := n.Short(form)
		said := short.Whole()
		if len(said) > limit || !utf8.ValidString(said) {
			t.Fatalf("%d bytes of %d, valid %v: %q", len(said), limit, utf8.ValidString(said), said)
		}
		words := short.Title + short.Text
		if strings.ContainsAny(words, "@<>\r\u202e") || strings.Contains(words, "://") {
			t.Fatalf("it says more than words: %q", words)
		}
		if !form.Link && strings.Contains(said, "/u/x") {
			t.Fatalf("it has the signed link: %q", said)
		}
		whole := 0
		for i := range count {
			if mark := fmt.Sprintf("\u00a7%d\u00a7", i); strings.Contains(short.Text, mark) {
				whole++
			}
		}
		lines := strings.Count(short.Text, "\u25b2")
		if lines > whole {
			t.Fatalf("%d lines, %d items whole: %q", lines, whole, short.Text)
		}
		more := fmt.Sprintf(wordsOf(n.Language).nMore, count-whole)
		if strings.HasSuffix(short.Title, "\u2026") { // not even the title fitted
			return
		}
		if (whole < count) != strings.Contains(short.Text, more) {
			t.Fatalf("%d of %d items, and it says %q", whole, count, short.Text)
		}
	})
}

func TestTheMostPressingComesFirst(t *testing.T) {
	n := &Notice{Kind: Escalation, Language: "en", Unit: "Office", Day: day(2017, 7, 14)}
	for i, u := range []string{"A", "B", "C"} {
		n.Items = append(n.Items, Item{Kind: rules.Overdue, Light: rules.Red, Title: "t" + u, Unit: u, Due: day(2017, 7, 10-i), Days: -i})
	}
	n.Sort()
	text := n.Short(within(2048)).Text
	if !(strings.Index(text, "tC") < strings.Index(text, "tB") && strings.Index(text, "tB") < strings.Index(text, "tA")) {
		t.Errorf("the longest late is not first: %s", text)
	}
	if n.Items[0].Unit != "A" {
		t.Error("a mail's order was changed")
	}
}

func TestWhatIsKeptIsWhatAProgramGets(t *testing.T) {
	s := Short{"\u9898", "a<b\n\u25b2 c", "https://x/?a=1&b=2"}
	kept, err := s.Kept()
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]string
	if err := json.Unmarshal(kept, &said); err != nil || len(said) != 3 || said["title"] != s.Title || said["text"] != s.Text || said["link"] != s.Link {
		t.Errorf("%s: %v", kept, err)
	}
	if again, err := ReadShort(kept); err != nil || again != s {
		t.Errorf("%+v, %v", again, err)
	}
}
