package app

import (
	"testing"

	"duban/cmd/duban/config"
)

func TestEachKindOfDatabaseHasItsKeeper(t *testing.T) {
	if len(databases) != len(config.Databases) {
		t.Errorf("%d keepers of %d kinds", len(databases), len(config.Databases))
	}
	for _, d := range config.Databases {
		k, known := databases[d.Key]
		if !known || k.open == nil || k.migrate == nil || k.schema == nil || k.copy == nil || k.name == nil {
			t.Errorf("%s: %+v", d.Key, k)
		}
		if at := k.name(d.Begin[0] + "somebody:geheim@db.example/x"); at == "" || config.DatabaseOf(at) != d {
			t.Errorf("it is named %q", at)
		}
	}
}
