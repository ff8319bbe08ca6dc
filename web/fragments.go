package web

import (
	"fmt"
	"html/template"
	"sync"

	"golang.org/x/sync/singleflight"
)

// fragments are parts of pages that were made a moment ago. What decides how
// they look is in the stamp; another stamp empties all. Those who want the same
// part share its making; nobody waits for another's.
type fragments struct {
	making singleflight.Group

	mu    sync.Mutex
	stamp any
	made  map[string]template.HTML
	bytes int // of them all
}

// mostFragments bounds what is kept, in bytes; there are so many ways to filter a board,
// and that of a province has megabytes.
const mostFragments = 32 << 20

func newFragments() *fragments { return &fragments{made: map[string]template.HTML{}} }

// get is the part of that name, made by f if need be.
func (c *fragments) get(stamp any, name string, f func() (template.HTML, error)) (template.HTML, error) {
	if part, ok := c.kept(stamp, name); ok {
		return part, nil
	}
	made, err, _ := c.making.Do(fmt.Sprint(stamp, name), func() (any, error) {
		part, err := f()
		if err == nil {
			c.keep(stamp, name, part)
		}
		return part, err
	})
	return made.(template.HTML), err
}

func (c *fragments) kept(stamp any, name string) (template.HTML, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamp != stamp {
		return "", false
	}
	part, ok := c.made[name]
	return part, ok
}

func (c *fragments) keep(stamp any, name string, part template.HTML) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamp != stamp || c.bytes > mostFragments {
		c.stamp, c.bytes = stamp, 0
		clear(c.made)
	}
	c.made[name] = part
	c.bytes += len(part)
}
