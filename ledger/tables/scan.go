package tables

import (
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"duban/rules/calendar"
)

// dayText is how a date stands in the ledger; no date is NULL.
func dayText(d calendar.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

// day reads a date column; NULL is no date. One that is out of range, or no date
// at all, is none too: a row that cannot be read never hides the others.
type day struct{ to *calendar.Date }

func (d day) Scan(v any) error {
	_, err := d.read(v)
	return err
}

// read tells what stands there instead of a date.
func (d day) read(v any) (wrong string, err error) {
	s, err := columnText(v)
	if err != nil {
		return "", err
	}
	if d.to.UnmarshalText([]byte(s)) != nil {
		*d.to, wrong = 0, s
	}
	return wrong, nil
}

// needed reads a date column that has to hold one: an unreadable one is the last
// day there is, so that nobody is told wrongly, and damage says what stands there.
type needed struct {
	day
	column string
	damage *string
}

func (n needed) Scan(v any) error {
	wrong, err := n.read(v)
	if n.to.IsZero() {
		*n.to = calendar.Last
		*n.damage += fmt.Sprintf("; %s = %q", n.column, wrong)
	}
	return err
}

// moment reads a time column; NULL is the zero time, and so is what is no time.
type moment struct{ to *time.Time }

func (m moment) Scan(v any) error {
	s, err := columnText(v)
	*m.to = time.Time{}
	if s == "" {
		return err
	}
	if t, e := time.Parse(time.RFC3339, s); e == nil {
		*m.to = t
	}
	return err
}

func columnText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", fmt.Errorf("a date or time is stored as %T", v)
}

// number reads an id column; NULL is 0.
type number struct{ to *int64 }

func (n number) Scan(v any) error {
	var x sql.NullInt64
	err := x.Scan(v)
	*n.to = x.Int64
	return err
}

func numberOrNull(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// timeText is how a time stands in the ledger; the zero time is NULL.
func timeText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	if last := lastText.Load(); last != nil && last.at.Equal(t) {
		return last.text
	}
	text := timed{t, t.UTC().Format(time.RFC3339)}
	lastText.Store(&text)
	return text.text
}

// timed is a time with its text.
type timed struct {
	at   time.Time
	text any
}

// lastText is what timeText said last: a transaction writes one time again and
// again.
var lastText atomic.Pointer[timed]
