// Package rules says who owes what by when.
//
// A plan (方案) is a folder of TOML files: plan.toml, units.toml and a file of
// obligations (事项) a section. Load reads plans with their units and calendar
// and tells everything that is wrong with them at once. From then on all is
// computation on dates; this package knows no clock, database or network:
//
//	obligation × period or event → Instance: the anchor a count starts from
//	Obligation.Due               → the due date, and whether it is provisional
//	Obligation.Timeline          → the days on which somebody is reminded
//
// The counting follows the Civil Code of China, arts. 200–203: the day a count
// starts from is never counted; months and years end on the corresponding day;
// a last day that is a day off gives way to the next working day.
package rules
