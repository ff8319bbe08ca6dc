package views

import "regexp"

// person is what an entry says of whom to call, as TOML or inside JSON.
var person = regexp.MustCompile(`((?:contact|phone)(?:\\?["'])?\s*=\s*)(?:\\"[^"\\]*\\"|"(?:\\.|[^"\\\n])*"|'[^'\n]*')`)

// WithoutPeople is a text of an entry for who may not know whom to call.
func WithoutPeople(text string) string { return person.ReplaceAllString(text, `$1"…"`) }
