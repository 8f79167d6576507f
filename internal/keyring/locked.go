package keyring

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// cost is what one derivation of a file key takes (Argon2id, RFC 9106).
type cost struct {
	memory uint32 // KiB
	time   uint32 // passes
	lanes  uint8
}

// Bounds on what a file may ask for, so that a planted file cannot exhaust the
// machine that tries to open it.
const (
	maxMemory = 1 << 20 // KiB: 1 GiB
	maxTime   = 16
	maxLanes  = 16
)

// defaultCost is the second recommended option of RFC 9106 §4 with one lane:
// 64 MiB, three passes.
var defaultCost = cost{memory: 64 << 10, time: 3, lanes: 1}

func (c cost) check() error {
	if c.memory < 8*uint32(c.lanes) || c.memory > maxMemory || c.time < 1 || c.time > maxTime || c.lanes < 1 || c.lanes > maxLanes {
		return fmt.Errorf("kdf: %d KiB, %d passes, %d lanes: not within %d KiB, %d passes, %d lanes",
			c.memory, c.time, c.lanes, maxMemory, maxTime, maxLanes)
	}
	return nil
}

// lock seals secret into a file for role and name. A zero cost seals under no
// secret: it protects nothing, and finds damage.
func lock(role, name string, c cost, pass Passphrase, public, secret []byte) (keyFile, error) {
	k := keyFile{role: role, name: name, cost: c, public: public, salt: make([]byte, saltSize)}
	if _, err := rand.Read(k.salt); err != nil {
		return keyFile{}, fmt.Errorf("draw a salt: %w", err)
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := rand.Read(nonce); err != nil {
		return keyFile{}, fmt.Errorf("draw a nonce: %w", err)
	}
	aead, err := chacha20poly1305.NewX(k.fileKey(pass))
	if err != nil {
		return keyFile{}, err
	}
	k.sealed = aead.Seal(nonce, nonce, secret, k.header())
	return k, nil
}

// unlock opens what lock sealed, for the same role, name and passphrase.
func (k keyFile) unlock(role, name string, pass Passphrase) ([]byte, error) {
	if k.role != role || k.name != name {
		return nil, fmt.Errorf("%w: it says %s %s, not %s %s: put the right file back", ErrWrongName, k.role, k.name, role, name)
	}
	if k.cost != (cost{}) && len(pass.bytes()) == 0 {
		return nil, fmt.Errorf("%w: none was given", ErrPassphrase)
	}
	if len(k.sealed) < chacha20poly1305.NonceSizeX {
		return nil, fmt.Errorf("%w: sealed keys of %d bytes", ErrMalformed, len(k.sealed))
	}
	aead, err := chacha20poly1305.NewX(k.fileKey(pass))
	if err != nil {
		return nil, err
	}
	nonce, sealed := k.sealed[:chacha20poly1305.NonceSizeX], k.sealed[chacha20poly1305.NonceSizeX:]
	secret, err := aead.Open(nil, nonce, sealed, k.header())
	if err != nil {
		return nil, ErrPassphrase
	}
	return secret, nil
}

func (k keyFile) fileKey(pass Passphrase) []byte {
	if k.cost == (cost{}) {
		return make([]byte, chacha20poly1305.KeySize)
	}
	return argon2.IDKey(pass.bytes(), k.salt, k.cost.time, k.cost.memory, k.cost.lanes, chacha20poly1305.KeySize)
}

const seedSize = 32

// newSeeds draws n Ed25519 seeds, end to end, and returns their public keys likewise.
func newSeeds(n int) (seeds, public []byte, err error) {
	seeds = make([]byte, n*seedSize)
	if _, err := rand.Read(seeds); err != nil {
		return nil, nil, fmt.Errorf("draw a key: %w", err)
	}
	for i := range n {
		public = append(public, newSigner(seeds[i*seedSize:(i+1)*seedSize]).public()...)
	}
	return seeds, public, nil
}

// signersOf returns the keys of n seeds, which must be those of public.
func signersOf(seeds, public []byte, n int) ([]signer, error) {
	if len(seeds) != n*seedSize || len(public) != n*seedSize {
		return nil, fmt.Errorf("%w: %d bytes of keys and %d of public keys, not %d each", ErrMalformed, len(seeds), len(public), n*seedSize)
	}
	var out []signer
	var derived []byte
	for i := range n {
		s := newSigner(seeds[i*seedSize : (i+1)*seedSize])
		out = append(out, s)
		derived = append(derived, s.public()...)
	}
	if !bytes.Equal(derived, public) {
		return nil, errors.New("the public keys in the file are not those of its private keys")
	}
	return out, nil
}
