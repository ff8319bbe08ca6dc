package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/renameio/v2"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// linkDays is how long a link in a mail works: longer than anybody needs to
// answer it, short enough that an old mailbox opens nothing.
const linkDays = 120

// Links makes and checks signed addresses. Each is bound to one purpose, one
// unit or occurrence, and a last day, by an HMAC (RFC 2104) with SHA-256.
type Links struct {
	Base string                 // address of the page, without a slash at the end
	Key  func() ([]byte, error) // read each time: another key kills old links at once
}

// The purposes of a link.
const (
	forItem       = "item"
	forUnit       = "unit"
	forSupervisor = "supervisor"
	forFeed       = "feed"
)

// lastDay is that of a link in a mail that leaves now, in days since 1970. What a
// page hands out to whoever came by a link ends with that link.
func lastDay(now time.Time) int { return calendar.DayOf(now).Epoch() + linkDays }

// Item is the address under which a unit reports an occurrence; empty where
// there is no key.
func (l *Links) Item(o *ledger.Occurrence, now time.Time) string { return l.itemUntil(o, lastDay(now)) }

func (l *Links) itemUntil(o *ledger.Occurrence, day int) string {
	return l.address(fmt.Sprintf("/o/%d/%d/", o.ID, day), forItem, itemName(o), day)
}

// Unit is the address of all that a unit owes.
func (l *Links) Unit(unit string, now time.Time) string {
	day := lastDay(now)
	return l.address(fmt.Sprintf("/u/%s/%d/", url.PathEscape(unit), day), forUnit, unit, day)
}

// Supervisor is the address of all that a supervisor's units owe, where it
// decides on what they ask and report.
func (l *Links) Supervisor(unit string, now time.Time) string {
	day := lastDay(now)
	return l.address(fmt.Sprintf("/s/%s/%d/", url.PathEscape(unit), day), forSupervisor, unit, day)
}

// Feed is the address of a unit's calendar until that day; it shows due dates and
// changes nothing.
func (l *Links) Feed(unit string, day int) string {
	a := l.address(fmt.Sprintf("/feed/%s/%d/", url.PathEscape(unit), day), forFeed, unit, day)
	if a == "" {
		return ""
	}
	return a + "/duban.ics"
}

// signature is what of a link opens it, after what tells what it opens.
var signature = regexp.MustCompile(`(/(?:o|u|s|feed)/[^\s"'<>]{1,200}?/)[A-Za-z0-9_-]{43}`)

// CutLinks takes the signatures out of the links in a text that is shown to
// others than those whom the links were sent to.
func CutLinks(text string) string { return signature.ReplaceAllString(text, "${1}…") }

func itemName(o *ledger.Occurrence) string { return fmt.Sprint(o.ID, " ", o.FullKey()) }

func (l *Links) address(path, purpose, name string, day int) string {
	key, err := l.Key()
	if err != nil {
		return ""
	}
	return l.Base + path + mac(key, purpose, name, day)
}

func mac(key []byte, purpose, name string, day int) string {
	h := hmac.New(sha256.New, key)
	for _, part := range []string{purpose, name, strconv.Itoa(day)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// check tells whether the link that a request came by is good.
func (l *Links) check(r *http.Request, purpose, name string, now time.Time) error {
	// The feeds that older versions handed out have no last day.
	endless := purpose == forFeed && r.PathValue("expires") == ""
	day := 0
	if !endless {
		var err error
		if day, err = strconv.Atoi(r.PathValue("expires")); err != nil {
			return errBadLink
		}
	}
	key, err := l.Key()
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(mac(key, purpose, name, day)), []byte(r.PathValue("mac"))) {
		return errBadLink
	}
	if !endless && calendar.DayOf(now).Epoch() > day {
		return problem.New(problem.Gone, "This link has expired: the latest mail has a new one.")
	}
	return nil
}

var errBadLink = problem.New(problem.Forbidden, "This link is not valid: open the one in the latest mail, whole.")

// FileKey is the key in that file; the first time it is asked for it is made. The
// file is looked at each time, and read when it is another one.
func FileKey(file string) func() ([]byte, error) {
	var mu sync.Mutex
	var last os.FileInfo
	var key []byte
	return func() ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		info, err := os.Stat(file)
		if errors.Is(err, os.ErrNotExist) {
			if err = RotateKey(file, false); err == nil || errors.Is(err, os.ErrExist) {
				info, err = os.Stat(file)
			}
		}
		if err != nil {
			return nil, err
		}
		if last != nil && os.SameFile(last, info) && last.ModTime().Equal(info.ModTime()) && last.Size() == info.Size() {
			return key, nil
		}
		if key, err = readKey(file); err == nil {
			last = info
		}
		return key, err
	}
}

func readKey(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(string(data))
	if len(key) < 32 {
		return nil, fmt.Errorf("%s: a key needs at least 32 characters: duban link --rotate writes a new one", file)
	}
	return []byte(key), nil
}

// RotateKey writes a new key; replace: also where there is one, whose links are
// then dead.
func RotateKey(file string, replace bool) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	key := []byte(rand.Text() + rand.Text() + "\n")
	if replace {
		return renameio.WriteFile(file, key, 0o600)
	}
	// Two that start at once agree on the key of the first.
	f, err := renameio.TempFile(filepath.Dir(file), file)
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := f.Write(key); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Link(f.Name(), file)
}
