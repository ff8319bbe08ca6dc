package world

import (
	"context"
	"sync"

	"duban/notify"
)

// Mailbox takes every mail, unless it is told what else to say.
type Mailbox struct {
	mu    sync.Mutex
	mails []notify.Message
	say   func(notify.Message) notify.Outcome
}

// Send keeps a mail.
func (m *Mailbox) Send(_ context.Context, sent notify.Message) notify.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := notify.Outcome{Reply: "250 ok"}
	if m.say != nil {
		if out = m.say(sent); out.Err != nil || len(out.Refused) == len(sent.To) {
			return out
		}
	}
	m.mails = append(m.mails, sent)
	return out
}

// Answer makes the mailbox say that from now on; nil: all is well.
func (m *Mailbox) Answer(say func(notify.Message) notify.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.say = say
}

// Mails are those that came.
func (m *Mailbox) Mails() []notify.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mails[:len(m.mails):len(m.mails)]
}

// Empty throws them away.
func (m *Mailbox) Empty() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = nil
}

// Parallel is how many mails it takes at a time.
func (m *Mailbox) Parallel() int { return 2 }

// Close does nothing.
func (m *Mailbox) Close() error { return nil }
