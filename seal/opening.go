package seal

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Terms are what an epoch is bound to: which line, under which roster, from
// whom to whom (spec/ENVELOPE.md §2). An opening made for other terms is
// refused by signature, and would give another secret if it were not.
type Terms struct {
	Line     parley.LineID
	Roster   parley.Hash
	From, To parley.Party
}

const (
	// infoLabel begins the HPKE info of an epoch (spec/ENVELOPE.md §2).
	infoLabel = "parley/v1/epoch\x00"
	// directionLabel is the HPKE exporter context of the direction secret.
	directionLabel = "parley/v1/direction"
)

// NewEpoch opens an epoch to a public prekey of the peer: it draws the epoch's
// id, encapsulates, and signs the opening with our station key
// (spec/ENVELOPE.md §2). The opening is the bytes of a COSE_Sign1, to be
// carried in frames until the peer has answered one. A prekey that is not
// valid gives an error that wraps [ErrPrekey].
func NewEpoch(t Terms, prekey []byte, station crypto.Signer) (*Epoch, []byte, error) {
	to, err := publicKey(prekey)
	if err != nil {
		return nil, nil, fmt.Errorf("opening an epoch: %w", err)
	}
	o := wire.Opening{Line: t.Line, Roster: t.Roster, From: t.From, To: t.To, Prekey: PrekeyHash(prekey)}
	rand.Read(o.Epoch[:]) // it fails by ending the program, never by an error
	enc, sender, err := hpke.NewSender(to, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info(o))
	if err != nil {
		return nil, nil, fmt.Errorf("opening an epoch to prekey %s: %w: %w", o.Prekey, ErrPrekey, err)
	}
	o.Enc = enc
	secret, err := sender.Export(directionLabel, secretSize)
	if err != nil {
		return nil, nil, fmt.Errorf("opening an epoch: %w", err)
	}
	opening, err := signOpening(o, station)
	if err != nil {
		return nil, nil, fmt.Errorf("opening an epoch: %w", err)
	}
	return &Epoch{way: sends, id: o.Epoch, tag: wire.Tag(t.Line, t.From), secret: [secretSize]byte(secret)}, opening, nil
}

func signOpening(o wire.Opening, station crypto.Signer) ([]byte, error) {
	pub, ok := station.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the station key is a %T, not Ed25519", station.Public())
	}
	payload, err := wire.AppendOpening(nil, o)
	if err != nil {
		return nil, err
	}
	signed, err := wire.Sign1(station, roster.KeyID(roster.RoleStation, pub), wire.DomainOpening, payload)
	if err != nil {
		return nil, err
	}
	return wire.AppendSigned1(nil, signed)
}

// AcceptEpoch opens the addressee's end of an epoch: it checks the opening's
// form, the signature of the peer's station key and the terms, asks for the
// private half of the prekey, and derives the secret (spec/ENVELOPE.md §2).
//
// private returns the private half of the prekey with this hash, or an error
// that wraps [ErrPrekey] when it is not held; its error is passed on. It is
// asked only about openings that the peer has signed. An opening that is not
// signed so, or of other terms, gives an error that wraps [ErrOpening]. The
// hash returned says which prekey was used, so that it is used once.
func AcceptEpoch(t Terms, opening []byte, station ed25519.PublicKey, private func(hash parley.Hash) ([]byte, error)) (*Epoch, parley.Hash, error) {
	o, err := openOpening(t, opening, station)
	if err != nil {
		return nil, parley.Hash{}, fmt.Errorf("accepting an epoch: %w", err)
	}
	half, err := private(o.Prekey)
	if err != nil {
		return nil, parley.Hash{}, fmt.Errorf("accepting epoch %s: prekey %s: %w", o.Epoch, o.Prekey, err)
	}
	key, err := privateKey(half, o.Prekey)
	if err != nil {
		return nil, parley.Hash{}, fmt.Errorf("accepting epoch %s: %w", o.Epoch, err)
	}
	recipient, err := hpke.NewRecipient(o.Enc, key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info(o))
	if err != nil {
		return nil, parley.Hash{}, fmt.Errorf("accepting epoch %s: %w: its encapsulation is not valid (%v)", o.Epoch, ErrOpening, err)
	}
	secret, err := recipient.Export(directionLabel, secretSize)
	if err != nil {
		return nil, parley.Hash{}, fmt.Errorf("accepting epoch %s: %w", o.Epoch, err)
	}
	return &Epoch{way: receives, id: o.Epoch, tag: wire.Tag(t.Line, t.From), secret: [secretSize]byte(secret)}, o.Prekey, nil
}

// openOpening checks everything about an opening that needs no secret.
func openOpening(t Terms, opening []byte, station ed25519.PublicKey) (wire.Opening, error) {
	signed, err := wire.ParseSigned1(opening)
	if err != nil {
		return wire.Opening{}, fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if err := signed.Verify(station, roster.KeyID(roster.RoleStation, station), wire.DomainOpening); err != nil {
		return wire.Opening{}, fmt.Errorf("%w: %w", ErrOpening, err)
	}
	o, err := wire.ParseOpening(signed.Payload)
	if err != nil {
		return wire.Opening{}, fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if o.Line != t.Line || o.Roster != t.Roster {
		return wire.Opening{}, fmt.Errorf("%w: it names line %s under roster %s", ErrOpening, o.Line, o.Roster)
	}
	if o.From != t.From || o.To != t.To {
		return wire.Opening{}, fmt.Errorf("%w: it is from %q to %q", ErrOpening, o.From, o.To)
	}
	return o, nil
}

// info is the HPKE info of an opening: the label, then the opening's map
// without the encapsulation, which HPKE binds by itself (spec/ENVELOPE.md §2).
// It is the same map that is signed, so it is written as wire writes it: keys
// 1 to 5 and 7 in order, shortest lengths.
func info(o wire.Opening) []byte {
	b := append([]byte(infoLabel), 0xa6)
	b = appendBytes(append(b, 1), o.Line[:])
	b = appendBytes(append(b, 2), o.Roster[:])
	b = appendText(append(b, 3), string(o.From))
	b = appendText(append(b, 4), string(o.To))
	b = appendBytes(append(b, 5), o.Prekey[:])
	b = appendBytes(append(b, 7), o.Epoch[:])
	return b
}

// appendBytes and appendText write a CBOR string of less than 256 bytes, as
// all of these are (RFC 8949 §3).
func appendBytes(b, s []byte) []byte { return append(appendHead(b, 0x40, len(s)), s...) }

func appendText(b []byte, s string) []byte { return append(appendHead(b, 0x60, len(s)), s...) }

func appendHead(b []byte, major byte, n int) []byte {
	if n < 24 {
		return append(b, major|byte(n))
	}
	return append(b, major|24, byte(n))
}
