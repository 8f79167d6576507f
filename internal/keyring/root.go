package keyring

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
)

// CreateRoot makes a party's root key in the file at path, durable before it
// returns, and never over an existing one. The root signs cards, seldom: keep the
// file on a medium that stays offline. Errors: ErrExists, or what the disk said.
func CreateRoot(path string, pass Passphrase) (ed25519.PublicKey, error) {
	return onDisk().createRoot(path, pass)
}

// UnlockRoot opens the root key at path, wherever it was moved. Errors:
// ErrPassphrase, ErrWrongName (it is another role's key), ErrExposed,
// ErrMalformed, ErrNotFound.
func UnlockRoot(path string, pass Passphrase) (crypto.Signer, error) {
	return onDisk().unlockOne(path, roleRoot, roleRoot, pass)
}

func (w workshop) createRoot(path string, pass Passphrase) (ed25519.PublicKey, error) {
	return w.createOne(path, roleRoot, roleRoot, pass)
}

// createOne makes a file of one key under a passphrase.
func (w workshop) createOne(path, role, name string, pass Passphrase) (ed25519.PublicKey, error) {
	if err := pass.enough(); err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	seed, public, err := newSeeds(1)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	k, err := lock(role, name, w.cost, pass, public, seed)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	if err := w.createFile(path, k.append(nil)); err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return ed25519.PublicKey(public), nil
}

// unlockOne opens a file of one key.
func (w workshop) unlockOne(path, role, name string, pass Passphrase) (crypto.Signer, error) {
	k, err := w.readKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("unlock %s: %w", path, err)
	}
	if k.cost == (cost{}) {
		return nil, fmt.Errorf("unlock %s: %w: a key of role %s always has a passphrase", path, ErrProtection, role)
	}
	seed, err := k.unlock(role, name, pass)
	if err != nil {
		return nil, fmt.Errorf("unlock %s: %w", path, err)
	}
	signers, err := signersOf(seed, k.public, 1)
	if err != nil {
		return nil, fmt.Errorf("unlock %s: %w", path, err)
	}
	return signers[0], nil
}

func (w workshop) readKeyFile(path string) (keyFile, error) {
	b, err := readPrivate(path, maxKeyFile, 0)
	if err != nil {
		return keyFile{}, err
	}
	return parseKeyFile(b)
}
