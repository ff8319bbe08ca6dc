// Package need is for tests that need more than Go and gcc: what .ci/run installs, or
// rights that only root has.
package need

import (
	"os"
	"testing"
)

// Missing leaves a test out where this machine lacks something. Under CI, whose script
// installs everything, that is a failure.
func Missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("under CI this has to run: %s", why)
	}
	t.Skip(why)
}
