package proof

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"

	"parley/lines"
	"parley/wire"
)

// The codes of a printed page carry the CBOR of a proof in pieces, so that whoever
// has only the paper can check it (spec/PROOF.md §8).

// CodeTitle is what every code begins with.
const CodeTitle = "PARLEY:"

const (
	pieceBytes = 560 // of CBOR in a code
	maxCodes   = 12  // on a page
)

// Codes returns the texts of the codes of p: its CBOR in pieces, or, where that would
// be more than a page can hold, one that has the hash of it only.
func Codes(p *Proof) ([]string, error) {
	b, err := AppendCBOR(nil, p)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	n := (len(b) + pieceBytes - 1) / pieceBytes
	if n > maxCodes {
		return []string{fmt.Sprintf("%s0/0:%X", CodeTitle, sum)}, nil
	}
	codes := make([]string, 0, n)
	for piece := range slices.Chunk(b, pieceBytes) {
		codes = append(codes, fmt.Sprintf("%s%d/%d:%X:%s", CodeTitle, len(codes)+1, n, sum[:4], noPadding().EncodeToString(piece)))
	}
	return codes, nil
}

func noPadding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

// ParseCodes reads a proof from all of its codes, each a line, in order. The error
// wraps ErrMalformed or wire.ErrLimit.
func ParseCodes(text []byte) (*Proof, error) {
	if len(text) > maxCodes*2*pieceBytes {
		return nil, fmt.Errorf("codes: %d bytes: %w: at most %d", len(text), wire.ErrLimit, maxCodes*2*pieceBytes)
	}
	var b []byte
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(fields) == 3 {
			return nil, fmt.Errorf("codes: %w: a code that names a proof, and does not hold it; ask for the file", ErrMalformed)
		}
		piece, err := noPadding().DecodeString(fields[len(fields)-1])
		if err != nil || len(piece) > pieceBytes {
			return nil, fmt.Errorf("codes: %w: %q is not a code", ErrMalformed, lines.Clip(line))
		}
		b = append(b, piece...)
	}
	p, err := ParseCBOR(b)
	if err != nil {
		return nil, fmt.Errorf("codes: one is missing, or is of another proof: %w", err)
	}
	codes, err := Codes(p)
	if err != nil {
		return nil, err
	}
	if strings.Join(codes, "\n")+"\n" != string(text) {
		return nil, fmt.Errorf("codes: %w: they are not those of this proof, each on a line, in order", ErrMalformed)
	}
	return p, nil
}
