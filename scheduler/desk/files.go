package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"duban/ledger"
	"duban/rules/problem"
)

// What may be attached.
const (
	LargestFile = 20 << 20 // bytes of one
	MostFiles   = 10       // of an occurrence
	mostName    = 120      // bytes of a name
	sniffed     = 3072     // bytes that tell a type
)

// Upload is a file that was received whole: it lies on disk, under no name, until it
// is in the ledger or closed.
type Upload struct {
	Name   string
	Type   string
	Size   int64
	SHA256 string
	file   *os.File
}

// Receive takes a file from whoever sends it, with no more of it in memory than a
// piece; dir is where it lies meanwhile.
func Receive(dir, name string, from io.Reader) (*Upload, error) {
	f, err := os.CreateTemp(dir, ".upload-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // it goes with the handle
	u := &Upload{Name: HarmlessName(name), file: f}
	if err := u.take(from); err != nil {
		u.Close()
		return nil, err
	}
	return u, nil
}

func (u *Upload) take(from io.Reader) error {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(from, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	u.Type = mimetype.Detect(head).String()
	hash := sha256.New()
	limited := io.LimitReader(io.MultiReader(strings.NewReader(string(head)), from), LargestFile+1)
	if u.Size, err = io.CopyBuffer(io.MultiWriter(u.file, hash), limited, make([]byte, ledger.PieceSize)); err != nil {
		return fmt.Errorf("%s cannot be taken over: %w", u.Name, err)
	}
	switch {
	case u.Size > LargestFile:
		return problem.Refuse("file", "%s is too large: a file may have %d MB", u.Name, LargestFile>>20)
	case u.Size == 0:
		return problem.Refuse("file", "%s is empty", u.Name)
	}
	u.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// Close gives back what the file took on disk.
func (u *Upload) Close() { _ = u.file.Close() }

// HarmlessName is a name without what a name of a file can do harm by: folders,
// control characters, marks that turn text around, and length.
func HarmlessName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c):
			return -1
		case strings.ContainsRune(`<>:"|?*`, c):
			return '_'
		}
		return c
	}, name)
	atEnds := func(c rune) bool { return c == '.' || unicode.IsSpace(c) }
	name = strings.TrimLeftFunc(name, atEnds)
	if len(name) > mostName {
		ext := path.Ext(name)
		if len(ext) > 16 {
			ext = ""
		}
		base := strings.TrimSuffix(name, ext)[:mostName-len(ext)]
		for !utf8.ValidString(base) {
			base = base[:len(base)-1]
		}
		name = base + ext
	}
	if name = strings.TrimRightFunc(name, atEnds); name == "" {
		return "file"
	}
	return name
}

// NamedOtherwise tells whether a file's name promises another type than its bytes
// have.
func NamedOtherwise(a *ledger.Attachment) bool {
	promised, _, err := mime.ParseMediaType(mime.TypeByExtension(strings.ToLower(path.Ext(a.Name))))
	if err != nil || a.Type == "text/plain" || a.Type == "application/octet-stream" {
		return false
	}
	is := mimetype.Lookup(strings.Split(a.Type, ";")[0])
	for m := is; m != nil; m = m.Parent() {
		if m.Is(promised) {
			return false
		}
	}
	return is != nil && !(promised == "text/csv" && is.Is("text/plain"))
}

// attach keeps the files that came with what was done.
func (a *action) attach(with string, files []*Upload) error {
	if len(files) == 0 {
		return nil
	}
	ctx := a.tx.Context()
	there, err := a.tx.Attachments(ctx, a.o.ID)
	if err != nil {
		return err
	}
	kept := 0
	for _, f := range there {
		if f.Removed.IsZero() {
			kept++
		}
	}
	if kept+len(files) > MostFiles {
		return problem.Refuse("file", "%s may have %d files, and has %d", a.o.Key(), MostFiles, kept)
	}
	all, err := a.tx.AttachedBytes(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		all += f.Size
	}
	if most := a.view.Settings.Files; most > 0 && all > most {
		return problem.Refuse("file", "the ledger has no room for more files: [ledger] files = %q is all that they may take; duban attachment remove takes some away", fmt.Sprint(most>>30, "GB"))
	}
	for _, f := range files {
		kept := &ledger.Attachment{Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, With: with, By: a.in.By, At: a.view.Now}
		content := io.NewSectionReader(f.file, 0, f.Size)
		if err := a.tx.AddAttachment(kept, a.o, content, a.view.Entry(a.in.By)); err != nil {
			return err
		}
	}
	return nil
}

// RemoveFile takes the bytes of a file away: personal data, secrets. Its name, its
// hash and the reason stay.
func (d *Desk) RemoveFile(ctx context.Context, id int64, in Act) (a *ledger.Attachment, err error) {
	if in.Reason == "" {
		return nil, problem.Refuse("reason", "say why: add --reason")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	v := d.view()
	err = d.ledger.Update(ctx, func(tx ledger.Tx) error {
		if a, err = tx.Attachment(tx.Context(), id); err != nil {
			return err
		}
		if !a.Removed.IsZero() {
			return problem.Refuse("", "file %d was removed already, by %s", id, a.RemovedBy)
		}
		o, err := tx.Occurrence(tx.Context(), a.Occurrence)
		if err != nil {
			return err
		}
		a.Removed, a.RemovedBy, a.Reason = v.Now, in.By, in.Reason
		return tx.RemoveAttachment(a, o, v.Entry(in.By))
	})
	return a, err
}
