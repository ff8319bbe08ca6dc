package scheduler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler/engine"
)

// BackupPlan says when copies of the ledger are made, where, and how many are kept.
type BackupPlan struct {
	Dir  string        // empty: none are made
	At   cron.Schedule // in the time zone of the ticks
	Keep int           // the newest so many
}

// Backups makes copies of the ledger.
type Backups struct {
	Plan   BackupPlan
	ledger ledger.Store
	view   func() engine.View
	log    zerolog.Logger
}

const (
	factBackup       = "last backup"
	factBackupFailed = "backup failed" // the day on which the administrators were told
)

// backupName is that of a copy: its time in UTC sorts as it reads.
const backupName = "duban-20060102T150405Z.db"

var backupForm = regexp.MustCompile(`^duban-\d{8}T\d{6}Z\.db$`)

// Last is when a scheduled backup was last made; zero: never.
func (b *Backups) Last(ctx context.Context) (time.Time, error) {
	text, err := b.ledger.Fact(ctx, factBackup)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, text)
}

// Make makes a copy of the ledger now, checks it, and removes those beyond
// the number to keep. Files of other names are never touched.
func (b *Backups) Make(ctx context.Context) (file string, err error) {
	now := b.view().Now
	book, ok := b.ledger.(ledger.File)
	if !ok {
		return "", fmt.Errorf("a backup of a ledger that lies in no file: %w", errors.ErrUnsupported)
	}
	if err := os.MkdirAll(b.Plan.Dir, 0o750); err != nil {
		return "", err
	}
	file = filepath.Join(b.Plan.Dir, now.UTC().Format(backupName))
	if err := book.Backup(ctx, file); err != nil {
		return "", err
	}
	err = b.ledger.Update(ctx, func(tx ledger.Tx) error {
		return errors.Join(tx.SetFact(factBackup, now.UTC().Format(time.RFC3339)), tx.SetFact(factBackupFailed, ""))
	})
	return file, errors.Join(err, b.prune())
}

// prune removes the oldest copies.
func (b *Backups) prune() error {
	entries, err := os.ReadDir(b.Plan.Dir)
	if err != nil {
		return err
	}
	var copies []string
	for _, e := range entries {
		if e.Type().IsRegular() && backupForm.MatchString(e.Name()) {
			copies = append(copies, e.Name())
		}
	}
	slices.Sort(copies)
	for _, name := range copies[:max(0, len(copies)-b.Plan.Keep)] {
		if err := os.Remove(filepath.Join(b.Plan.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// run makes a copy when it is time, and one at once when the last is older than it
// should be: the machine was off, or this is the first start.
func (b *Backups) run(ctx context.Context) error {
	return again(ctx, b.ifDue)
}

// ifDue makes a copy if one is due and tells when to look again.
func (b *Backups) ifDue(ctx context.Context) time.Duration {
	last, err := b.Last(ctx)
	v := b.view()
	if err == nil && v.Now.Before(b.Plan.At.Next(last.In(v.Settings.Timezone))) && !v.Now.Before(last) {
		return longestWait
	}
	if err == nil {
		var file string
		if file, err = b.Make(ctx); err == nil {
			b.log.Info().Str("file", file).Msg("backup")
			return longestWait
		}
	}
	if ctx.Err() == nil {
		b.log.Error().Err(err).Msg("the backup failed; it is tried again in an hour")
		if err := b.tellFailed(ctx, err); err != nil {
			b.log.Error().Err(err).Msg("the administrators could not be told of it")
		}
	}
	return time.Hour
}

// tellFailed tells the administrators, once a day.
func (b *Backups) tellFailed(ctx context.Context, why error) error {
	v := b.view()
	return b.ledger.Update(ctx, func(tx ledger.Tx) error {
		return engine.TellOnceADay(tx, v, factBackupFailed, v.Text("backup"), v.Text("backup text", why))
	})
}
