package station

import (
	"context"
	"errors"
	"fmt"

	"parley"
	"parley/deniable"
	"parley/internal/courier"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// ErrDeniable is returned to an officer who signs content of a deniable line,
// or consents to content of one that is not: the one leaves a proof, and the
// other none (spec/DENIABLE.md §4).
var ErrDeniable = errors.New("the officer was shown another kind of line")

// Deniable reports whether what is said on the line can be proved to nobody.
func (l *Line) Deniable() bool { return l.off != nil }

// Name returns what people call the line: the other party, and on a deniable
// line that it is one.
func (l *Line) Name() string {
	if l.off != nil {
		return string(l.peer.Party) + "/deniable"
	}
	return string(l.peer.Party)
}

// persons is the roster with the officers who may approve our drafts now: those
// of the agreed line, since the officers of a deniable one are no persons.
func (l *Line) persons() *roster.Roster {
	switch {
	case l.off == nil:
		return l.rosterNow()
	case l.beside != nil:
		return l.beside.rosterNow()
	}
	return l.off.Agreed()
}

// Consent is Approve on a deniable line: the officer's signature proves nothing
// to others, and is not kept. Content is signed with the keys of the line when
// the quorum is complete.
func (l *Line) Consent(ctx context.Context, id parley.DraftID, c deniable.Consent) (Draft, *parley.Ref, error) {
	d, err := l.DraftOf(id)
	if err != nil {
		return Draft{}, nil, err
	}
	if l.off == nil {
		return d, nil, fmt.Errorf("draft %s is attributable: %w", id, ErrDeniable)
	}
	officer, err := l.person(c.Key)
	if err != nil {
		return d, nil, err
	}
	if err := c.Check(d.Content, officer.Key); err != nil {
		return d, nil, fmt.Errorf("officer %s: %w", officer.Name, err)
	}
	content, err := wire.ParseContent(d.Content)
	if err != nil {
		return d, nil, err
	}
	if !officer.Speaks(content.From) {
		return d, nil, fmt.Errorf("officer %s, from %s: %w", officer.Name, content.From, release.ErrDesk)
	}
	return l.approved(ctx, d, officer.Name, wire.Signature{Key: c.Key})
}

// signatures returns those under which a complete draft is released.
func (l *Line) signatures(d Draft) ([]wire.Signature, error) {
	if l.off == nil {
		return d.signatures, nil
	}
	return l.off.Sign(d.Content)
}

// deliver hands a frame to the line that it is of: to this one, or to the
// deniable one that shares its channels.
func (l *Line) deliver(in courier.Inbound) {
	to := l
	if l.aside != nil {
		if tag, ok := wire.FrameTag(in.Frame); ok && tag == wire.Tag(l.aside.id, l.aside.peer.Party) {
			to = l.aside
		}
	}
	_ = to.put(context.Background(), frameInput{Inbound: in})
}

// carry runs the courier until ctx ends, or waits for the end of the one that
// the line shares: until then it may hand over frames.
func (l *Line) carry(ctx context.Context) error {
	if l.beside != nil {
		<-l.beside.landed
		return nil
	}
	defer close(l.landed)
	return l.courier.Run(ctx)
}

// channelChanged tells the lines that share it of a channel.
func (l *Line) channelChanged(st courier.State) {
	_ = l.put(context.Background(), channelInput{st})
	if l.aside != nil {
		_ = l.aside.put(context.Background(), channelInput{st})
	}
}
