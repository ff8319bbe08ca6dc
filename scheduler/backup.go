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

	"duban/ledger"
	"duban/scheduler/engine"
)

// Backups says when copies of the ledger are made, where, and how many are kept.
type Backups struct {
	Dir  string        // empty: none are made
	At   cron.Schedule // in the time zone of the ticks
	Keep int           // the newest so many
}

const (
	factBackup       = "last backup"
	factBackupFailed = "backup failed" // the day on which the administrators were told
)

// backupName is that of a copy: its time in UTC sorts as it reads.
const backupName = "duban-20060102T150405Z.db"

var backupForm = regexp.MustCompile(`^duban-\d{8}T\d{6}Z\.db$`)

// LastBackup is when a scheduled backup was last made; zero: never.
func (s *Scheduler) LastBackup(ctx context.Context) (time.Time, error) {
	text, err := s.Ledger.Fact(ctx, factBackup)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, text)
}

// Backup makes a copy of the ledger now, checks it, and removes those beyond
// the number to keep. Files of other names are never touched.
func (s *Scheduler) Backup(ctx context.Context) (file string, err error) {
	b, now := s.Backups, s.Clock()
	book, ok := s.Ledger.(ledger.File)
	if !ok {
		return "", fmt.Errorf("a backup of a ledger that lies in no file: %w", errors.ErrUnsupported)
	}
	if err := os.MkdirAll(b.Dir, 0o750); err != nil {
		return "", err
	}
	file = filepath.Join(b.Dir, now.UTC().Format(backupName))
	if err := book.Backup(ctx, file); err != nil {
		return "", err
	}
	err = s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return errors.Join(tx.SetFact(factBackup, now.UTC().Format(time.RFC3339)), tx.SetFact(factBackupFailed, ""))
	})
	return file, errors.Join(err, b.prune())
}

// prune removes the oldest copies.
func (b Backups) prune() error {
	entries, err := os.ReadDir(b.Dir)
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
	for _, name := range copies[:max(0, len(copies)-b.Keep)] {
		if err := os.Remove(filepath.Join(b.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// backupLoop makes a copy when it is time, and one at once when the last is
// older than it should be: the machine was off, or this is the first start.
func (s *Scheduler) backupLoop(ctx context.Context) {
	for ctx.Err() == nil {
		wait := s.backUpIfDue(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// backUpIfDue makes a copy if one is due and tells when to look again.
func (s *Scheduler) backUpIfDue(ctx context.Context) time.Duration {
	last, err := s.LastBackup(ctx)
	now := s.Clock()
	if err == nil && now.Before(s.Backups.At.Next(last.In(s.Settings.Timezone))) && !now.Before(last) {
		return longestWait
	}
	if err == nil {
		var file string
		if file, err = s.Backup(ctx); err == nil {
			s.Log.Info().Str("file", file).Msg("backup")
			return longestWait
		}
	}
	if ctx.Err() == nil {
		s.Log.Error().Err(err).Msg("the backup failed; it is tried again in an hour")
		if err := s.tellBackupFailed(ctx, err); err != nil {
			s.Log.Error().Err(err).Msg("the administrators could not be told of it")
		}
	}
	return time.Hour
}

// tellBackupFailed tells the administrators, once a day.
func (s *Scheduler) tellBackupFailed(ctx context.Context, why error) error {
	v := s.View()
	today := v.Today().String()
	told, err := s.Ledger.Fact(ctx, factBackupFailed)
	if err != nil || told == today {
		return err
	}
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		if err := engine.TellAdmins(tx, v, v.Text("backup"), v.Text("backup text", why)); err != nil {
			return err
		}
		return tx.SetFact(factBackupFailed, today)
	})
}
