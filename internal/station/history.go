package station

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"parley"
	"parley/internal/journal"
	"parley/roster"
	"parley/wire"
)

// History returns the roster of the line over time, as far as it is durable
// here (spec/CHANGE.md §4).
func (l *Line) History() *roster.History { return l.history.Load() }

// loadHistory applies the changes of both sides that are believed and have
// their place.
func (l *Line) loadHistory(own, peer uint64) (*roster.History, error) {
	h := roster.NewHistory(l.roster)
	for _, log := range []struct {
		side roster.Side
		size uint64
	}{{l.self, own}, {l.peer, peer}} {
		err := l.journal.Changes(log.side.Log, log.size, func(r journal.Record) error {
			header, content, err := contentIn(r.Entry)
			var c *roster.Change
			if err == nil {
				c, err = changeIn(content)
			}
			if err == nil {
				h, err = h.Apply(log.side.Party, h.Place(log.side.Party, header), c)
			}
			if err != nil {
				return fmt.Errorf("the change in entry %d of %s in the journal: %w", r.Number, log.side.Party, err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return l.loadGenerations(h)
}

// contentIn returns the header of an entry, and the content that stands in it.
func contentIn(entry []byte) (wire.Header, []byte, error) {
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return wire.Header{}, nil, err
	}
	s, err := wire.ParseSigned(e.Signed)
	return e.Header, s.Content, err
}

// errNoChange is content of another kind.
var errNoChange = errors.New("not a change")

// changeIn returns the change that content makes, and an error if it makes none.
func changeIn(content []byte) (*roster.Change, error) {
	c, err := wire.ParseContent(content)
	if err != nil {
		return nil, err
	}
	if c.Kind != parley.Change {
		return nil, errNoChange
	}
	return roster.ParseChange([]byte(c.Body))
}

// lastChange returns the change of p's side that was applied last.
func lastChange(h *roster.History, p parley.Party) *roster.Change {
	versions := h.Versions(p)
	return versions[len(versions)-1].Change
}

// changed is the news that the change in an entry is in force.
func (l *Line) changed(c *roster.Change, ref parley.Ref) Event {
	return Event{Kind: EventRoster, Ref: ref, Text: fmt.Sprintf("%s has changed its side of the roster with %s: %s",
		c.Party, l.MessageName(c.Party, ref.Number), ChangeText(l.History(), c))}
}

// ChangeText says what a change does, in one sentence for people.
func ChangeText(h *roster.History, c *roster.Change) string {
	var says []string
	for _, l := range c.Leave {
		says = append(says, fmt.Sprintf("%s is no officer any more (key %s)", l.Name, l.Key))
	}
	for _, o := range c.Join {
		says = append(says, fmt.Sprintf("%s is an officer (key %s)", o.Name, o.KeyID()))
	}
	for _, k := range c.Keys {
		says = append(says, fmt.Sprintf("its %s key is %s", k.Role, roster.KeyID(k.Role, k.Key)))
	}
	for _, t := range c.Thefts {
		says = append(says, fmt.Sprintf("the key %s of %s is compromised since %s", t.Key, cmp.Or(t.Name, string(t.Role)), MessageName(h, c.Party, t.Since)))
	}
	return strings.Join(says, "; ")
}
