package keyring

import (
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// HopDir is the folder below a keyring's with the hop keys that were made after
// that of StationFile: hop-2.key, hop-3.key, …
const HopDir = "hops"

// CreateHop makes another hop key in dir/hops, protected as the station's keys
// are and durable before it returns. It is the next of those that are there.
// Errors: ErrProtection, or what the disk said.
func CreateHop(dir string, protect Protection) (crypto.Signer, error) {
	return onDisk().createHop(dir, protect)
}

// UnlockHops opens the hop keys of dir/hops in the order in which they were
// made, with nobody present; none if none was made. Errors are those of
// UnlockStation.
func UnlockHops(dir string, protect Protection) ([]crypto.Signer, error) {
	return onDisk().unlockHops(dir, protect)
}

func hopName(n int) string { return fmt.Sprintf("hop-%d", n) }

func hopPath(dir string, n int) string { return filepath.Join(dir, HopDir, hopName(n)+keySuffix) }

func (w workshop) createHop(dir string, protect Protection) (crypto.Signer, error) {
	n := 2
	for ; ; n++ {
		_, err := os.Lstat(hopPath(dir, n))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("create a hop key: %w", err)
		}
	}
	path := hopPath(dir, n)
	fail := func(err error) (crypto.Signer, error) { return nil, fmt.Errorf("create %s: %w", path, err) }
	c, err := w.unattended(protect)
	if err != nil {
		return fail(err)
	}
	seed, public, err := newSeeds(1)
	if err != nil {
		return fail(err)
	}
	k, err := lock(roleHop, hopName(n), c, protect.secret, public, seed)
	if err != nil {
		return fail(err)
	}
	if err := w.createFile(path, k.append(nil)); err != nil {
		return fail(err)
	}
	return newSigner(seed), nil
}

func (w workshop) unlockHops(dir string, protect Protection) (out []crypto.Signer, err error) {
	for n := 2; ; n++ {
		path := hopPath(dir, n)
		k, seed, err := w.openUnattended(path, roleHop, hopName(n), protect)
		if errors.Is(err, ErrNotFound) {
			return out, nil
		}
		var s []signer
		if err == nil {
			s, err = signersOf(seed, k.public, 1)
		}
		if err != nil {
			return nil, fmt.Errorf("unlock %s: %w", path, err)
		}
		out = append(out, s[0])
	}
}
