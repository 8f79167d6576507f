package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
)

// codesOf are the lines of the codes of a page (PROOF §8).
func codesOf(cbor []byte) (lines []string) {
	sum := sha256.Sum256(cbor)
	n := (len(cbor) + 559) / 560
	for piece := range slices.Chunk(cbor, 560) {
		lines = append(lines, fmt.Sprintf("PARLEY:%d/%d:%X:%s\n", len(lines)+1, n, sum[:4], base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(piece)))
	}
	return lines
}

func codesVectors() []vector {
	good := goodShown()
	one := secondShown.fields().encode()
	codes, other := codesOf(one), codesOf(good["range"].fields().encode())
	whole := func(lines ...string) []byte { return []byte(strings.Join(lines, "")) }
	last := len(codes) - 1
	return []vector{
		ok("one", "one message", whole(codes...)),
		ok("range", "two messages", whole(other...)),
		ok("short", "a proof without names", whole(codesOf(good["no-names"].fields().encode())...)),

		no("first-missing", "malformed", "the first code is missing", whole(codes[1:]...)),
		no("last-missing", "malformed", "the last code is missing", whole(codes[:last]...)),
		no("moved", "malformed", "the first two codes are in the wrong order", whole(append([]string{codes[1], codes[0]}, codes[2:]...)...)),
		no("twice", "malformed", "the first code stands twice", whole(append([]string{codes[0]}, codes...)...)),
		no("of-another", "malformed", "the first code is of another proof", whole(append([]string{other[0]}, codes[1:]...)...)),
		no("id-other", "malformed", "the id is of another proof", bytes.ReplaceAll(whole(codes...), []byte(codes[0][11:19]), []byte("00000000"))),
		no("lower-case", "malformed", "in lower case", append([]byte("PARLEY:"), bytes.ToLower(whole(codes...))[7:]...)),
		no("padded", "malformed", "base32 with padding", bytes.Replace(whole(codes...), []byte("\n"), []byte("=\n"), 1)),
		no("not-ended", "malformed", "the last line does not end", bytes.TrimSuffix(whole(codes...), []byte("\n"))),
		no("count-other", "malformed", "a code says that there is one more", bytes.Replace(whole(codes...), fmt.Appendf(nil, "1/%d", len(codes)), fmt.Appendf(nil, "1/%d", len(codes)+1), 1)),
		no("digest", "malformed", "a code that names a proof and does not hold it", fmt.Appendf(nil, "PARLEY:0/0:%X\n", sha256.Sum256(one))),
		no("root-other", "bad proof", "the codes of a proof that does not hold", whole(codesOf(secondShown.fields().with(6, array(bstr(zeros))).encode())...)),
		no("nothing", "malformed", "there are no bytes", nil),
	}
}
