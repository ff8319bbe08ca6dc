package web

import (
	"html/template"

	"duban/rules"
	"duban/rules/calendar"
)

// lateRow is one item of one unit that is overdue, however many periods of it are.
type lateRow struct {
	Plan, Obligation, Unit string
	Ref, Title, UnitName   string
	N                      int
	Since                  calendar.Date // the earliest due date
	Period                 string        // of that
	Days                   int           // working days that it is late
	Reported               int           // of them wait for the supervisor
	URL, Periods, UnitURL  string        // the earliest, all of them, the unit's board
}

// tile is a unit at a glance; units keep their places, so that one finds one's own.
type tile struct {
	Unit, Name string
	URL        string
	Late       int           // items
	Days       int           // working days that the latest of them is late
	Share      int           // of the longest on the board, in percent
	Soon       int           // within the reminder window
	Next       calendar.Date // what is due next
	Drawn      template.HTML // all this, once drawn
}

// tiles are the units of one kind.
type tiles struct {
	Kind  string
	Tiles []tile
}

// comingDay is what is due on a day to come, by item.
type comingDay struct {
	Due  calendar.Date
	Days int
	Rows []comingRow
}

type comingRow struct {
	Ref, Title, URL string
	Unit            string // the only one
	N               int    // units
	Light           rules.Light
	Provisional     bool
}

// What the board lists at most, and how far it looks ahead.
const (
	mostLate    = 40
	mostAllLate = 1000 // where all are asked for
	mostComing  = 40
	comingWeeks = 4
)

type comingKey struct {
	due              calendar.Date
	plan, obligation string
	light            rules.Light
}
