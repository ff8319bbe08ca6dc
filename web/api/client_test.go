package api

import (
	"flag"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

var update = flag.Bool("update", false, "write the client of the tests anew")

// The client of the tests is what a public generator makes of the description: who
// changes one has to make the other anew, by -update.
func TestTheClientIsThatOfTheDescription(t *testing.T) {
	d, err := newDocument(registered(), "test")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(d.old)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := codegen.Generate(spec, codegen.Configuration{PackageName: "client", Generate: codegen.GenerateOptions{Client: true, Models: true}, OutputOptions: codegen.OutputOptions{SkipPrune: true}})
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../internal/apitest/client/client.go"
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(file)
	if err != nil || string(there) != text {
		t.Errorf("%s is not what the description gives: go test ./web/api -update (%v)", file, err)
	}
}
