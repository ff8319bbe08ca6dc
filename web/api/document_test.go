package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"duban/rules/catalogue"
	"duban/scheduler/engine"
)

// described is the API without anything behind it.
func registered() *huma.OpenAPI {
	return register(http.NewServeMux(), Options{Version: "test", View: func() engine.View { return engine.View{} }}).OpenAPI()
}

func TestTheDescriptionIsInBothLanguages(t *testing.T) {
	chinese, n := catalogue.In(catalogue.Chinese), 0
	has := func(text *string) {
		if n++; *text != "" && !chinese.Has(*text) {
			t.Errorf("has no Chinese: %q", *text)
		}
	}
	api := registered()
	each(api, has)
	for i := range Codes {
		has(&Codes[i].Means)
	}
	if n < 200 {
		t.Errorf("only %d texts were found", n)
	}
	for _, g := range groups(api) {
		for _, o := range g.Operations {
			if o.Summary == "" || len(o.Answer) == 0 {
				t.Errorf("%s is not described: %+v", o.ID, o)
			}
		}
	}
	d, err := newDocument(registered(), "test")
	if err != nil || !strings.Contains(string(d.now), "How it stands") || !strings.Contains(string(d.now), chinese.Say("How it stands")) || !strings.Contains(string(d.old), `"openapi":"3.0.3"`) {
		t.Errorf("%v: %.300s", err, d.old)
	}
}
