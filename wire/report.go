package wire

import (
	"fmt"

	"parley"
)

// Range is the entries First to Last of a log, both included.
type Range struct {
	_     struct{} `cbor:",toarray"`
	First uint64   // 1 or more
	Last  uint64   // First or more
}

// Report says what its sender holds, so that nothing else is sent again. It is
// not signed: the epoch that carries it authenticates it (spec/RECEIPT.md §6).
type Report struct {
	Log      parley.LogID `cbor:"1,keyasint"`           // the log reported on: the peer's
	Size     uint64       `cbor:"2,keyasint"`           // held without a gap
	Ahead    []Range      `cbor:"3,keyasint,omitempty"` // held beyond the gap: at most MaxRanges, ascending, with gaps between
	Refusals uint64       `cbor:"4,keyasint,omitempty"` // refusals held of its sender's own entries
	Cosigned uint64       `cbor:"5,keyasint,omitempty"` // the largest size of its sender's own log that the peer cosigned

	// Wait says that entries of the log reported on are not stored for now, except
	// Flash, because they are over a quota: in how many seconds to send them again,
	// 1 to MaxWait; 0 while there is room.
	Wait uint64 `cbor:"6,keyasint,omitempty"`
}

func (r Report) check() error {
	if err := first(checkSize("size", r.Size), checkCount("ranges ahead", len(r.Ahead), 0, MaxRanges)); err != nil {
		return err
	}
	held := r.Size
	for _, a := range r.Ahead {
		if a.First > a.Last || a.First < 2 || a.First-1 <= held {
			return fmt.Errorf("ahead %d to %d: %w: ranges ascend, with a gap before each", a.First, a.Last, ErrMalformed)
		}
		if err := checkSize("ahead", a.Last); err != nil {
			return err
		}
		held = a.Last
	}
	if r.Wait > MaxWait {
		return fmt.Errorf("%d seconds to wait: %w: at most %d", r.Wait, ErrLimit, MaxWait)
	}
	return first(checkSize("refusals", r.Refusals), checkSize("cosigned size", r.Cosigned))
}

// AppendReport writes r after dst, or refuses what ParseReport would refuse.
func AppendReport(dst []byte, r Report) ([]byte, error) {
	return appendChecked(dst, "report", maxSigned1, r)
}

// ParseReport reads a report. Errors wrap ErrMalformed or ErrLimit.
func ParseReport(b []byte) (Report, error) {
	return parseChecked[Report]("report", maxSigned1, b)
}
