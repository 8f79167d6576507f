package receipt

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"filippo.io/mldsa"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/roster"
	"parley/transcript"
)

// PostQuantum is what a cosigned checkpoint with the ML-DSA-44 cosignatures of
// both parties says (spec/RECEIPT.md §9).
type PostQuantum struct {
	transcript.Signed

	// Receipted is when the other party cosigned with its receipt key; Offered
	// and Cosigned are when the owner of the log and the other party cosigned
	// with their receipt-pq keys. Each is vouched for by whoever signed, alone.
	Receipted, Offered, Cosigned parley.Time
}

// HasPQ reports whether both parties have a receipt-pq key: only then are there
// offers and post-quantum cosignatures on the line.
func HasPQ(r *roster.Roster) bool {
	return r.Sides[0].ReceiptPQ != nil && r.Sides[1].ReceiptPQ != nil
}

// OfferPQ returns a cosigned checkpoint of me's own log with me's ML-DSA-44
// cosignature below: the offer that the other party answers with CosignPQ. Its
// statement is that of Cosign, and that nothing more has been said by then: so
// the checkpoint covers all that me has said (spec/RECEIPT.md §9).
//
// The error wraps what OpenCosigned refuses, ErrMalformed (the moment), or
// ErrUnknownKey where key is not the one of the roster.
func OfferPQ(cosigned []byte, h *roster.History, me parley.Party, key crypto.Signer, at parley.Time) ([]byte, error) {
	peer, ok := h.Agreed().Peer(me)
	if !ok {
		return nil, fmt.Errorf("offer: %s: %w", me, ErrParty)
	}
	c, _, err := openCosigned(transcript.Signed{}, cosigned, h, me, peer.Party)
	if err != nil {
		return nil, fmt.Errorf("offer: %w", err)
	}
	out, err := signPQ(cosigned, c.Checkpoint, h.Agreed(), me, key, at)
	if err != nil {
		return nil, fmt.Errorf("offer: %w", err)
	}
	return out, nil
}

// OpenOfferPQ returns the checkpoint of owner's log that by receipted and owner
// offers, and when it did. Errors as OpenCosignedPQ's.
func OpenOfferPQ(offer []byte, h *roster.History, owner, by parley.Party) (transcript.Signed, parley.Time, error) {
	p, err := openOffer(offer, h, owner, by)
	if err != nil {
		return transcript.Signed{}, 0, fmt.Errorf("offer: %w", err)
	}
	return p.Signed, p.Offered, nil
}

// CosignPQ returns the other party's offer with me's ML-DSA-44 cosignature below.
// It states what Cosign states, and that me holds nothing more of the log by then.
//
// The error wraps what OpenOfferPQ refuses, ErrMalformed (the moment), or
// ErrUnknownKey where key is not the one of the roster.
func CosignPQ(offer []byte, h *roster.History, me parley.Party, key crypto.Signer, at parley.Time) ([]byte, error) {
	owner, ok := h.Agreed().Peer(me)
	if !ok {
		return nil, fmt.Errorf("cosign, post-quantum: %s: %w", me, ErrParty)
	}
	p, err := openOffer(offer, h, owner.Party, me)
	if err != nil {
		return nil, fmt.Errorf("cosign, post-quantum: %w", err)
	}
	out, err := signPQ(offer, p.Checkpoint, h.Agreed(), me, key, at)
	if err != nil {
		return nil, fmt.Errorf("cosign, post-quantum: %w", err)
	}
	return out, nil
}

// OpenCosignedPQ returns what a checkpoint of owner's log says that carries, in
// this order and with nothing else, the signature of its log key, the
// cosignature of by, and the ML-DSA-44 cosignatures of owner and of by: it says
// something only if all four verify (spec/RECEIPT.md §9).
//
// The error wraps what OpenCosigned refuses, and likewise of the two others
// ErrMalformed, ErrUnknownKey or ErrSignature.
func OpenCosignedPQ(cosigned []byte, h *roster.History, owner, by parley.Party) (PostQuantum, error) {
	offer, last := cutLast(cosigned)
	p, err := openOffer(offer, h, owner, by)
	if err == nil {
		p.Cosigned, err = openPQ(last, p.Checkpoint, h.Agreed(), by)
	}
	if err != nil {
		return PostQuantum{}, fmt.Errorf("cosigned, post-quantum: %w", err)
	}
	return p, nil
}

// AnswersPQ reports whether cosigned is an answer to the offer: the same bytes,
// and the other party's cosignature below. It looks at no signature.
func AnswersPQ(cosigned, offer []byte) bool {
	above, _ := cutLast(cosigned)
	return len(offer) > 0 && bytes.Equal(above, offer)
}

// CosignedIn returns the cosigned checkpoint that stands in an offer, or in
// what answers one: its first two signatures. It looks at no signature.
func CosignedIn(note []byte) []byte {
	for i, line := 0, 0; i < len(note); i++ {
		if note[i] == '\n' {
			if line++; line == cosignedLines {
				return note[:i+1]
			}
		}
	}
	return note
}

// MomentPQ returns since when, as the later of both parties says, a note is what
// OpenCosignedPQ opens. It looks at no signature. The error wraps ErrMalformed.
func MomentPQ(cosigned []byte) (at parley.Time, err error) {
	offer, last := cutLast(cosigned)
	_, before := cutLast(offer)
	for _, line := range [][]byte{before, last} {
		field := line[bytes.LastIndexByte(line, ' ')+1:]
		raw, err := base64.StdEncoding.DecodeString(string(bytes.TrimSuffix(field, []byte("\n"))))
		if err != nil || len(raw) != sizePQ {
			return 0, fmt.Errorf("%w: no cosignature by ML-DSA-44", ErrMalformed)
		}
		at = max(at, parley.Time(min(binary.BigEndian.Uint64(raw[4:]), maxSeconds)*1000))
	}
	return at, nil
}

// cosignedLines are the lines of a cosigned checkpoint: three of text, an empty
// one, and two signatures.
const cosignedLines = 6

func openOffer(offer []byte, h *roster.History, owner, by parley.Party) (p PostQuantum, err error) {
	if len(offer) > transcript.MaxNotePQ {
		return p, fmt.Errorf("%w: a note of %d bytes, more than %d", ErrMalformed, len(offer), transcript.MaxNotePQ)
	}
	cosigned, last := cutLast(offer)
	if p.Signed, p.Receipted, err = openCosigned(transcript.Signed{}, cosigned, h, owner, by); err != nil {
		return p, err
	}
	p.Offered, err = openPQ(last, p.Checkpoint, h.Agreed(), owner)
	return p, err
}

// openPQ returns the moment of a party's cosignature of c, which is one line.
func openPQ(line []byte, c transcript.Checkpoint, r *roster.Roster, by parley.Party) (parley.Time, error) {
	s, _ := r.Side(by)
	v, err := cosignerPQ(r.Line, by, s.ReceiptPQ)
	if err != nil {
		return 0, err
	}
	field, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte("— "+v.Name()+" "))
	if !ok {
		return 0, fmt.Errorf("receipt-pq key of %s: %w", by, ErrUnknownKey)
	}
	raw, err := base64.StdEncoding.DecodeString(string(field))
	if err != nil || len(raw) != sizePQ || !bytes.Equal(line, signatureLine(v.Name(), raw)) {
		return 0, fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	if binary.BigEndian.Uint32(raw) != v.KeyHash() {
		return 0, fmt.Errorf("receipt-pq key of %s: %w", by, ErrUnknownKey)
	}
	seconds := binary.BigEndian.Uint64(raw[4:])
	if seconds == 0 || seconds > maxSeconds {
		return 0, fmt.Errorf("%w: no moment, or one beyond the year 9999", ErrMalformed)
	}
	if !v.Verify([]byte(c.Text()), raw[4:]) {
		return 0, fmt.Errorf("receipt-pq key of %s: %w", by, ErrSignature)
	}
	return parley.Time(seconds * 1000), nil
}

// signPQ adds the cosignature of me, of the checkpoint that stands in the note.
func signPQ(signed []byte, c transcript.Checkpoint, r *roster.Roster, me parley.Party, key crypto.Signer, at parley.Time) ([]byte, error) {
	if at < 1000 || at/1000 > maxSeconds {
		return nil, fmt.Errorf("%w: no moment, or one beyond the year 9999", ErrMalformed)
	}
	s, _ := r.Side(me)
	v, err := cosignerPQ(r.Line, me, s.ReceiptPQ)
	if err != nil {
		return nil, err
	}
	if pub, ok := key.Public().(*mldsa.PublicKey); !ok || !bytes.Equal(pub.Bytes(), s.ReceiptPQ) {
		return nil, fmt.Errorf("the receipt-pq key given is not that of %s on the roster: %w", me, ErrUnknownKey)
	}
	sig, err := key.Sign(nil, messagePQ(v.Name(), uint64(at/1000), c), crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	raw := binary.BigEndian.AppendUint32(nil, v.KeyHash())
	raw = append(binary.BigEndian.AppendUint64(raw, uint64(at/1000)), sig...)
	return append(bytes.Clone(signed), signatureLine(v.Name(), raw)...), nil
}

// sizePQ is key id, moment and signature, in bytes.
const sizePQ = 4 + 8 + mldsa.MLDSA44SignatureSize

// messagePQ is what is signed: the cosigned_message of C2SP tlog-cosignature,
// from the first entry on.
func messagePQ(name string, seconds uint64, c transcript.Checkpoint) []byte {
	origin := roster.LogOrigin(c.Line, c.Log)
	b := []byte("subtree/v1\n\x00")
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint64(b, seconds)
	b = append(append(b, byte(len(origin))), origin...)
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint64(b, c.Size)
	return append(b, c.Root[:]...)
}

// cosignerPQ verifies the ML-DSA-44 cosignatures of a party, whose key this is.
func cosignerPQ(line parley.LineID, p parley.Party, pub []byte) (note.Verifier, error) {
	if pub == nil {
		return nil, fmt.Errorf("%s has no receipt-pq key on the roster: %w", p, ErrUnknownKey)
	}
	const mldsa44Key = 6 // C2SP signed-note
	name := roster.ReceiptPQKeyName(line, p)
	// The eight digits are where a key id would stand; it is computed anew.
	v, err := cosignature.NewVerifierForCosignatureV1(name + "+00000000+" + base64.StdEncoding.EncodeToString(append([]byte{mldsa44Key}, pub...)))
	if err != nil {
		return nil, fmt.Errorf("receipt-pq key of %s: %w", p, err)
	}
	return v, nil
}

// cutLast returns a note without its last line, and that line.
func cutLast(signed []byte) (above, last []byte) {
	if len(signed) == 0 {
		return nil, nil
	}
	at := bytes.LastIndexByte(signed[:len(signed)-1], '\n') + 1
	return signed[:at], signed[at:]
}
