package world

import (
	"context"
	"encoding/json"
	"sync"

	"duban/notify"
	"duban/scheduler/delivery"
)

// Chat is a channel beside mail: it takes short texts.
type Chat struct {
	mu   sync.Mutex
	err  error
	hung chan struct{}
	got  []notify.Message
}

// Compose makes one line of what is said.
func (c *Chat) Compose(n *notify.Notice, e notify.Envelope) ([]byte, error) {
	return []byte("chat " + e.MessageID + " " + n.Subject()), nil
}

// Send keeps it, unless the other side is down or hangs.
func (c *Chat) Send(ctx context.Context, m notify.Message) notify.Outcome {
	c.mu.Lock()
	err, hung := c.err, c.hung
	c.mu.Unlock()
	if hung != nil {
		select {
		case <-hung:
		case <-ctx.Done():
			return notify.Outcome{Err: ctx.Err(), Unknown: true}
		}
	}
	if err == nil {
		err = m.MayEnd()
	}
	if err != nil {
		return notify.Outcome{Err: err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, m)
	return notify.Outcome{Reply: "ok"}
}

// Says makes it answer that from now on; nil: all is well.
func (c *Chat) Says(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// Hang makes it not answer until what it returns is called.
func (c *Chat) Hang() (answer func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hung = make(chan struct{})
	return sync.OnceFunc(func() { close(c.hung) })
}

// Got is what came.
func (c *Chat) Got() []notify.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got[:len(c.got):len(c.got)]
}

// Parallel is 1: a chat is one place.
func (*Chat) Parallel() int { return 1 }

// Close does nothing.
func (*Chat) Close() error { return nil }

// Hook is another kind of channel: its bytes are JSON.
type Hook struct{ Chat }

// Compose makes an object of what is said.
func (*Hook) Compose(n *notify.Notice, e notify.Envelope) ([]byte, error) {
	return json.Marshal(map[string]string{"id": e.MessageID, "title": n.Subject()})
}

// Beside opens a daemon anew that has these channels beside mail.
func (w *World) Beside(ways ...delivery.Way) {
	w.Sending.Beside, w.Settings().Channels = ways, nil
	for _, way := range ways {
		w.Settings().Channels = append(w.Settings().Channels, way.Name)
	}
	w.Reopen()
}
