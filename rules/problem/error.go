package problem

import "fmt"

// Error is why something cannot be done, or is not taken. Its code is for
// programs, its key for people: English, a format of package fmt, which other
// languages have a text for (see duban/rules/catalogue). An argument that is an
// Error itself is said in the same language.
type Error struct {
	Code  Code
	Field string // of a form, a file or a command line, that it is about; or empty
	Key   string
	Args  []any
}

func (e *Error) Error() string {
	if len(e.Args) == 0 {
		return e.Key
	}
	return fmt.Errorf(e.Key, e.Args...).Error()
}

// Unwrap is the first argument that is an error.
func (e *Error) Unwrap() error {
	for _, a := range e.Args {
		if err, ok := a.(error); ok {
			return err
		}
	}
	return nil
}

// New is an error of that kind.
func New(code Code, key string, args ...any) error { return &Error{Code: code, Key: key, Args: args} }

// Errorf is about something that is wrong in itself.
func Errorf(key string, args ...any) error { return New(Invalid, key, args...) }

// Wrong is about something that is wrong in itself, and the field that says so.
func Wrong(field, key string, args ...any) error {
	return &Error{Code: Invalid, Field: field, Key: key, Args: args}
}

// Refuse is about something that cannot be done as things stand, and the field
// that says so; empty: none does.
func Refuse(field, key string, args ...any) error {
	return &Error{Code: Conflict, Field: field, Key: key, Args: args}
}

// Word is a word among the arguments of an error that other languages have
// another for.
func Word(key string) *Error { return &Error{Key: key} }
