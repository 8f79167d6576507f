package keyring

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"filippo.io/mldsa"
)

// ReceiptPQFile is the name below a keyring's folder of the key that cosigns by
// ML-DSA-44 (spec/RECEIPT.md §9). A party has one once it has made a card with one.
const ReceiptPQFile = "receipt-pq.key"

// ReceiptPQ is an unlocked receipt-pq key: a crypto.Signer that cannot be printed,
// nor turned back into a key by a caller.
type ReceiptPQ struct{ reveal func() *mldsa.PrivateKey }

// CreateReceiptPQ makes the receipt-pq key in dir, protected as the station's keys
// are and durable before it returns, and never over an existing one. Errors:
// ErrExists, ErrProtection, or what the disk said.
func CreateReceiptPQ(dir string, protect Protection) (ReceiptPQ, error) {
	return onDisk().createReceiptPQ(dir, protect)
}

// UnlockReceiptPQ opens the receipt-pq key, with nobody present. Errors are those of
// UnlockStation; ErrNotFound where none was made.
func UnlockReceiptPQ(dir string, protect Protection) (ReceiptPQ, error) {
	return onDisk().unlockReceiptPQ(dir, protect)
}

// Public returns the *mldsa.PublicKey.
func (k ReceiptPQ) Public() crypto.PublicKey { return k.reveal().PublicKey() }

// Bytes returns the public half as a card has it: 1312 bytes.
func (k ReceiptPQ) Bytes() []byte { return k.reveal().PublicKey().Bytes() }

// Sign signs a message, with randomness of the operating system's.
func (k ReceiptPQ) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.reveal().Sign(nil, message, opts)
}

func (ReceiptPQ) String() string               { return redacted }
func (ReceiptPQ) GoString() string             { return redacted }
func (ReceiptPQ) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (ReceiptPQ) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (ReceiptPQ) MarshalBinary() ([]byte, error) {
	return nil, errors.New("a private key is not encoded")
}

func (w workshop) createReceiptPQ(dir string, protect Protection) (ReceiptPQ, error) {
	path := filepath.Join(dir, ReceiptPQFile)
	fail := func(err error) (ReceiptPQ, error) { return ReceiptPQ{}, fmt.Errorf("create %s: %w", path, err) }
	c, err := w.unattended(protect)
	if err != nil {
		return fail(err)
	}
	private, err := mldsa.GenerateKey(mldsa.MLDSA44())
	if err != nil {
		return fail(fmt.Errorf("draw a key: %w", err))
	}
	k, err := lock(roleReceiptPQ, roleReceiptPQ, c, protect.secret, private.PublicKey().Bytes(), private.Bytes())
	if err != nil {
		return fail(err)
	}
	if err := w.createFile(path, k.append(nil)); err != nil {
		return fail(err)
	}
	return ReceiptPQ{func() *mldsa.PrivateKey { return private }}, nil
}

func (w workshop) unlockReceiptPQ(dir string, protect Protection) (ReceiptPQ, error) {
	path := filepath.Join(dir, ReceiptPQFile)
	fail := func(err error) (ReceiptPQ, error) { return ReceiptPQ{}, fmt.Errorf("unlock %s: %w", path, err) }
	k, seed, err := w.openUnattended(path, roleReceiptPQ, roleReceiptPQ, protect)
	if err != nil {
		return fail(err)
	}
	private, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed)
	if err != nil {
		return fail(fmt.Errorf("%w: %w", ErrMalformed, err))
	}
	if !bytes.Equal(private.PublicKey().Bytes(), k.public) {
		return fail(errors.New("the public key in the file is not that of its private key"))
	}
	return ReceiptPQ{func() *mldsa.PrivateKey { return private }}, nil
}
