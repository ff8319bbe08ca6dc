package web

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"duban/rules/sheet"
)

// downloads are the files that the page makes of what the ledger has. Each is made before
// its first byte leaves, on disk: so what goes wrong is said as a page, memory does not
// follow its length, and the ledger has answered and knows nothing more of it by the time
// that somebody reads it, however slowly.
type downloads struct {
	dir  string        // where they lie; empty: as the system has it
	time time.Duration // to take a part of one
}

// atOnceOfFile is how much of a file has to be taken in that time.
const atOnceOfFile = 256 << 10

// download is one, which has no name and is gone when it is closed.
type download struct {
	*os.File
	of   downloads
	kind string // of media
}

func (d downloads) begin() (*download, error) {
	f, err := os.CreateTemp(d.dir, "duban-download-")
	if err != nil {
		return nil, err
	}
	return &download{File: f, of: d}, os.Remove(f.Name())
}

// csv writes tables into it.
func (d *download) csv(several bool, fill func(sheet.Sink) error) error {
	d.kind = "text/csv; charset=utf-8"
	w := bufio.NewWriter(d)
	w.WriteString("\ufeff") // spreadsheets take UTF-8 for GBK without it; its error comes again
	if err := sheet.StreamCSV(w, several, fill); err != nil {
		return err
	}
	return w.Flush()
}

// xlsx writes tables into it.
func (d *download) xlsx(fill func(sheet.Sink) error) error {
	d.kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	scratch, err := d.of.begin()
	if err != nil {
		return err
	}
	defer scratch.Close()
	return sheet.StreamXLSX(d, scratch, fill)
}

// send sends it under that name. Who takes none of it for a while has to ask again; who
// takes it slowly gets it.
func (d *download) send(w http.ResponseWriter, name string) error {
	size, err := d.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = d.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", d.kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Time{}) // who cannot has the usual time
	cut := time.AfterFunc(d.of.time, func() { _ = c.SetWriteDeadline(time.Unix(1, 0)) })
	defer cut.Stop()
	for {
		_, err := io.CopyN(w, d, atOnceOfFile)
		if err != nil { // it was all, or the client has gone
			_ = c.Flush() // within the time, too
			return nil
		}
		cut.Reset(d.of.time)
	}
}
