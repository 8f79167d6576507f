package keyring

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// DeniableFile is the name below a keyring's folder of the key from which the
// keys of deniable lines are derived (spec/DENIABLE.md §2). A party has one once
// it has made a card for a line with deniable traffic.
const DeniableFile = "deniable.key"

// Deniable is an unlocked deniable key. It agrees on secrets and cannot be
// printed, nor turned back into a key by a caller.
type Deniable struct{ reveal func() *ecdh.PrivateKey }

// CreateDeniable makes the deniable key in dir, protected as the station's keys
// are and durable before it returns, and never over an existing one. Errors:
// ErrExists, ErrProtection, or what the disk said.
func CreateDeniable(dir string, protect Protection) (Deniable, error) {
	return onDisk().createDeniable(dir, protect)
}

// UnlockDeniable opens the deniable key, with nobody present. Errors are those
// of UnlockStation; ErrNotFound where none was made.
func UnlockDeniable(dir string, protect Protection) (Deniable, error) {
	return onDisk().unlockDeniable(dir, protect)
}

// Public returns the public half: 32 bytes.
func (d Deniable) Public() []byte { return d.reveal().PublicKey().Bytes() }

// ECDH returns the secret that this key and another have in common.
func (d Deniable) ECDH(other *ecdh.PublicKey) ([]byte, error) { return d.reveal().ECDH(other) }

func (Deniable) String() string               { return redacted }
func (Deniable) GoString() string             { return redacted }
func (Deniable) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (Deniable) MarshalText() ([]byte, error) { return []byte(redacted), nil }

func (w workshop) createDeniable(dir string, protect Protection) (Deniable, error) {
	path := filepath.Join(dir, DeniableFile)
	fail := func(err error) (Deniable, error) { return Deniable{}, fmt.Errorf("create %s: %w", path, err) }
	c, err := w.unattended(protect)
	if err != nil {
		return fail(err)
	}
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return fail(fmt.Errorf("draw a key: %w", err))
	}
	k, err := lock(roleDeniable, roleDeniable, c, protect.secret, private.PublicKey().Bytes(), private.Bytes())
	if err != nil {
		return fail(err)
	}
	if err := w.createFile(path, k.append(nil)); err != nil {
		return fail(err)
	}
	return Deniable{func() *ecdh.PrivateKey { return private }}, nil
}

func (w workshop) unlockDeniable(dir string, protect Protection) (Deniable, error) {
	path := filepath.Join(dir, DeniableFile)
	fail := func(err error) (Deniable, error) { return Deniable{}, fmt.Errorf("unlock %s: %w", path, err) }
	k, secret, err := w.openUnattended(path, roleDeniable, roleDeniable, protect)
	if err != nil {
		return fail(err)
	}
	private, err := ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		return fail(fmt.Errorf("%w: %w", ErrMalformed, err))
	}
	if !bytes.Equal(private.PublicKey().Bytes(), k.public) {
		return fail(errors.New("the public key in the file is not that of its private key"))
	}
	return Deniable{func() *ecdh.PrivateKey { return private }}, nil
}
