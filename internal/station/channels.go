package station

import (
	"parley/internal/courier"
	"parley/link"
)

// channel tells link that a channel may or may not be used now.
func (t *turn) channel(c courier.State) {
	t.tell(channelEvent(c))
	t.after(func() { t.l.up[c.Name] = c.Up && c.Enabled })
	if c.Class == courier.Fast { // a carrier goes on
		t.after(t.l.checks[c.Name].restart)
	}
	text := "down"
	switch {
	case c.Up && c.Enabled:
		text = "up"
	case !c.Enabled:
		text = "disabled"
	}
	t.report(Event{Kind: EventChannel, Channel: c.Name, Text: text})
}

func channelEvent(c courier.State) link.Event {
	if c.Up && c.Enabled {
		return link.Up{Channel: c.Name}
	}
	return link.Down{Channel: c.Name}
}

// Disable takes a channel out of use, for a drill; Enable puts it back.
func (l *Line) Disable(channel string) error { return l.courier.Disable(channel) }

// Enable puts a channel back into use.
func (l *Line) Enable(channel string) error { return l.courier.Enable(channel) }
