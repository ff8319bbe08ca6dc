package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"duban/cmd/duban/config"
	"duban/rules/catalogue"
	"duban/rules/problem"
)

// language is the one that the environment asks for (POSIX, 8.2: LC_ALL before
// LC_MESSAGES before LANG); empty: none of ours.
func language(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		switch v := strings.ToLower(getenv(name)); {
		case v == "":
			continue
		case strings.HasPrefix(v, "zh"):
			return catalogue.Chinese
		case strings.HasPrefix(v, "en"):
			return catalogue.English
		}
		break
	}
	return ""
}

// wordsHere are those that commands speak: Chinese where that is asked for, else
// English. JSON is the same for both.
func wordsHere() *catalogue.Words {
	return catalogue.In(cmp.Or(language(os.Getenv), catalogue.English))
}

// readersLanguage is that of whoever reads what a command writes: the terminal's,
// where it has one of ours, else that of the configuration.
func readersLanguage(c *config.Config) string { return cmp.Or(language(os.Getenv), c.Language) }

// say prints a line for people.
func (a *env) say(key string, args ...any) { fmt.Fprintln(a.out, a.words.Say(key, args...)) }

// aside prints a line beside what the command is asked for.
func (a *env) aside(key string, args ...any) { fmt.Fprintln(a.err, a.words.Say(key, args...)) }

// name is what people call a value of a kind: a state, a light. In English most are
// called as programs know them.
func (a *env) name(kind, value string) string {
	if key := kind + " " + value; a.words.Chinese() && a.words.Has(key) {
		return a.words.Say(key)
	}
	return value
}

// problemText is a problem with its place, in words.
func (a *env) problemText(p problem.Problem) string {
	if !a.words.Chinese() {
		return p.String() // the keys are what commands say; the page may say it otherwise
	}
	text := a.words.Problem(p)
	if p.Warning {
		text = a.words.Say("warning: %s", text)
	}
	return p.Pos.String() + ": " + text
}

// errorText is why a command failed, in words.
func (a *env) errorText(err error) string {
	if !a.words.Chinese() {
		return err.Error()
	}
	var list problem.Errors
	if !errors.As(err, &list) || problem.CodeOf(err) != problem.Internal {
		return a.words.Error(err)
	}
	lines := make([]string, len(list))
	for i, p := range list {
		lines[i] = a.problemText(p)
	}
	return strings.Join(lines, "\n")
}

// translate puts what the commands say of themselves into the words.
func translate(root *cobra.Command, w *catalogue.Words) {
	if !w.Chinese() {
		return
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, pair := range []string{"Usage:", "Aliases:", "Examples:", "Available Commands:", "Additional Commands:", "Global Flags:", "Flags:", "Additional help topics:"} {
		root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), pair, w.Say(pair)))
	}
	const more = `Use "{{.CommandPath}} [command] --help" for more information about a command.`
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), more, w.Say(more), 1))
	translateOne(root, w)
}

func translateOne(c *cobra.Command, w *catalogue.Words) {
	c.Short, c.Long = w.Say(c.Short), w.Say(c.Long)
	c.InitDefaultHelpFlag()
	say := func(f *pflag.Flag) {
		if f.Name == "help" {
			f.Usage = w.Say("help for %s", c.CommandPath())
			return
		}
		f.Usage = w.Say(f.Usage)
	}
	c.Flags().VisitAll(say)
	c.PersistentFlags().VisitAll(say)
	for _, sub := range c.Commands() {
		translateOne(sub, w)
	}
}
