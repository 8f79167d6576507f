package wire

import (
	"fmt"

	"parley"
)

// EntryVersion is the version of the entries that this package writes
// (spec/MESSAGE.md §5).
const EntryVersion = 1

// frameVersion is that of frames (spec/FRAME.md §2).
const frameVersion = 1

// Limits, in bytes where they are lengths (spec/MESSAGE.md §1).
const (
	MaxBody       = 32_768 // the UTF-8 of a body
	MaxContent    = 36_864 // a content
	MaxSigned     = 40_960 // a Signed
	MaxEntry      = 45_056 // an entry
	MaxFrame      = 65_536 // a frame; so a bundle is shorter
	MaxDesks      = 8      // desks in To
	MaxReferences = 16     // references of a content
	MaxSignatures = 8      // signatures of a content
	MaxSeen       = 16     // other logs in an entry's header
	MaxParts      = 512    // parts of a bundle
	MaxPrekeys    = 16     // prekeys of a batch, besides the last resort
	MaxRanges     = 64     // ranges of a report
	MaxUnknown    = 16     // epochs of an Unknown
	MaxWait       = 3_600  // seconds that a report asks to wait
	MaxGeneration = 1_024  // bytes of a Generation
	MaxLanguage   = 35     // the characters of a language tag

	// MaxNumber is the last entry number and log size: numbers, and what is
	// counted with them, fit a signed integer of 64 bits.
	MaxNumber = 1<<62 - 1

	// MaxTime is 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 writes.
	MaxTime parley.Time = 253_402_300_799_999

	// maxSigned1 is the length of a Signed1: the longest is a batch of prekeys.
	maxSigned1 = 24_576
)

func checkTime(what string, t parley.Time) error {
	if t > MaxTime {
		return fmt.Errorf("%s %d: %w: it is after the year 9999", what, uint64(t), ErrLimit)
	}
	return nil
}

// checkNumber takes an entry number, which starts at 1.
func checkNumber(n uint64) error {
	if n == 0 {
		return fmt.Errorf("entry number 0: %w: numbers start at 1", ErrMalformed)
	}
	return checkSize("entry number", n)
}

// checkSize takes a count of entries, which may be 0.
func checkSize(what string, n uint64) error {
	if n > MaxNumber {
		return fmt.Errorf("%s %d: %w: the last is %d", what, n, ErrLimit, uint64(MaxNumber))
	}
	return nil
}

// checkCount takes the length of a list that may not be empty when least is 1.
func checkCount(what string, n, least, most int) error {
	if n < least {
		return fmt.Errorf("%d %s: %w: there must be %d at least", n, what, ErrMalformed, least)
	}
	if n > most {
		return fmt.Errorf("%d %s: %w: there may be %d at most", n, what, ErrLimit, most)
	}
	return nil
}

func checkParty(what string, p parley.Party) error {
	if _, err := parley.ParseParty(string(p)); err != nil {
		return fmt.Errorf("%s: %w: %v", what, ErrMalformed, err)
	}
	return nil
}

func checkDesk(what string, d parley.Desk) error {
	if _, err := parley.ParseDesk(string(d)); err != nil {
		return fmt.Errorf("%s: %w: %v", what, ErrMalformed, err)
	}
	return nil
}

// first returns the first error of a list of checks, in the order in which the
// format lists its keys.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
