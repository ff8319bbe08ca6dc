package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"duban/rules"

	"github.com/spf13/cobra"
)

// manual is a man page without its markup.
func manual(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../packaging/man/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheManualKnowsEveryCommandAndFlag(t *testing.T) {
	text := manual(t, "duban.1")
	a := &env{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	// Said once for all, or too common to repeat.
	common := []string{"help", "json", "config", "by", "actor", "note", "date", "reason", "event-date", "password-file", "output", "raw", "title", "key", "from", "to", "state", "unit", "obligation", "no-descriptions"}
	var walk func(cmd *cobra.Command, path string)
	walk = func(cmd *cobra.Command, path string) {
		if !regexp.MustCompile(`(?m)\b(Ic|Cm|\|) .*\b` + regexp.QuoteMeta(cmd.Name()) + `\b|^\.It Ic .*` + regexp.QuoteMeta(cmd.Name())).MatchString(text) {
			t.Errorf("duban.1 does not know %s", path)
		}
		for _, flag := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(cmd.LocalFlags().FlagUsages(), -1) {
			if !slices.Contains(common, flag[1]) && !strings.Contains(text, "Fl -"+flag[1]) {
				t.Errorf("duban.1 does not know %s --%s", path, flag[1])
			}
		}
		for _, sub := range cmd.Commands() {
			if path != "completion" {
				walk(sub, strings.TrimSpace(path+" "+sub.Name()))
			}
		}
	}
	for _, cmd := range rootCommand(a).Commands() {
		walk(cmd, cmd.Name())
	}
}

// knownKeys are what a reader of TOML says that it knows there.
func knownKeys(t *testing.T, out string) []string {
	t.Helper()
	m := regexp.MustCompile(`known here: (.*)`).FindAllStringSubmatch(out, -1)
	if len(m) == 0 {
		t.Fatalf("no known keys in %s", out)
	}
	var keys []string
	for _, one := range m {
		keys = append(keys, strings.Split(one[1], ", ")...)
	}
	return keys
}

func TestTheManualsKnowEveryKey(t *testing.T) {
	check := func(page string, keys []string) {
		t.Helper()
		text := manual(t, page)
		if len(keys) < 5 {
			t.Errorf("%s: only the keys %v were found", page, keys)
		}
		for _, key := range keys {
			if key != "nonsense" && !regexp.MustCompile(`(^|[^a-z_])`+regexp.QuoteMeta(key)+`($|[^a-z_])`).MatchString(text) {
				t.Errorf("%s does not know the key %s", page, key)
			}
		}
	}
	failing := func(dir string, files map[string]string) string {
		t.Helper()
		s := &site{t, dir}
		for name, text := range files {
			s.write(name, text)
		}
		var out, errs strings.Builder
		run([]string{"check", "--config", s.path("config.toml")}, strings.NewReader(""), &out, &errs)
		return out.String() + errs.String()
	}
	config := "nonsense = 1\nplans = [\"p\"]\n"
	for _, section := range []string{"ledger", "schedule", "mail", "mail.smtp", "mail.dkim", "mail.bounces", "web", "backup", "retention", "log"} {
		config += "[" + section + "]\nnonsense = 1\n"
	}
	check("duban.toml.5", knownKeys(t, failing(t.TempDir(), map[string]string{"config.toml": config})))

	var keys []string
	for _, kind := range []rules.EntryKind{rules.PlanEntry, rules.EventEntry, rules.PolicyEntry, rules.UnitEntry, rules.AwayEntry, rules.GroupEntry, rules.ObligationEntry} {
		for _, k := range rules.KeysOf(kind) {
			keys = append(keys, k.Name)
		}
	}
	check("duban-plan.5", keys)
}

func TestTheArchitectureSaysWhatEachDependencyIsFor(t *testing.T) {
	doc, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^\t(?:github\.com/)?(\S+?)(?:/v\d+)? v\S+$`).FindAllStringSubmatch(string(mod), -1)
	if len(direct) < 20 {
		t.Fatalf("only %d dependencies were found", len(direct))
	}
	for _, m := range direct {
		if !strings.Contains(string(doc), "`"+m[1]+"`") {
			t.Errorf("docs/architecture.md does not say what %s is for", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z./0-9-]+)`").FindAllStringSubmatch(string(doc), -1) {
		if !strings.Contains(string(mod), m[1]) {
			t.Errorf("docs/architecture.md names %s, which is not used", m[1])
		}
	}
}

// Every statement of the security model names a test, and the test is there.
func TestTheSecurityModelNamesTestsThatAreThere(t *testing.T) {
	doc, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(string(data), -1) {
			there[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(doc), -1) {
		if !there[m[1]] {
			t.Errorf("docs/security.md names %s, which is not there", m[1])
		}
	}
	for _, part := range strings.Split(string(doc), "\n\n**")[1:] {
		if head, _, _ := strings.Cut(part, "**"); !strings.Contains(part, "`Test") && head != "Not protected against" {
			t.Errorf("docs/security.md: nothing proves what it says under %q", head)
		}
	}
}
