package desk

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"strings"

	"duban/ledger"
)

// Archive writes all files of a plan's period, or of all of it, into a .zip: a folder
// an occurrence. It tells how many they are.
func Archive(ctx context.Context, r ledger.AttachmentReader, plan, period string, w io.Writer) (n int, err error) {
	type file struct {
		of *ledger.Occurrence
		*ledger.Attachment
	}
	var all []file // first: who waits for a slow reader keeps no list open
	err = r.AttachmentsUnder(ctx, plan, period, func(o *ledger.Occurrence, a *ledger.Attachment) error {
		all = append(all, file{o, a})
		return nil
	})
	if err != nil {
		return 0, err
	}
	z := zip.NewWriter(w)
	for _, a := range all {
		o := a.of
		folder := strings.ReplaceAll(HarmlessName(o.Obligation)+"/"+HarmlessName(o.Unit)+"/"+HarmlessName(o.Period), "..", "_")
		f, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%s/%d-%s", folder, a.ID, a.Name), Method: zip.Store, Modified: a.At})
		if err == nil {
			err = copyWhole(ctx, r, a.Attachment, f)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, z.Close()
}

// copyWhole copies a file, or says that it was taken away meanwhile.
func copyWhole(ctx context.Context, r ledger.AttachmentReader, a *ledger.Attachment, to io.Writer) error {
	c := &counted{Writer: to}
	if err := ledger.CopyAttachment(ctx, r, a, c); err != nil {
		return err
	}
	if c.n != a.Size {
		return fmt.Errorf("file %d, %s, was removed while it was read: ask for the archive again", a.ID, a.Name)
	}
	return nil
}

// counted counts what is written.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}
