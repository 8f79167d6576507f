package home

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"

	"parley/internal/channel/hop"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
)

// hops are this party's hop keys while its station runs, and the channels of
// every line that show them.
type hops struct {
	home    *Home
	protect keyring.Protection

	mu    sync.Mutex
	keys  []crypto.Signer // in the order in which they were made
	lines map[string]*hopLine
}

// hopLine is what of one line knows the other side, or is known to it, by a hop key.
type hopLine struct {
	channels []*hop.Channel
	doors    []shower        // the listeners of channels that listen
	own      []crypto.Signer // the other side may take these
}

// shower is a listener.
type shower interface {
	Show(keys ...crypto.Signer) error
}

func (h *Home) openHops(first crypto.Signer) (*hops, error) {
	protect, err := h.protection()
	if err != nil {
		return nil, err
	}
	later, err := keyring.UnlockHops(h.keys(), protect)
	if err != nil {
		return nil, err
	}
	return &hops{home: h, protect: protect, keys: append([]crypto.Signer{first}, later...), lines: map[string]*hopLine{}}, nil
}

// line returns what is kept of a line, made when it is asked for first.
func (k *hops) line(name string) *hopLine {
	k.mu.Lock()
	defer k.mu.Unlock()
	l, ok := k.lines[name]
	if !ok {
		l = new(hopLine)
		k.lines[name] = l
	}
	return l
}

// spare returns a hop key that a line has never had: the newest that was made, or
// another, which is made now.
func (k *hops) spare(l *station.Line) (ed25519.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	had := l.History().Keys(k.home.Party())
	newest := publicOf(k.keys[len(k.keys)-1])
	if !slices.ContainsFunc(had, func(v roster.Validity) bool { return v.Key.Equal(newest) }) {
		return newest, nil
	}
	made, err := keyring.CreateHop(k.home.keys(), k.protect)
	if err != nil {
		return nil, err
	}
	k.keys = append(k.keys, made)
	return publicOf(made), nil
}

// use puts into force which hop keys count on a line (station.LineConfig.Hops).
// Lines whose channels listen at one address share what is shown there: each
// handshake there draws one of the keys that any of them may take.
func (k *hops) use(name string, h station.Hops) error {
	l := k.line(name)
	k.mu.Lock()
	defer k.mu.Unlock()
	own := slices.DeleteFunc(slices.Clone(k.keys), func(s crypto.Signer) bool {
		return !slices.ContainsFunc(h.Own, func(key ed25519.PublicKey) bool { return key.Equal(publicOf(s)) })
	})
	if len(own) == 0 {
		return fmt.Errorf("line with %s: %w: no file in %s holds the hop key that the line has now; put it back", name, ErrKeys, keyring.HopDir)
	}
	l.own = own
	for _, c := range l.channels {
		if err := c.Trust(h.Peer...); err != nil {
			return fmt.Errorf("line with %s: %w", name, err)
		}
		if err := c.Show(own...); err != nil {
			return err
		}
	}
	for _, d := range l.doors {
		if err := d.Show(k.shownAt(d)...); err != nil {
			return err
		}
	}
	return nil
}

// shownAt returns the keys that a listener shows. The caller holds mu.
func (k *hops) shownAt(door shower) (shown []crypto.Signer) {
	for _, key := range k.keys {
		for _, l := range k.lines {
			if slices.Contains(l.doors, door) && slices.ContainsFunc(l.own, func(s crypto.Signer) bool { return publicOf(s).Equal(publicOf(key)) }) {
				shown = append(shown, key)
				break
			}
		}
	}
	return shown
}

func publicOf(s crypto.Signer) ed25519.PublicKey {
	key, _ := s.Public().(ed25519.PublicKey) // keyring has no other
	return key
}
