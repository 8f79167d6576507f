package station

import (
	"context"
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// DraftChange keeps a change of this side of the roster for its officers, like
// a text. c says who leaves, joins and is compromised. Where content does not
// say so already, it comes from the first desk that has officers enough whose
// keys the change does not end, goes to every desk of the other side, and is in
// this side's language (spec/CHANGE.md §3).
func (l *Line) DraftChange(ctx context.Context, c roster.Change, content wire.Content) (Draft, error) {
	log, err := l.journal.Log(l.self.Log)
	if err != nil {
		return Draft{}, err
	}
	full, err := l.History().Draft(l.cfg.Party, log.Size, c)
	if err != nil {
		return Draft{}, err
	}
	content.Kind, content.Status, content.Body = parley.Change, parley.Real, string(full.Text())
	if content.Language == "" {
		content.Language = l.self.Language
	}
	if len(content.To) == 0 {
		content.To = l.peer.Desks[:min(len(l.peer.Desks), wire.MaxDesks)]
	}
	if content.From == "" {
		if content.From, err = l.deskFor(full, l.roster.QuorumFor(content.Precedence, parley.Change)); err != nil {
			return Draft{}, err
		}
	}
	return l.Draft(ctx, content)
}

// deskFor returns a desk from which a change can be released.
func (l *Line) deskFor(c *roster.Change, quorum int) (parley.Desk, error) {
	now, _ := l.History().Now(l.cfg.Party)
	for _, d := range now.Desks {
		have := 0
		for _, o := range now.Officers {
			if o.Speaks(d) && !c.Ends(o.KeyID()) {
				have++
			}
		}
		if have >= quorum {
			return d, nil
		}
	}
	return "", fmt.Errorf("%w: it takes %d officers of one desk whose keys it does not end, and no desk of %s has them: let another officer join first, or agree on a new line",
		roster.ErrQuorum, quorum, l.cfg.Party)
}

// OfficerOf returns the officer of this side that a name or a key id means: one
// of now, or else the one of that name who left last.
func (l *Line) OfficerOf(name string) (roster.Validity, error) {
	keys := l.History().Keys(l.cfg.Party)
	for i := range keys {
		// Those of now first, then those who left, the last first.
		k := keys[len(keys)-1-i]
		if k.Role == roster.RoleOfficer && k.To == 0 && (k.Name == name || k.KeyID().String() == name) {
			return k, nil
		}
	}
	var found roster.Validity
	for _, k := range keys {
		if k.Role == roster.RoleOfficer && k.To > found.To && (k.Name == name || k.KeyID().String() == name) {
			found = k
		}
	}
	if found.Key == nil {
		return found, fmt.Errorf("%q is not, and was not, an officer of %s on this line: %w", name, l.cfg.Party, parley.ErrName)
	}
	return found, nil
}
