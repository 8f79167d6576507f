package receipt

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/roster"
	"parley/transcript"
)

// Cosign returns the peer's signed checkpoint with the cosignature of me below
// the signature of its log key (C2SP tlog-cosignature, type 0x04). It states:
// "I durably hold every entry below the size" (spec/RECEIPT.md §2), so whoever
// calls it has made them durable, and never cosigns two roots of one size.
//
// The moment is written in whole seconds, as C2SP has it. The error wraps
// ErrMalformed (the moment), ErrParty, or transcript.ErrLog where the
// checkpoint is not one of the peer's log, by its log key.
func Cosign(checkpoint transcript.Signed, r *roster.Roster, me parley.Party, key crypto.Signer, at parley.Time) ([]byte, error) {
	if at/1000 > maxSeconds {
		return nil, fmt.Errorf("cosign: %w: a moment beyond the year 9999", ErrMalformed)
	}
	owner, ok := r.Peer(me)
	if !ok {
		return nil, fmt.Errorf("cosign: %s: %w", me, ErrParty)
	}
	if checkpoint.Line != r.Line || !checkpoint.By(owner.LogKey) {
		return nil, fmt.Errorf("cosign: log %s: %w", checkpoint.Log, transcript.ErrLog)
	}
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("cosign: the receipt key is a %T, want Ed25519", key.Public())
	}
	v, err := cosigner(r.Line, me, pub)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	stamp := binary.BigEndian.AppendUint32(nil, v.KeyHash())
	stamp = binary.BigEndian.AppendUint64(stamp, uint64(at/1000))
	sig, err := key.Sign(nil, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at/1000, checkpoint.Text()), crypto.Hash(0)) // Ed25519 draws nothing
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return append(bytes.Clone(checkpoint.Note()), signatureLine(v.Name(), append(stamp, sig...))...), nil
}

// OpenCosigned returns the checkpoint of owner's log that cosigner receipted,
// and the moment it did, which only the cosigner vouches for. The note carries
// the signature of owner's log key, the cosignature, and nothing else.
//
// h says which receipt keys the cosigner had, and up to which size each counts.
// The error wraps what transcript.OpenCheckpoint refuses, ErrMalformed,
// ErrUnknownKey, ErrSignature, ErrEnded, or ErrParty where the two are not the
// parties of the line.
func OpenCosigned(cosigned []byte, h *roster.History, owner, by parley.Party) (transcript.Signed, parley.Time, error) {
	return OpenCosignedOf(transcript.Signed{}, cosigned, h, owner, by)
}

// OpenCosignedOf is OpenCosigned for who expects a cosignature of known: if it
// is one, the log key's signature is not verified once more.
func OpenCosignedOf(known transcript.Signed, cosigned []byte, h *roster.History, owner, by parley.Party) (transcript.Signed, parley.Time, error) {
	c, at, err := openCosigned(known, cosigned, h, owner, by)
	if err != nil {
		return transcript.Signed{}, 0, fmt.Errorf("cosigned: %w", err)
	}
	return c, at, nil
}

func openCosigned(known transcript.Signed, cosigned []byte, h *roster.History, owner, by parley.Party) (c transcript.Signed, at parley.Time, err error) {
	r := h.Agreed()
	_, ok := r.Side(owner)
	peer, ok2 := r.Peer(owner)
	if !ok || !ok2 || peer.Party != by {
		return c, 0, fmt.Errorf("log of %s, cosigner %s: %w", owner, by, ErrParty)
	}
	if len(cosigned) > transcript.MaxNote || !bytes.HasSuffix(cosigned, []byte("\n")) {
		return c, 0, fmt.Errorf("%w: not a note", ErrMalformed)
	}
	last := bytes.LastIndexByte(cosigned[:len(cosigned)-1], '\n') + 1
	claimed, err := transcript.ReadCheckpoint(cosigned[:last])
	if err != nil {
		return c, 0, err
	}
	of, _ := h.Generation(owner, claimed.Size)
	if c = known; known.Line != r.Line || known.Log != of.Log || !known.By(of.Key) || !bytes.Equal(known.Note(), cosigned[:last]) {
		if c, err = transcript.OpenCheckpoint(cosigned[:last], r.Line, of.Log, of.Key); err != nil {
			return c, 0, err
		}
	}
	raw, t, err := openCosignature(cosigned, h, by)
	if err != nil {
		return c, 0, err
	}
	if !bytes.Equal(cosigned[last:], signatureLine(roster.ReceiptKeyName(r.Line, by), raw)) {
		return c, 0, fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	if !t.CountsTo(c.Size) {
		return c, 0, ended("cosignature", t)
	}
	seconds := binary.BigEndian.Uint64(raw[4:]) // after the key hash; the verifier took raw for 4+8+64 bytes
	if seconds > maxSeconds {
		return c, 0, fmt.Errorf("%w: a moment beyond the year 9999", ErrMalformed)
	}
	return c, parley.Time(seconds * 1000), nil
}

// openCosignature returns the bytes of the cosignature of a note, by one of the
// receipt keys that a party has or had, and how long that key stood.
func openCosignature(cosigned []byte, h *roster.History, by parley.Party) (raw []byte, t roster.Term, err error) {
	for _, t := range h.Terms(by, roster.RoleReceipt) {
		v, err := cosigner(h.Agreed().Line, by, t.Key)
		if err != nil {
			return nil, t, err
		}
		n, err := note.Open(cosigned, note.VerifierList(v))
		var invalid *note.InvalidSignatureError
		var unverified *note.UnverifiedNoteError
		switch {
		case errors.As(err, &unverified):
			continue // none of this key
		case errors.As(err, &invalid):
			return nil, t, fmt.Errorf("%w: %w", ErrSignature, err)
		case err != nil:
			return nil, t, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if raw, err = base64.StdEncoding.DecodeString(n.Sigs[0].Base64); err != nil {
			return nil, t, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		return raw, t, nil
	}
	return nil, t, fmt.Errorf("receipt key of %s: %w", by, ErrUnknownKey)
}

// maxSeconds is the last second of the year 9999.
const maxSeconds = 253402300799

// cosigner verifies the cosignatures of a party.
func cosigner(line parley.LineID, p parley.Party, pub ed25519.PublicKey) (note.Verifier, error) {
	vkey, err := note.NewEd25519VerifierKey(roster.ReceiptKeyName(line, p), pub)
	if err != nil {
		return nil, fmt.Errorf("receipt key of %s: %w", p, err)
	}
	return cosignature.NewVerifierForCosignatureV1(vkey)
}

// signatureLine returns a line of a signed note (C2SP signed-note).
func signatureLine(name string, raw []byte) []byte {
	return []byte("— " + name + " " + base64.StdEncoding.EncodeToString(raw) + "\n")
}
