package api

import (
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"

	"duban/rules/problem"
)

// fault is one thing that huma says is wrong, as a format of its own, and what is said
// in its place, which has words in both languages.
type fault struct {
	theirs string
	ours   *problem.Error

	match *regexp.Regexp
}

// faults are all that it says about what is sent here: its words for a schema, and then
// those that stand in its code. What they name (a number, a field) follows in order.
var faults = compiled([]fault{
	{theirs: validation.MsgExpectedRequiredProperty, ours: problem.Word("it is missing")},
	{theirs: validation.MsgExpectedDependentRequiredProperty, ours: problem.Word("%s is needed where there is %s")},
	{theirs: validation.MsgUnexpectedProperty, ours: problem.Word("there is no such field")},
	{theirs: validation.MsgExpectedRFC3339DateTime, ours: problem.Word("write a moment like 2017-07-14T09:00:00+08:00")},
	{theirs: validation.MsgExpectedRFC3339Date, ours: problem.Word("write a day like 2017-07-14")},
	{theirs: validation.MsgExpectedBoolean, ours: problem.Word("write true or false")},
	{theirs: validation.MsgExpectedNumber, ours: problem.Word("write a number")},
	{theirs: validation.MsgExpectedInteger, ours: problem.Word("write a whole number")},
	{theirs: validation.MsgExpectedString, ours: problem.Word("write a text in quotes")},
	{theirs: validation.MsgExpectedArray, ours: problem.Word("write a list: […]")},
	{theirs: validation.MsgExpectedObject, ours: problem.Word("write an object: {…}")},
	{theirs: validation.MsgExpectedArrayItemsUnique, ours: problem.Word("something stands there twice")},
	{theirs: validation.MsgExpectedOneOf, ours: problem.Word("write one of these: %s")},
	{theirs: validation.MsgExpectedMinimumNumber, ours: problem.Word("%s is the least")},
	{theirs: validation.MsgExpectedMaximumNumber, ours: problem.Word("%s is the most")},
	{theirs: validation.MsgExpectedExclusiveMinimumNumber, ours: problem.Word("it has to be more than %s")},
	{theirs: validation.MsgExpectedExclusiveMaximumNumber, ours: problem.Word("it has to be less than %s")},
	{theirs: validation.MsgExpectedMinLength, ours: problem.Word("its length is at least %s")},
	{theirs: validation.MsgExpectedMaxLength, ours: problem.Word("its length is at most %s")},
	{theirs: validation.MsgExpectedMinItems, ours: problem.Word("its length is at least %s")},
	{theirs: validation.MsgExpectedMaxItems, ours: problem.Word("its length is at most %s")},
	{theirs: validation.MsgExpectedMatchPattern, ours: problem.Word("it has to match %s")},

	{theirs: "unknown query parameter", ours: problem.Word("there is no such parameter")},
	{theirs: "required %s parameter is missing", ours: problem.Word("it is missing")},
	{theirs: "expected at most one value, but received multiple values", ours: problem.Word("it stands there more than once")},
	{theirs: "invalid integer", ours: problem.Word("write a whole number")},
	{theirs: "invalid float", ours: problem.Word("write a number")},
	{theirs: "invalid boolean", ours: problem.Word("write true or false")},
	{theirs: "request body is required", ours: problem.Word("the body is missing")},
	{theirs: "request body is too large limit=%d bytes", ours: problem.Word("the body may have at most %s bytes")},
	{theirs: "request body read timeout", ours: problem.Word("the body did not come in time")},
	{theirs: "unknown content type: %s", ours: problem.Word("Content-Type is application/json alone, not %s")},
	{theirs: "unexpected end of JSON input", ours: problem.Word("the body is no JSON: it ends too early")},
	{theirs: "invalid character %s", ours: problem.Word("the body is no JSON: there is a character that does not belong there")},
	{theirs: "json: cannot unmarshal %s", ours: problem.Word("something in the body is of another kind than is asked for")},
})

// otherFault is said of what is none of them.
var otherFault = problem.Word("it is not of the form that is asked for")

var verb = regexp.MustCompile(`%[a-z]`)

// compiled has what each of huma's formats matches.
func compiled(faults []fault) []fault {
	for i, f := range faults {
		faults[i].match = regexp.MustCompile(`(?s)^` + verb.ReplaceAllString(regexp.QuoteMeta(f.theirs), `(.*)`) + `$`)
	}
	return faults
}

// said is what huma says, said by us. named is the field that its words name besides the
// place that they are about.
func said(message string) (ours *problem.Error, named string) {
	for _, f := range faults {
		m := f.match.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		out := *f.ours
		for _, arg := range m[1 : 1+strings.Count(out.Key, "%s")] {
			out.Args = append(out.Args, problem.Clip(arg))
		}
		if f.theirs == validation.MsgExpectedRequiredProperty {
			named = m[1]
		}
		return &out, named
	}
	return otherFault, ""
}
