package wire

import (
	"fmt"

	"parley"
)

// Renewal is the payload with which a restored party asks that its log go on
// under a new name (spec/GENERATION.md §2). It is signed in DomainRenewal.
type Renewal struct {
	Line  parley.LineID `cbor:"1,keyasint"`
	Party parley.Party  `cbor:"2,keyasint"` // whose log it is
	Log   parley.LogID  `cbor:"3,keyasint"` // of the generation to be opened; not zero
	Time  parley.Time   `cbor:"4,keyasint"`
}

func (r Renewal) check() error {
	return first(checkParty("party", r.Party), checkGeneration("generation", r.Log), checkTime("time", r.Time))
}

// checkGeneration takes the id of a generation, which is drawn at random.
func checkGeneration(what string, id parley.LogID) error {
	if id == (parley.LogID{}) {
		return fmt.Errorf("%s: %w: the id is all zeros", what, ErrMalformed)
	}
	return nil
}

// AppendRenewal writes r after dst, or refuses what ParseRenewal would refuse.
func AppendRenewal(dst []byte, r Renewal) ([]byte, error) {
	return appendChecked(dst, "renewal", maxSigned1, r)
}

// ParseRenewal reads a renewal. Errors wrap ErrMalformed or ErrLimit.
func ParseRenewal(b []byte) (Renewal, error) {
	return parseChecked[Renewal]("renewal", maxSigned1, b)
}

// Closing is the payload with which the other party says where the log goes on
// (spec/GENERATION.md §3). It is signed in DomainClosing.
type Closing struct {
	Line   parley.LineID `cbor:"1,keyasint"`
	Party  parley.Party  `cbor:"2,keyasint"`           // whose log is closed
	Closed parley.LogID  `cbor:"3,keyasint"`           // the generation that is closed
	Size   uint64        `cbor:"4,keyasint"`           // of the log, in all generations
	Root   parley.Hash   `cbor:"5,keyasint"`           // at that size
	Opened parley.LogID  `cbor:"6,keyasint"`           // the generation that begins; another one
	Own    uint64        `cbor:"7,keyasint,omitempty"` // entries in the closer's own log
	Time   parley.Time   `cbor:"8,keyasint"`
}

func (c Closing) check() error {
	if c.Closed == c.Opened {
		return fmt.Errorf("generation %s: %w: it follows itself", c.Opened, ErrMalformed)
	}
	return first(
		checkParty("party", c.Party), checkGeneration("closed", c.Closed), checkGeneration("opened", c.Opened),
		checkSize("size", c.Size), checkSize("own", c.Own), checkTime("time", c.Time))
}

// AppendClosing writes c after dst, or refuses what ParseClosing would refuse.
func AppendClosing(dst []byte, c Closing) ([]byte, error) {
	return appendChecked(dst, "closing", maxSigned1, c)
}

// ParseClosing reads a closing. Errors wrap ErrMalformed or ErrLimit.
func ParseClosing(b []byte) (Closing, error) {
	return parseChecked[Closing]("closing", maxSigned1, b)
}

// Generation is a renewal and its closing, which together say from which entry
// on a log has another name (spec/GENERATION.md §3).
type Generation struct {
	_       struct{} `cbor:",toarray"`
	Renewal []byte   // a Signed1
	Closing []byte   // a Signed1
}

func (g Generation) check() error {
	for _, b := range [][]byte{g.Renewal, g.Closing} {
		if _, err := ParseSigned1(b); err != nil {
			return err
		}
	}
	return nil
}

// AppendGeneration writes g after dst, or refuses what ParseGeneration would
// refuse.
func AppendGeneration(dst []byte, g Generation) ([]byte, error) {
	return appendChecked(dst, "generation", MaxGeneration, g)
}

// ParseGeneration reads a generation statement; it looks at no signature and
// not into the payloads. Errors wrap ErrMalformed or ErrLimit.
func ParseGeneration(b []byte) (Generation, error) {
	return parseChecked[Generation]("generation", MaxGeneration, b)
}

// Recall asks for the entries of a log that its sender lost: those behind Size.
// It is not signed: the epoch that carries it authenticates it
// (spec/GENERATION.md §4).
type Recall struct {
	Log  parley.LogID `cbor:"1,keyasint"` // by its id in the roster; either party's
	Size uint64       `cbor:"2,keyasint"` // held without a gap
}

func (r Recall) check() error { return checkSize("size", r.Size) }

// AppendRecall writes r after dst, or refuses what ParseRecall would refuse.
func AppendRecall(dst []byte, r Recall) ([]byte, error) {
	return appendChecked(dst, "recall", maxSigned1, r)
}

// ParseRecall reads a recall. Errors wrap ErrMalformed or ErrLimit.
func ParseRecall(b []byte) (Recall, error) {
	return parseChecked[Recall]("recall", maxSigned1, b)
}
