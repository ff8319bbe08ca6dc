package ledger

import (
	"database/sql"
	"fmt"
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

// day reads a date column; NULL is no date.
type day struct{ to *calendar.Date }

func (d day) Scan(v any) error {
	s, err := columnText(v)
	if err != nil {
		return err
	}
	return d.to.UnmarshalText([]byte(s))
}

// moment reads a time column; NULL is the zero time.
type moment struct{ to *time.Time }

func (m moment) Scan(v any) error {
	s, err := columnText(v)
	if err != nil || s == "" {
		*m.to = time.Time{}
		return err
	}
	*m.to, err = time.Parse(time.RFC3339, s)
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
