package main

import (
	"database/sql"

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
