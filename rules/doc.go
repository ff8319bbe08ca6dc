// Package rules says who owes what by when.
//
// A plan (方案) is an issued document: its units, its obligations (事项), when
// people are reminded. What somebody wrote of it, in whatever form, is a Spec: one
// Entry a thing, the values of its keys, each with its place. New makes a Set of
// it and tells everything that is wrong at once. Which keys there are, what they
// take and how people are asked for them, one table says (keys.go): readers,
// forms, tables and the manual go by it. How files are written is not known here:
// see rules/planfile.
//
// From then on all is computation on dates; this package knows no clock, database
// or network:
//
//	obligation × period or event → Instance: the anchor a count starts from
//	Obligation.Due               → the due date, and whether it is provisional
//	Obligation.Timeline          → the days on which somebody is reminded
//
// The counting follows the Civil Code of China, arts. 200–203: the day a count
// starts from is never counted; months and years end on the corresponding day;
// a last day that is a day off gives way to the next working day.
package rules
