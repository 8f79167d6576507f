package wire

import "fmt"

// PartType says what a part of a bundle is. A reader skips a type that it does
// not know, and counts it (spec/ENVELOPE.md §6).
type PartType uint64

// The types of this version, as they stand on the wire (spec/ENVELOPE.md §6).
const (
	PartEntry       PartType = 1  // an entry
	PartNarrowEntry PartType = 2  // an entry without what the addressee can reconstruct
	PartCheckpoint  PartType = 3  // a signed note
	PartCosigned    PartType = 4  // the receiver's checkpoint with its cosignature
	PartReceipt     PartType = 5  // a Signed1 of a Receipt
	PartRefusal     PartType = 6  // a Signed1 of a Refusal
	PartReport      PartType = 7  // a Report
	PartPrekeys     PartType = 8  // a Signed1 of Prekeys
	PartClosed      PartType = 9  // a Signed1 of a Closed
	PartCheck       PartType = 10 // a Signed1 of a Check
	PartUnknown     PartType = 11 // an Unknown
	PartRenewal     PartType = 12 // a Signed1 of a Renewal
	PartGeneration  PartType = 13 // a Generation
	PartRecall      PartType = 14 // a Recall
	PartOfferPQ     PartType = 15 // the sender's cosigned checkpoint with its cosignature by ML-DSA-44
	PartCosignedPQ  PartType = 16 // the receiver's offer with the sender's cosignature by ML-DSA-44
)

// Part is one thing that a frame brings. Its bytes are parsed by type, one by
// one, so that a part that is refused stops no other.
type Part struct {
	_     struct{} `cbor:",toarray"`
	Type  PartType // not 0
	Bytes []byte
}

type bundle []Part

func (b bundle) check() error {
	if err := checkCount("parts", len(b), 1, MaxParts); err != nil {
		return err
	}
	for i, p := range b {
		if p.Type == 0 {
			return fmt.Errorf("part %d: %w: types start at 1", i+1, ErrMalformed)
		}
	}
	return nil
}

// AppendBundle writes the plaintext of a frame after dst: 1 to MaxParts parts,
// or refuses what ParseBundle would refuse (spec/ENVELOPE.md §6).
func AppendBundle(dst []byte, parts []Part) ([]byte, error) {
	return appendChecked(dst, "bundle", MaxFrame, bundle(parts))
}

// ParseBundle reads the plaintext of a frame, without the padding. Parts of
// unknown type are returned like the others. Errors wrap ErrMalformed or
// ErrLimit.
func ParseBundle(b []byte) ([]Part, error) {
	return parseChecked[bundle]("bundle", MaxFrame, b)
}
