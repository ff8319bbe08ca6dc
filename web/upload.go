package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/desk"
)

// Files come in a form of many parts, and go onto disk as they come: of a request no
// more is in memory than a piece, and few requests bring files at once.
const (
	mostUpload      = desk.MostFiles*desk.LargestFile + 1<<20 // bytes of a form with files
	uploadsTogether = 4
	uploadWait      = 20 * time.Second // until others are through
	uploadTime      = 10 * time.Minute // to send a form with files, or to take a file
)

// carriesFiles tells whether a request is a form that may have files in it.
func carriesFiles(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "multipart/form-data" && r.Method == http.MethodPost &&
		(strings.HasPrefix(r.URL.Path, "/o/") || strings.HasPrefix(r.URL.Path, "/u/"))
}

type uploadKey struct{}

// uploaded is what came with a form, and what was wrong with that.
type uploaded struct {
	files []*desk.Upload
	err   error
}

// receiving reads a form that may have files in it before p sees it, from somebody
// whose link check has found good.
func (s *visits) receiving(check func(*http.Request) error, p page) page {
	plain := parsed(unitsForm, p)
	return func(w http.ResponseWriter, r *http.Request) error {
		if !carriesFiles(r) {
			return plain(w, r)
		}
		if err := check(r); err != nil {
			return err
		}
		if r.ContentLength > mostUpload {
			return &http.MaxBytesError{Limit: mostUpload}
		}
		wait := time.NewTimer(uploadWait)
		defer wait.Stop()
		select {
		case s.uploads <- struct{}{}:
			defer func() { <-s.uploads }()
		case <-wait.C:
			return problem.Refuse("", "Many files arrive just now: try again in a minute.")
		case <-r.Context().Done():
			return r.Context().Err()
		}
		defer patient(w)()
		got := &uploaded{}
		defer func() {
			for _, f := range got.files {
				f.Close()
			}
		}()
		if err := got.read(r, s.spool); err != nil {
			return err
		}
		return p(w, r.WithContext(context.WithValue(r.Context(), uploadKey{}, got)))
	}
}

// patient gives a request more time than others have; what it returns ends that.
func patient(w http.ResponseWriter) func() {
	c := http.NewResponseController(w)
	_, _ = c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}) // who cannot has the usual time
	cut := time.AfterFunc(uploadTime, func() {
		past := time.Unix(1, 0)
		_, _ = c.SetReadDeadline(past), c.SetWriteDeadline(past)
	})
	return func() { cut.Stop() }
}

// read takes a form apart: fields into PostForm, files onto disk in that folder.
func (u *uploaded) read(r *http.Request, dir string) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
	}
	r.PostForm = url.Values{}
	room := int64(unitsForm)
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			r.Form = r.PostForm
			return nil
		case isTooLarge(err):
			return err
		case err != nil:
			return problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
		}
		if part.FormName() == "files" {
			if err := u.take(dir, part.FileName(), part); err != nil {
				return err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return err
		}
		if room -= int64(len(text) + len(part.FormName())); room < 0 {
			return &http.MaxBytesError{Limit: unitsForm}
		}
		r.PostForm.Add(part.FormName(), string(text))
	}
}

// take takes one file; an error that the reader can put right is kept for the form,
// and the rest is read past, so that a browser hears of it.
func (u *uploaded) take(dir, name string, from io.Reader) error {
	if name == "" { // none was chosen
		_, err := io.Copy(io.Discard, from)
		return err
	}
	if u.err == nil && len(u.files) == desk.MostFiles {
		u.err = problem.Refuse("file", "at most %d files at once", desk.MostFiles)
	}
	if u.err == nil {
		f, err := desk.Receive(dir, name, from)
		switch {
		case err == nil:
			u.files = append(u.files, f)
		case asField(err) != nil:
			u.err = err
		default:
			return err
		}
	}
	_, err := io.Copy(io.Discard, from)
	return err
}

func isTooLarge(err error) bool {
	var e *http.MaxBytesError
	return errors.As(err, &e)
}

// cameWith are the files that came with a form.
func cameWith(r *http.Request) ([]*desk.Upload, error) {
	if u, ok := r.Context().Value(uploadKey{}).(*uploaded); ok {
		return u.files, u.err
	}
	return nil, nil
}

// fileView is a file as pages list it.
type fileView struct {
	*ledger.Attachment
	Link  string
	Other bool // its name promises another type than its bytes have
}

// filesOf are those of an occurrence, each with its address after that one.
func filesOf(ctx context.Context, r ledger.Reader, occurrence int64, address string) ([]fileView, error) {
	all, err := r.Attachments(ctx, occurrence)
	var out []fileView
	for _, a := range all {
		out = append(out, fileView{a, address + "/file/" + itoa(int(a.ID)), desk.NamedOtherwise(a)})
	}
	return out, err
}

// sendFile answers with a file: always to be kept, never to be shown here, whatever
// it says that it is.
func sendFile(w http.ResponseWriter, r *http.Request, from ledger.Reader, a *ledger.Attachment) error {
	if !a.Removed.IsZero() {
		return problem.New(problem.Gone, "This file was removed.")
	}
	defer patient(w)()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", itoa(int(a.Size)))
	if r.Method == http.MethodHead {
		return nil
	}
	return ledger.CopyAttachment(r.Context(), from, a, w)
}

// file is the one that a request names, of an occurrence that may picks.
func fileIn(r *http.Request, from ledger.Reader, may func(*ledger.Occurrence) bool) (*ledger.Attachment, error) {
	a, err := from.Attachment(r.Context(), int64(number(r.PathValue("file"))))
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	o, err := from.Occurrence(r.Context(), a.Occurrence)
	if err == nil && !may(o) {
		err = errNotFound
	}
	return a, err
}

// itemFile is a file behind the link of an item.
func (s *visits) itemFile(w http.ResponseWriter, r *http.Request) error {
	o, err := s.item(r)
	if err != nil {
		return err
	}
	a, err := fileIn(r, s.ledger, func(of *ledger.Occurrence) bool { return of.ID == o.ID })
	if err != nil {
		return err
	}
	return sendFile(w, r, s.ledger, a)
}

// supervisorFile is a file behind a supervisor's link.
func (s *visits) supervisorFile(w http.ResponseWriter, r *http.Request) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	a, err := fileIn(r, s.ledger, s.supervisedBy(u))
	if err != nil {
		return err
	}
	return sendFile(w, r, s.ledger, a)
}

// file is one for who is signed in.
func (s *standing) file(w http.ResponseWriter, r *http.Request) error {
	a, err := fileIn(r, s.ledger, func(*ledger.Occurrence) bool { return true })
	if err != nil {
		return err
	}
	return sendFile(w, r, s.ledger, a)
}

// archive is all files of a plan's period, PERIOD.zip; all.zip: of the whole plan.
func (s *standing) archive(w http.ResponseWriter, r *http.Request) error {
	plan, name := r.PathValue("plan"), r.PathValue("period")
	period, isZip := strings.CutSuffix(name, ".zip")
	if s.view().Rules.Plan(plan) == nil || !isZip {
		return errNotFound
	}
	if period == "all" {
		period = ""
	}
	defer patient(w)()
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": plan + "-" + name}))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := desk.Archive(r.Context(), s.ledger, plan, period, w); err != nil {
		s.frame.log.Error().Err(err).Str("plan", plan).Msg("an archive that breaks off")
		panic(http.ErrAbortHandler) // what has left looks whole to nobody
	}
	return nil
}

// sizeText is a number of bytes as people say it.
func sizeText(n int64) string {
	if n < 1<<20 {
		return itoa(int(max(1, n>>10))) + " KB"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
