package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/cmd/duban/config"
	"duban/rules/problem"
)

func TestTheLedgerLiesInAFileOrInPostgreSQL(t *testing.T) {
	const address = "postgres://duban:geheim@db/duban"
	for name, c := range map[string]struct {
		text     string
		variable string
		address  string // empty: in a file
		wrong    string
	}{
		"nothing said":               {},
		"a file":                     {text: `path = "x.db"`},
		"a file, and a variable":     {text: `path = "x.db"`, variable: address},
		"the address":                {text: `postgres = "` + address + `"`, address: address},
		"a file with the address":    {text: `postgres_file = "dsn"`, address: address},
		"a variable":                 {variable: address, address: address},
		"a file and a database":      {text: `path = "x.db"` + "\n" + `postgres = "` + address + `"`, wrong: "path: the ledger lies in a file or in PostgreSQL"},
		"two addresses":              {text: `postgres = "` + address + `"` + "\n" + `postgres_file = "dsn"`, wrong: "postgres_file: a second address"},
		"no address":                 {text: `postgres = ""`, wrong: "postgres: names no database"},
		"backups of what is no file": {text: `postgres = "` + address + `"` + "\n[backup]\ndir = \"b\"", wrong: "dir: a ledger in PostgreSQL"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("DUBAN_POSTGRES", c.variable)
			t.Setenv("CREDENTIALS_DIRECTORY", "")
			file := filepath.Join(dir, "config.toml")
			for name, text := range map[string]string{"config.toml": "[ledger]\n" + c.text + "\n", "dsn": address + "\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			problems := &problem.List{}
			got := config.Read(file, problems)
			if c.wrong != "" {
				if err := problems.Err(); err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "geheim") {
					t.Errorf("%v; want %q", err, c.wrong)
				}
				return
			}
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			if got.Shared() != (c.address != "") || (got.Ledger == "") != got.Shared() {
				t.Errorf("in PostgreSQL: %v, in the file %q", got.Shared(), got.Ledger)
			}
			if got.Shared() {
				if address, err := got.Address(); err != nil || address != c.address {
					t.Errorf("the address: %q, %v", address, err)
				}
			}
			want := filepath.Join(dir, "link.key")
			if !got.Shared() {
				want = filepath.Join(filepath.Dir(got.Ledger), "link.key")
			}
			if got.LinkKey() != want {
				t.Errorf("the key of links is %s, want %s", got.LinkKey(), want)
			}
		})
	}
}

func TestACredentialNamesTheDatabaseAndTheKey(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	for name, text := range map[string]string{"postgres": "postgres://db/x\n", "link-key": "k", "config.toml": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	problems := &problem.List{}
	c := config.Read(filepath.Join(dir, "config.toml"), problems)
	if problems.Err() != nil || !c.Shared() {
		t.Fatalf("%v %v", problems.Err(), c.Shared())
	}
	if address, err := c.Address(); err != nil || address != "postgres://db/x" {
		t.Errorf("%q %v", address, err)
	}
	if c.LinkKey() != filepath.Join(dir, "link-key") {
		t.Errorf("the key is %s", c.LinkKey())
	}
}

// One more kind of database is a row: its keys, credential and variable go by it.
func TestADatabaseIsARow(t *testing.T) {
	other := &config.Database{Key: "other", Name: "Other", Begin: []string{"other://"}, Tools: "other-dump"}
	config.Databases = append(config.Databases, other)
	t.Cleanup(func() { config.Databases = config.Databases[:len(config.Databases)-1] })
	for name, c := range map[string]struct{ text, variable, address, wrong string }{
		"its address":         {text: `other = "other://db/x"`, address: "other://db/x"},
		"a file of it":        {text: `other_file = "dsn"`, address: "other://db/y"},
		"its variable":        {variable: "other://db/z", address: "other://db/z"},
		"two kinds":           {text: "postgres = \"postgres://db/x\"\nother = \"other://db/x\"", wrong: "other: a second address beside postgres"},
		"named before others": {text: `postgres = "postgres://db/x"`, variable: "other://db/z", address: "postgres://db/x"},
		"no address":          {text: `other = ""`, wrong: `other: names no database: write it like "other://`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("DUBAN_POSTGRES", "")
			t.Setenv("DUBAN_OTHER", c.variable)
			t.Setenv("CREDENTIALS_DIRECTORY", "")
			for name, text := range map[string]string{"config.toml": "[ledger]\n" + c.text + "\n", "dsn": "other://db/y\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			problems := &problem.List{}
			got := config.Read(filepath.Join(dir, "config.toml"), problems)
			if err := problems.Err(); c.wrong != "" || err != nil {
				if err == nil || c.wrong == "" || !strings.Contains(err.Error(), c.wrong) {
					t.Errorf("%v; want %q", err, c.wrong)
				}
				return
			}
			if address, err := got.Address(); err != nil || address != c.address || !got.Shared() || got.Database != config.DatabaseOf(address) {
				t.Errorf("%q %v in %v", address, err, got.Database)
			}
		})
	}
}
