package main

import (
	"database/sql"
	"errors"

	_ "github.com/mattn/go-sqlite3" // the driver
)

func execSQL(file, statement string) error {
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// lockDatabase takes the write lock of a ledger that is there, as a process that
// hangs would.
func lockDatabase(file string) (unlock func() error, err error) {
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=rw&_busy_timeout=10000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		db.Close()
		return nil, err
	}
	return func() error {
		_, err := db.Exec("ROLLBACK")
		return errors.Join(err, db.Close())
	}, nil
}
