package app

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	sd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/editor"
)

// manager is systemd, or whoever else set NOTIFY_SOCKET (sd_notify(3)): it is
// told how the daemon is. Without one all this does nothing.
type manager struct {
	s   *scheduler.Scheduler
	log zerolog.Logger
}

func (m *manager) say(state string) {
	if _, err := sd.SdNotify(false, state); err != nil {
		m.log.Warn().Err(err).Msg("the service manager could not be told")
	}
}

// statusEvery is how often the status line is renewed where no watchdog asks for
// more.
const statusEvery = 30 * time.Second

// watch tells that the daemon is ready once it has evaluated, then how it
// stands, and feeds the watchdog while ticks and delivery turn.
func (m *manager) watch(ctx context.Context) error {
	select {
	case <-m.s.Health.Started():
		m.say(sd.SdNotifyReady + "\nSTATUS=" + m.status(ctx))
	case <-ctx.Done():
	}
	every := statusEvery
	if limit, err := sd.SdWatchdogEnabled(false); err == nil && limit > 0 {
		every = min(every, limit/3)
	}
	timer := time.NewTicker(every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			m.say(sd.SdNotifyStopping + "\nSTATUS=finishing the mails in hand")
			return nil
		case <-timer.C:
		}
		if err := m.s.Health.Alive(); err != nil {
			m.log.Error().Err(err).Msg("something stands still: the watchdog is not fed")
			m.say("STATUS=" + err.Error())
			continue
		}
		m.say(sd.SdNotifyWatchdog + "\nSTATUS=" + m.status(ctx))
	}
}

// status is one line for systemctl status.
func (m *manager) status(ctx context.Context) string {
	counts, err := m.s.Ledger.OutboxCounts(ctx, ledger.Pending, ledger.Sending, ledger.Held, ledger.Failed)
	if err != nil {
		return err.Error()
	}
	text := fmt.Sprintf("%d mails waiting, %d held, %d failed", counts[ledger.Pending]+counts[ledger.Sending], counts[ledger.Held], counts[ledger.Failed])
	if next := m.s.Health.NextTick(); !next.IsZero() {
		text += "; next tick " + next.In(m.s.Options.Settings.Timezone).Format("15:04")
	}
	return text
}

// telling is the loader, which also tells of reloads (Type=notify-reload,
// systemd.service(5)).
func (m *manager) telling(load editor.Loader) editor.Loader {
	return func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		m.say(sd.SdNotifyReloading + "\n" + sd.SdNotifyMonotonicUsec())
		set, problems := load(change)
		status := "rules reloaded"
		if problems.Err() != nil {
			status = "the rules have errors: the old ones stay in force"
		}
		m.say(sd.SdNotifyReady + "\nSTATUS=" + status)
		return set, problems
	}
}

// inherited is the socket that systemd listens on for us (sd_listen_fds(3)), or
// nil.
func inherited(log zerolog.Logger) net.Listener {
	found, err := activation.Listeners()
	if err != nil {
		log.Error().Err(err).Msg("the socket of the service manager")
		return nil
	}
	for i, l := range found {
		if l == nil {
			continue
		}
		for _, other := range found[i+1:] {
			if other != nil {
				log.Warn().Str("address", other.Addr().String()).Msg("one socket is enough: this one is not used")
				_ = other.Close() // nobody asked for it
			}
		}
		return l
	}
	return nil
}
