package proof

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"parley"
	"parley/lines"
	"parley/transcript"
)

// Note is what a signed note claims, before anybody looks at a signature.
type Note struct {
	transcript.Checkpoint
	Cosigned bool        // it has a second signature
	At       parley.Time // the moment that the cosigner gives
}

// The length of what stands in the line of a cosignature: key id, seconds, signature
// (C2SP tlog-cosignature).
const (
	keyBytes         = 4
	cosignatureBytes = keyBytes + 8 + 64
	maxSeconds       = 253402300799 // the last second of the year 9999
)

// readNote reads a note with the signature of a log key, and perhaps a cosignature.
func readNote(note []byte) (n Note, err error) {
	if err := lines.CheckNote(ErrMalformed, note, transcript.MaxNote); err != nil {
		return n, err
	}
	if n.Checkpoint, err = transcript.ReadCheckpoint(note); err != nil {
		return n, err
	}
	signatures := strings.Split(strings.TrimSuffix(string(note[len(n.Text())+1:]), "\n"), "\n")
	switch len(signatures) {
	case 1:
		return n, nil
	case 2:
	default:
		return n, fmt.Errorf("%w: a note with %d lines of signatures; it has one or two", ErrMalformed, len(signatures))
	}
	words := strings.Split(signatures[1], " ")
	raw, err := base64.StdEncoding.DecodeString(words[len(words)-1])
	if err != nil || len(raw) != cosignatureBytes {
		return n, fmt.Errorf("%w: the second signature is not a cosignature", ErrMalformed)
	}
	seconds := binary.BigEndian.Uint64(raw[keyBytes:])
	if seconds > maxSeconds {
		return n, fmt.Errorf("%w: a cosignature beyond the year 9999", ErrMalformed)
	}
	n.Cosigned, n.At = true, parley.Time(seconds*1000)
	return n, nil
}
