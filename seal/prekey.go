package seal

import (
	"crypto/hpke"
	"crypto/sha256"
	"fmt"

	"parley"
	"parley/wire"
)

// PrekeySize is the length of a public prekey: ML-KEM-768 (1,184 bytes), then
// X25519 (32 bytes) (spec/ENVELOPE.md §1).
const PrekeySize = wire.PrekeySize

// PrivateSize is the length of a private prekey: the X-Wing seed.
const PrivateSize = 32

// NewPrekey makes a prekey from the operating system's randomness: its private
// half of [PrivateSize] bytes, for the keyring only, and its public half of
// [PrekeySize] bytes, for the peer (spec/ENVELOPE.md §1).
func NewPrekey() (private, public []byte, err error) {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, nil, fmt.Errorf("making a prekey: %w", err)
	}
	if private, err = k.Bytes(); err != nil {
		return nil, nil, fmt.Errorf("making a prekey: %w", err)
	}
	return private, k.PublicKey().Bytes(), nil
}

// PrekeyHash names a public prekey: its SHA-256 (spec/ENVELOPE.md §1).
func PrekeyHash(public []byte) parley.Hash { return sha256.Sum256(public) }

// CheckPrekey refuses a public prekey that no epoch can be opened to: of
// another length, with a coefficient out of range, or with a point of small
// order. It tries, which costs as much as opening an epoch. The error wraps
// [ErrPrekey].
func CheckPrekey(public []byte) error {
	k, err := publicKey(public)
	if err != nil {
		return err
	}
	if _, _, err := hpke.NewSender(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), nil); err != nil {
		return fmt.Errorf("%w: no epoch can be opened to it (%v)", ErrPrekey, err)
	}
	return nil
}

func publicKey(public []byte) (hpke.PublicKey, error) {
	k, err := hpke.MLKEM768X25519().NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("prekey of %d bytes: %w: it is not a valid public key (%v)", len(public), ErrPrekey, err)
	}
	return k, nil
}

// privateKey returns the key of a private half, once it is sure that it
// belongs to the prekey named: a keyring that mixed up two files would
// otherwise yield an epoch that opens nothing.
func privateKey(private []byte, want parley.Hash) (hpke.PrivateKey, error) {
	k, err := hpke.MLKEM768X25519().NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("prekey %s: %w: the stored private half has %d bytes, not %d", want, ErrPrekey, len(private), PrivateSize)
	}
	if PrekeyHash(k.PublicKey().Bytes()) != want {
		return nil, fmt.Errorf("prekey %s: %w: the stored private half is of another prekey", want, ErrPrekey)
	}
	return k, nil
}
