package home

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
)

// ErrRoot is returned for a root key that is not the one that signs this party's
// next card.
var ErrRoot = errors.New("that is not the root key in force")

// RootKey says where a root key is and what opens it.
type RootKey struct {
	// Path is the key's file, wherever it was moved; "" means root.key in HOME/keys.
	Path       string
	Passphrase keyring.Passphrase
}

// NewRoot returns the public half of the root key that is to come, which it makes at
// key.Path unless it is there already: so a change that was not laid down, or is for
// another line too, is drafted again with the same key. It makes no folder: one that
// is missing is a medium that is not there.
func NewRoot(key RootKey) (ed25519.PublicKey, error) {
	switch signer, err := keyring.UnlockRoot(key.Path, key.Passphrase); {
	case err == nil:
		return publicOf(signer), nil
	case !errors.Is(err, keyring.ErrNotFound):
		return nil, err
	}
	if _, err := os.Stat(filepath.Dir(key.Path)); err != nil {
		return nil, fmt.Errorf("make a root key: is the medium there? %w", err)
	}
	return keyring.CreateRoot(key.Path, key.Passphrase)
}

// RootExists reports whether there is a file for a root key.
func RootExists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// signsCards unlocks the root key that signs cards now. A key that was ended on a line
// is refused, whatever parley.toml says: the journal knows, even if the station died
// before it wrote that down.
func (h *Home) signsCards(key RootKey) (crypto.Signer, error) {
	if err := h.recallRoot(); err != nil {
		return nil, err
	}
	if key.Path == "" {
		key.Path = filepath.Join(h.keys(), keyring.RootFile)
	}
	signer, err := keyring.UnlockRoot(key.Path, key.Passphrase)
	if err != nil {
		return nil, err
	}
	force, err := publicKey(h.config.Root)
	if err != nil {
		return nil, err
	}
	if !publicOf(signer).Equal(force) {
		return nil, fmt.Errorf("%s holds the root key %s: %w, which is %s: name its file with --root-key",
			key.Path, roster.KeyID(roster.RoleRoot, publicOf(signer)), ErrRoot, roster.KeyID(roster.RoleRoot, force))
	}
	return signer, nil
}

// recallRoot puts into parley.toml the root key that the lines' journal says is in
// force. The caller holds the folder.
func (h *Home) recallRoot() error {
	lines, err := h.confirmed()
	if errors.Is(err, ErrNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	j, err := journal.Open(filepath.Join(h.dir, "journal"), journal.Options{})
	if err != nil {
		return err
	}
	var had [][]ed25519.PublicKey
	for _, l := range lines {
		keys, err := station.RootsIn(j, l.Roster, h.Party())
		if err != nil {
			return errors.Join(fmt.Errorf("line with %s: %w", l.Name, err), j.Close())
		}
		had = append(had, keys)
	}
	if err := j.Close(); err != nil {
		return err
	}
	unlock, err := h.lockConfig()
	if err != nil {
		return err
	}
	defer unlock()
	h.config, err = h.putRoot(had)
	return err
}

// putRoot writes the root key into parley.toml that follows from those that each line
// has had, and returns the configuration. The caller holds it.
func (h *Home) putRoot(had [][]ed25519.PublicKey) (Config, error) {
	c, changes, err := h.rootNow(had)
	if err != nil || !changes {
		return c, err
	}
	return c, h.writeConfig(c)
}

// rootNow returns the configuration as it is to be, and whether it is another than it is.
func (h *Home) rootNow(had [][]ed25519.PublicKey) (c Config, changes bool, err error) {
	if c, err = readConfig(h.dir); err != nil {
		return c, false, err
	}
	was, err := publicKey(c.Root)
	if err != nil {
		return c, false, err
	}
	now := rootAfter(was, had)
	c.Root = base64.StdEncoding.EncodeToString(now)
	return c, !now.Equal(was), nil
}

// rootAfter returns the root key that signs the next card: own, unless a line ended it;
// then the one in force there, unless another line ended that one. had are the root
// keys of each line, the one in force last.
func rootAfter(own ed25519.PublicKey, had [][]ed25519.PublicKey) ed25519.PublicKey {
	ended := func(key ed25519.PublicKey, keys []ed25519.PublicKey) bool {
		return has(keys[:len(keys)-1], key)
	}
	for _, keys := range had {
		next := keys[len(keys)-1]
		if ended(own, keys) && !slices.ContainsFunc(had, func(keys []ed25519.PublicKey) bool { return ended(next, keys) }) {
			return next
		}
	}
	return own
}

// roots are the root keys that each line has had while the station runs.
type roots struct {
	home *Home

	mu  sync.Mutex
	had map[string][]ed25519.PublicKey
}

// use takes note of the root keys that a line has had (station.LineConfig.Root), and
// puts the one that follows into parley.toml. It waits for nobody who changes that file
// now: then the next card finds out by the journal.
func (k *roots) use(name string, keys []ed25519.PublicKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.had[name] = keys
	var had [][]ed25519.PublicKey
	for _, line := range slices.Sorted(maps.Keys(k.had)) {
		had = append(had, k.had[line])
	}
	if _, changes, err := k.home.rootNow(had); err != nil || !changes {
		return err
	}
	unlock, err := k.home.hold("config.lock", syscall.LOCK_NB)
	if err != nil {
		return fmt.Errorf("the root key of line %s became another, and parley.toml was not changed; it is at the next start: %w", name, err)
	}
	defer unlock()
	_, err = k.home.putRoot(had)
	return err
}
