package home

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"

	"parley/internal/keyring"
	"parley/roster"
)

// rolled are this party's station, receipt and log keys that came in the place of those
// of keyring.StationFile, while its station runs. It destroys the private halves
// that no line needs any more.
type rolled struct {
	home    *Home
	protect keyring.Protection

	mu    sync.Mutex
	first keyring.Public // as the station unlocked them
	later []keyring.Later
	gone  map[roster.Role]bool // of first, those that were destroyed
	needs map[string][]ed25519.PublicKey
	// promised are, by line, the keys that a draft may bring: each until the line needs
	// it. That of a draft which is withdrawn stays until the next start.
	promised map[string][]ed25519.PublicKey
	lines    int // that will tell what they need, before anything is destroyed
}

// openRolled opens the keys that came later. lines is how many lines the station
// will have.
func (h *Home) openRolled(first keyring.Public, lines int) (*rolled, error) {
	protect, err := h.protection()
	if err != nil {
		return nil, err
	}
	later, err := keyring.UnlockLater(h.keys(), protect)
	if err != nil {
		return nil, err
	}
	return &rolled{
		home: h, protect: protect, first: first, later: later, lines: lines,
		gone: map[roster.Role]bool{}, needs: map[string][]ed25519.PublicKey{}, promised: map[string][]ed25519.PublicKey{},
	}, nil
}

// promise takes note of the keys that the drafts of a line bring, as they stand when
// the station starts: before the line says what it needs.
func (k *rolled) promise(line string, keys []ed25519.PublicKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.promised[line] = append(k.promised[line], keys...)
}

// signer returns the private half of a key (station.Config.Later).
func (k *rolled) signer(role roster.Role, public ed25519.PublicKey) (crypto.Signer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.later {
		if l.Role == string(role) && l.Key().Equal(public) {
			return l, true
		}
	}
	return nil, false
}

// spare returns a key of a role that a line has never had: the newest that was made,
// or another, which is made now. It is promised to the line: a draft will bring it.
func (k *rolled) spare(line string, h *roster.History, role roster.Role) (key ed25519.PublicKey, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.newest(role)
	if !ok || slices.ContainsFunc(h.Keys(k.home.Party()), func(v roster.Validity) bool { return v.Key.Equal(key) }) {
		made, err := keyring.CreateLater(k.home.keys(), string(role), k.protect, k.later)
		if err != nil {
			return nil, err
		}
		k.later = append(k.later, made)
		key = made.Key()
	}
	k.promised[line] = append(k.promised[line], key)
	return key, nil
}

// newest returns the key of a role that was made last, if one was. The caller holds mu.
func (k *rolled) newest(role roster.Role) (newest ed25519.PublicKey, ok bool) {
	for _, l := range k.later { // those of a role in the order in which they were made
		if l.Role == string(role) {
			newest, ok = l.Key(), true
		}
	}
	return newest, ok
}

// need takes note of the keys that a line may still have to sign with
// (station.LineConfig.Needs), and destroys those that none does and that are promised
// to none. The newest of a role stays: the next draft brings it. The first ones stay as long as a line is not
// confirmed: its card may name them.
func (k *rolled) need(name string, keys []ed25519.PublicKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.needs[name] = keys
	k.promised[name] = slices.DeleteFunc(k.promised[name], func(p ed25519.PublicKey) bool { return has(keys, p) })
	if len(k.needs) < k.lines {
		return nil
	}
	needed := func(key ed25519.PublicKey) bool {
		for line, keys := range k.needs {
			if has(keys, key) || has(k.promised[line], key) {
				return true
			}
		}
		return false
	}
	for i := 0; i < len(k.later); {
		l := k.later[i]
		if newest, _ := k.newest(roster.Role(l.Role)); newest.Equal(l.Key()) || needed(l.Key()) {
			i++
			continue
		}
		if err := keyring.DestroyLater(k.home.keys(), l); err != nil {
			return err
		}
		k.later = slices.Delete(k.later, i, i+1)
	}
	all, err := k.home.Lines()
	if err != nil {
		return fmt.Errorf("destroy keys that are not needed any more: %w", err)
	}
	if slices.ContainsFunc(all, func(l LineState) bool { return l.Step != Confirmed }) {
		return nil
	}
	for role, key := range map[roster.Role]ed25519.PublicKey{
		roster.RoleStation: k.first.Station, roster.RoleReceipt: k.first.Receipt, roster.RoleLog: k.first.Log,
	} {
		began := slices.ContainsFunc(all, func(l LineState) bool {
			self, _ := l.Roster.Side(k.home.Party())
			return self.Key(role).Equal(key)
		})
		if !began || k.gone[role] || needed(key) {
			continue // no line had it: it is there for the next one
		}
		if err := keyring.Supersede(k.home.keys(), string(role), k.protect); err != nil {
			return err
		}
		k.gone[role] = true
	}
	return nil
}

func has(keys []ed25519.PublicKey, key ed25519.PublicKey) bool {
	return slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return k.Equal(key) })
}
