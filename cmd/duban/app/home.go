package app

import (
	"path"

	"duban/cmd/duban/config"
	"duban/rules/planfile"
	"duban/rules/problem"
)

// home is where a site's new plans go: the configuration says it, as it stands
// when it is asked.
type home struct{ file string }

// inLedger is the home of plans whose files lie in the ledger, each in a folder of its
// id; all that are there are read.
type inLedger struct{}

// Folder is the one that a plan of that id has there.
func (inLedger) Folder(id string) string { return path.Join(planfile.HeldPlans, id) }

// Listing is nothing.
func (inLedger) Listing(string) (string, []byte, error) { return "", nil, nil }

// Line is nothing.
func (inLedger) Line(string) string { return "" }

// now is the configuration as it stands; what is wrong with it the loader tells.
func (h home) now() *config.Config {
	if c := config.Read(h.file, &problem.List{}); c != nil {
		return c
	}
	return &config.Config{File: h.file}
}

// Folder is the one that a plan of that id would lie in.
func (h home) Folder(id string) string { return h.now().PlanFolder(id) }

// Listing is the configuration with that folder among its plans.
func (h home) Listing(folder string) (string, []byte, error) {
	data, err := h.now().Listed(folder)
	return h.file, data, err
}

// Line is what to write into the configuration where it may not be written.
func (h home) Line(folder string) string { return h.now().Unlisted(folder) }
