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
	z := zip.NewWriter(w)
	err = r.AttachmentsUnder(ctx, plan, period, func(o *ledger.Occurrence, a *ledger.Attachment) error {
		n++
		folder := strings.ReplaceAll(HarmlessName(o.Obligation)+"/"+HarmlessName(o.Unit)+"/"+HarmlessName(o.Period), "..", "_")
		f, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%s/%d-%s", folder, a.ID, a.Name), Method: zip.Store, Modified: a.At})
		if err != nil {
			return err
		}
		return ledger.CopyAttachment(ctx, r, a, f)
	})
	if err != nil {
		return n, err
	}
	return n, z.Close()
}
