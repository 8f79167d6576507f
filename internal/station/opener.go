package station

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"parley"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/link"
	"parley/receipt"
	"parley/seal"
	"parley/wire"
)

// epochsHeld bounds the epochs of the other side that a line keeps at once;
// beyond it the oldest goes, and what comes under it is asked for again.
const epochsHeld = 64

// opener holds what a line opens with: the epochs that the other side opened.
type opener struct {
	epochs map[parley.EpochID]*peerEpoch
	closed []parley.EpochID // closed by their word; newest last, at most epochsHeld
}

// peerEpoch is an epoch that the other side opened to us.
type peerEpoch struct {
	*seal.Epoch
	since parley.Time // when it was accepted, by served
}

// load reads the epochs of this line from the secrets.
func (o *opener) load(l *Line) error {
	o.epochs = map[parley.EpochID]*peerEpoch{}
	ids, err := l.cfg.Secrets.List(keyring.Epoch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		value, err := l.cfg.Secrets.Get(keyring.Epoch, id)
		if err != nil {
			return err
		}
		if len(value) < 40 || parley.LineID(value[:32]) != l.id {
			continue
		}
		e, err := seal.UnmarshalEpoch(value[40:])
		if err != nil {
			return fmt.Errorf("the secret of epoch %x: %w", id, err)
		}
		o.epochs[e.ID()] = &peerEpoch{Epoch: e, since: parley.Time(binary.BigEndian.Uint64(value[32:40]))}
	}
	if err := l.loadServed(o.newest()); err != nil {
		return err
	}
	return o.loadClosed(l)
}

// newest is when the newest epoch was accepted.
func (o *opener) newest() (since parley.Time) {
	for _, e := range o.epochs {
		since = max(since, e.since)
	}
	return since
}

func (o *opener) loadClosed(l *Line) error {
	b, err := l.journal.Meta(l.metaKey("closed"))
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	for ; err == nil && len(b) >= 8; b = b[8:] {
		o.closed = append(o.closed, parley.EpochID(b[:8]))
	}
	return err
}

// errEpoch is a frame under an epoch that we cannot open.
var errEpoch = errors.New("sealed under an epoch that this station does not hold")

// open opens a frame. A frame that opens an epoch is accepted only when it
// opens under it, so that an opening alone costs nothing.
func (o *opener) open(t *turn, channel string, f wire.Frame) ([]byte, error) {
	l := t.l
	if f.Tag != wire.Tag(l.id, l.peer.Party) {
		return nil, fmt.Errorf("a frame of another line or sender: %w", seal.ErrOpen)
	}
	if e, ok := o.epochs[f.Epoch]; ok {
		return e.Open(f)
	}
	if slices.Contains(o.closed, f.Epoch) {
		return nil, fmt.Errorf("epoch %s is closed: %w", f.Epoch, errEpoch)
	}
	if len(f.Opening) == 0 {
		t.tell(link.Unopened{Channel: channel, ID: f.Epoch})
		return nil, fmt.Errorf("epoch %s: %w", f.Epoch, errEpoch)
	}
	key, err := t.theirKey(f.Opening)
	private := l.privatePrekey
	switch {
	case errors.Is(err, errFormer):
		// It is answered as one to a prekey that is not held, if that key did sign it.
		private = func(parley.Hash) ([]byte, error) { return nil, fmt.Errorf("%w: %w", seal.ErrPrekey, err) }
	case err != nil:
		if errors.Is(err, receipt.ErrUnknownKey) {
			t.after(func() { l.gens.unknown = t.now })
		}
		return nil, fmt.Errorf("accepting an epoch: %w: %w", seal.ErrOpening, err)
	}
	e, prekey, err := seal.AcceptEpoch(seal.Terms{
		Line: l.id, Roster: l.roster.Hash(), From: l.peer.Party, To: l.cfg.Party,
	}, f.Opening, key, private)
	if err != nil {
		if errors.Is(err, errFormer) { // and that key did sign it
			t.after(func() { l.conduct.former.add(t.now) })
		}
		if errors.Is(err, seal.ErrPrekey) {
			t.tell(link.Unopened{Channel: channel, ID: f.Epoch})
			if len(o.epochs) == 0 {
				t.after(func() { l.sendBare(t.now, channel) })
			}
		}
		return nil, err
	}
	if e.ID() != f.Epoch {
		return nil, fmt.Errorf("the opening is of epoch %s and the frame of %s: %w", e.ID(), f.Epoch, seal.ErrOpening)
	}
	bundle, err := e.Open(f)
	if err != nil {
		return nil, err
	}
	t.after(func() { l.conduct.opened.add(t.now) })
	t.heardBy(key)
	return bundle, o.keep(t, e, prekey)
}

// keep makes an accepted epoch durable and then destroys the prekey that
// opened it, unless it is our last resort.
func (o *opener) keep(t *turn, e *seal.Epoch, prekey parley.Hash) error {
	secret, err := e.MarshalBinary()
	if err != nil {
		return err
	}
	id := e.ID()
	value := append([]byte(nil), t.l.id[:]...)
	value = binary.BigEndian.AppendUint64(value, uint64(t.l.served.total))
	value = append(value, secret...)
	if err := t.l.putSecret(keyring.Epoch, id[:], value); err != nil {
		return fmt.Errorf("keep the secret of epoch %s: %w", id, err)
	}
	if len(o.epochs) >= epochsHeld {
		if err := o.destroy(t.l, o.oldest()); err != nil {
			return err
		}
	}
	o.epochs[id] = &peerEpoch{Epoch: e, since: t.l.served.total}
	return t.l.usedPrekey(prekey, t.now)
}

// putSecret keeps a secret, on a full disk with the room that is kept for Flash:
// without its epoch no Flash could be opened.
func (l *Line) putSecret(kind keyring.Kind, id, value []byte) error {
	err := l.cfg.Secrets.Put(kind, id, value)
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return l.journal.CommitUrgent(context.Background(), func(*journal.Tx) error {
		err := l.cfg.Secrets.Put(kind, id, value)
		if errors.Is(err, syscall.ENOSPC) {
			return fmt.Errorf("%w: %w", journal.ErrFull, err)
		}
		return err
	})
}

func (o *opener) oldest() parley.EpochID {
	var id parley.EpochID
	var since parley.Time
	for i, e := range o.epochs {
		if since == 0 || e.since < since || e.since == since && i.String() < id.String() {
			id, since = i, e.since
		}
	}
	return id
}

func (o *opener) destroy(l *Line, id parley.EpochID) error {
	if err := l.cfg.Secrets.Delete(keyring.Epoch, id[:]); err != nil {
		return fmt.Errorf("destroy the secret of epoch %s: %w", id, err)
	}
	delete(o.epochs, id)
	return nil
}

// expire destroys the epochs that are over: those after which a later one was
// accepted, so long ago that no pouch with anything under them is on its way
// (spec/ENVELOPE.md §4). The latest stays, however old it is.
func (o *opener) expire(l *Line) error {
	window := parley.Time(l.roster.Terms.PouchWindow.Milliseconds())
	var over []parley.EpochID
	for id, e := range o.epochs {
		for _, later := range o.epochs {
			if later.since > e.since && later.since+window < l.served.total {
				over = append(over, id)
				break
			}
		}
	}
	for _, id := range over {
		if err := o.destroy(l, id); err != nil {
			return err
		}
	}
	return nil
}

// peerClosed destroys an epoch on its sender's signed word that everything
// under it is receipted.
func (t *turn) peerClosed(b []byte) error {
	key, err := t.theirKey(b)
	if err != nil {
		return err
	}
	c, err := receipt.OpenClosed(b, key)
	if err != nil {
		return err
	}
	t.heardBy(key)
	o := &t.l.opener
	if c.Line != t.l.id || c.From != t.l.peer.Party {
		return fmt.Errorf("epoch %s of line %s is not for us to close: %w", c.Epoch, c.Line, errWrongLog)
	}
	closed := o.closed
	if t.closed != nil {
		closed = t.closed // by a part before this one
	}
	if slices.Contains(closed, c.Epoch) {
		return nil
	}
	closed = append(slices.Clone(closed), c.Epoch)
	if len(closed) > epochsHeld {
		closed = closed[1:]
	}
	t.closed = closed
	var value strings.Builder
	for _, id := range closed {
		value.Write(id[:])
	}
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.metaKey("closed"), []byte(value.String())) })
	t.after(func() {
		o.closed = closed
		if err := o.destroy(t.l, c.Epoch); err != nil {
			t.l.cfg.Notify(Event{Kind: EventAlarm, Line: t.l.id, At: t.now, Text: err.Error()})
		}
	})
	return nil
}

// unknown takes their word that they cannot open some of our epochs.
func (t *turn) unknown(channel string, b []byte) error {
	u, err := wire.ParseUnknown(b)
	if err != nil {
		return err
	}
	t.tell(link.Unknown{Channel: channel, IDs: u.Epochs})
	return nil
}
