package engine

import "fmt"

// Refusal is why something that a person wants cannot be done: a format of
// package fmt and its arguments, so that a page can say it in another language,
// and the field that it is about.
type Refusal struct {
	Field  string // a name of Act in JSON and flags, or empty
	Format string
	Args   []any
}

func (r *Refusal) Error() string { return fmt.Errorf(r.Format, r.Args...).Error() }

// Unwrap is the first argument that is an error.
func (r *Refusal) Unwrap() error {
	for _, a := range r.Args {
		if err, ok := a.(error); ok {
			return err
		}
	}
	return nil
}

// Refuse is a Refusal.
func Refuse(field, format string, args ...any) error { return &Refusal{field, format, args} }
