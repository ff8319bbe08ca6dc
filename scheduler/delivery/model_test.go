package delivery_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"duban/internal/need"
)

// checked is what spin says of the model (daemons.pml): of its assertions or, where
// lost, of whether all arrives in the end.
func checked(t *testing.T, lost bool, defines ...string) string {
	t.Helper()
	for _, program := range []string{"spin", "gcc"} {
		if _, err := exec.LookPath(program); err != nil {
			need.Missing(t, program+" is not installed")
		}
	}
	model, err := filepath.Abs("daemons.pml")
	if err != nil {
		t.Fatal(err)
	}
	compile, run := []string{"-DSAFETY", "-DNOCLAIM"}, []string(nil)
	if lost {
		compile, run = []string{"-DNFAIR=4"}, []string{"-a", "-f", "-N", "not_lost"}
	}
	dir := t.TempDir()
	out := ""
	for _, c := range [][]string{
		append(append([]string{"spin"}, defines...), "-a", model),
		append(append([]string{"gcc", "-O2", "-DCOLLAPSE", "-o", "pan"}, compile...), "pan.c"),
		append([]string{"./pan", "-m200000"}, run...),
	} {
		cmd := exec.Command(c[0], c[1:]...)
		cmd.Dir = dir
		said, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c, err, said)
		}
		out = string(said)
	}
	if strings.Contains(out, "max search depth too small") || !strings.Contains(out, "errors: ") {
		t.Fatalf("spin did not look at everything:\n%s", out)
	}
	return out
}

func TestSeveralDaemonsInEveryOrder(t *testing.T) {
	pauses := "-DPAUSES=2"
	if testing.Short() {
		pauses = "-DPAUSES=1"
	}
	for _, lost := range []bool{false, true} {
		if out := checked(t, lost, pauses); !strings.Contains(out, "errors: 0") {
			t.Errorf("lost %v:\n%s", lost, out)
		}
	}
}

// Without what holds it up the model falls: it would notice if the code lacked it.
func TestTheModelFallsWithoutWhatHoldsIt(t *testing.T) {
	for without, lost := range map[string]bool{"NOFENCE": false, "NOOWNER": false, "NOCHECK": false, "NORESUME": true} {
		if out := checked(t, lost, "-DPAUSES=2", "-D"+without); strings.Contains(out, "errors: 0") {
			t.Errorf("%s: spin finds nothing wrong", without)
		}
	}
}
