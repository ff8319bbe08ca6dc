package web

import (
	"net/http"

	"duban/rules/problem"
	"duban/web/api"
)

// referencePage is what programs can ask, for those who write them.
type referencePage struct {
	Groups []api.Group
	Codes  []codeView
}

type codeView struct {
	Code   problem.Code
	Status int
	Means  string
}

// reference shows it; like the description itself it is no secret.
func (f *frame) reference(groups []api.Group) page {
	p := referencePage{Groups: groups}
	for _, c := range api.Codes {
		p.Codes = append(p.Codes, codeView{c.Code, c.Code.Status(), c.Means})
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		return f.show(w, r, http.StatusOK, "reference", p)
	}
}
