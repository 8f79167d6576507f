// Package seal closes a bundle for one addressee and opens it again.
//
// An epoch is one direction of one line, opened by its sender to a prekey of
// the addressee with HPKE and a post-quantum hybrid (X-Wing); inside it every
// frame has a key of its own, from a fresh salt, so that no counter guards
// secrecy and a restored backup cannot repeat a key. The package refuses a
// frame of another line, direction or epoch, and any frame of which a bit was
// changed, all with the one error [ErrOpen]. It alone in the treaty draws
// randomness, always from the operating system, and it never prints a secret.
//
// It knows nothing of what a bundle holds. Its spec is spec/ENVELOPE.md.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"parley/wire"
)

var (
	// ErrOpen is all that is ever said of a frame that an epoch cannot open:
	// the reason would tell a forger how near he came (spec/ENVELOPE.md §3).
	ErrOpen = errors.New("cannot open")

	// ErrOpening is wrapped for an opening that is not signed by the peer's
	// station key or speaks of other terms (spec/ENVELOPE.md §2).
	ErrOpening = errors.New("not an opening of this line")

	// ErrPrekey is wrapped for a prekey that is not valid or whose private half
	// is not held: used up, lost or never made here (spec/ENVELOPE.md §1).
	ErrPrekey = errors.New("prekey not held")

	// ErrDirection is wrapped when an epoch that the peer opened is used to seal.
	ErrDirection = errors.New("the epoch is of the other direction")

	// ErrEpoch is wrapped by [UnmarshalEpoch] for bytes that [Epoch.MarshalBinary] did not write.
	ErrEpoch = errors.New("not a stored epoch")
)

// keyLabel begins the HKDF info of a frame's key; the form byte follows it (spec/ENVELOPE.md §3).
const keyLabel = "parley/v1/seal\x00"

// Seal closes bundle in one frame and returns the frame's bytes
// (spec/ENVELOPE.md §3).
//
// In the wide form the bundle is padded. The tag is the epoch's own, see
// [Epoch.Tag]; opening is the opening of the epoch, or empty once the addressee
// has shown that he holds the epoch. A bundle that does not fit in a frame
// gives an error that wraps wire.ErrLimit, an epoch that the peer opened one
// that wraps [ErrDirection].
func (e *Epoch) Seal(form wire.Form, tag [8]byte, opening []byte, bundle []byte) (frame []byte, err error) {
	if e.way != sends {
		return nil, fmt.Errorf("seal: %w: it opens what the peer seals", ErrDirection)
	}
	if tag != e.tag {
		return nil, fmt.Errorf("seal: %w: the tag is not that of the epoch's line and sender", ErrDirection)
	}
	plain := bundle
	switch form {
	case wire.Wide:
		plain = wire.Pad(bundle)
	case wire.Narrow:
	default:
		return nil, fmt.Errorf("seal: form %d: %w", form, wire.ErrForm)
	}
	f := wire.Frame{Tag: e.tag, Opening: opening, Form: form, Epoch: e.id}
	rand.Read(f.Salt[:]) // it fails by ending the program, never by an error
	if f.Ciphertext, err = e.crypt(f, func(a cipher.AEAD) ([]byte, error) {
		return a.Seal(nil, zeroNonce[:], plain, f.AAD()), nil
	}); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if frame, err = wire.AppendFrame(nil, f); err != nil {
		return nil, fmt.Errorf("seal: %d bytes in the %s form: %w", len(bundle), form, err)
	}
	return frame, nil
}

// Open returns the bundle that f holds, or ErrOpen (spec/ENVELOPE.md §3).
//
// The opening in f is not looked at: it is [AcceptEpoch] that judges it, and
// every other bit of the frame decides. Opening the same frame again gives the
// same bundle; who must not act twice remembers the entries in it.
func (e *Epoch) Open(f wire.Frame) (bundle []byte, err error) {
	if e.way != receives || f.Tag != e.tag || f.Epoch != e.id {
		return nil, ErrOpen
	}
	plain, err := e.crypt(f, func(a cipher.AEAD) ([]byte, error) {
		return a.Open(nil, zeroNonce[:], f.Ciphertext, f.AAD())
	})
	if err != nil {
		return nil, ErrOpen
	}
	switch f.Form {
	case wire.Wide:
		if plain, err = wire.Unpad(plain); err != nil {
			return nil, ErrOpen
		}
	case wire.Narrow:
	default:
		return nil, ErrOpen
	}
	return plain, nil
}

// zeroNonce serves for every frame: its key is used once.
var zeroNonce [chacha20poly1305.NonceSize]byte

// crypt derives the key of the frame's salt and form and lends the cipher under it.
func (e *Epoch) crypt(f wire.Frame, use func(cipher.AEAD) ([]byte, error)) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, e.secret[:], f.Salt[:], keyLabel+string([]byte{byte(f.Form)}), chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the frame's key: %w", err)
	}
	a, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, fmt.Errorf("making the frame's cipher: %w", err)
	}
	return use(a)
}
