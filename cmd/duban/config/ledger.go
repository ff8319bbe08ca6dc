package config

import (
	"os"
	"strings"

	"duban/rules/problem"
	"duban/rules/toml"
)

// Database is a kind of those that the ledger can lie in, in place of a file. Several
// daemons may share it there, and the rules lie in it too. The configuration names one
// by its address under Key, or by a file that holds the address under KEY_file; systemd
// by the credential Key, the environment by DUBAN_KEY.
type Database struct {
	Key   string
	Name  string   // for people
	Begin []string // of an address; the first is what people are told to write
	Tools string   // of its own, that back it up
}

// Databases are those kinds; duban/cmd/duban/app opens each.
var Databases = []*Database{
	{Key: "postgres", Name: "PostgreSQL", Begin: []string{"postgres://", "postgresql://"}, Tools: "pg_dump, pg_restore, pg_basebackup"},
}

// DatabaseOf is the kind that an address leads to; nil: it is none's.
func DatabaseOf(address string) *Database {
	for _, d := range Databases {
		for _, begin := range d.Begin {
			if strings.HasPrefix(address, begin) {
				return d
			}
		}
	}
	return nil
}

func (d *Database) example() string { return d.Begin[0] + "duban@db.zs.example/duban" }

// Variable of the environment that may hold the address.
func (d *Database) Variable() string { return "DUBAN_" + strings.ToUpper(d.Key) }

// given tells whether systemd or the environment names a database of that kind.
func (d *Database) given() bool { return credential(d.Key) != "" || os.Getenv(d.Variable()) != "" }

// Shared tells whether the ledger lies in a database, with the rules, where several
// daemons may have it open at once; else it is a file, and one daemon's alone.
func (c *Config) Shared() bool { return c.Database != nil }

// ledger reads where the ledger lies: in a file, or in a database whose address may
// have a password in it, and is then better kept elsewhere.
func (r reader) ledger(t *toml.Table) {
	for _, d := range Databases {
		r.database(t, d)
	}
	for _, d := range Databases {
		if r.c.Database == nil && !t.Has("path") && d.given() {
			r.c.Database = d
		}
	}
	if !r.c.Shared() {
		r.c.Ledger = r.path(textOr(t, "path", "var/duban.db"))
	}
	files := textOr(t, "files", "20GB")
	if r.c.Files = sizeOf(files); r.c.Files <= 0 {
		t.Errorf("files", `%q is no size: write it like "20GB" or "500MB"`, files)
	}
	t.Done()
}

// database reads what names a database of that kind.
func (r reader) database(t *toml.Table, d *Database) {
	address, file := t.String(d.Key), r.path(t.String(d.Key+"_file"))
	given := address != "" || file != ""
	switch {
	case address != "" && file != "":
		t.Errorf(d.Key+"_file", "a second address beside %s: name one", d.Key)
	case given && t.Has("path"):
		t.Errorf("path", "the ledger lies in a file or in %s: take away path, or %s", d.Name, d.Key)
	case given && r.c.Shared():
		t.Errorf(d.Key, "a second address beside %s: name one", r.c.Database.Key)
	case t.Has(d.Key) && address == "" && !t.Invalid(d.Key):
		t.Errorf(d.Key, `names no database: write it like "%s"`, d.example())
	}
	if given {
		r.c.Database, r.c.address, r.c.AddressFile = d, address, file
	}
}

// Address is where the database is that keeps the ledger: from the configuration, its
// file, systemd or the environment. It may hold a password, and is neither logged nor
// told in errors.
func (c *Config) Address() (string, error) {
	if c.address != "" {
		return c.address, nil
	}
	d, file := c.Database, c.AddressFile
	if file == "" {
		if file = credential(d.Key); file == "" {
			return os.Getenv(d.Variable()), nil
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", problem.Errorf("[ledger] %s_file: %w", d.Key, err)
	}
	address := strings.TrimSpace(string(b))
	if address == "" {
		return "", problem.Errorf(`[ledger] %s_file: %s names no database: write it like "%s"`, d.Key, file, d.example())
	}
	return address, nil
}
