package transcript_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// withEnd closes a body with the END that is right for it, as whoever alters a
// file on purpose would.
func withEnd(body string) []byte {
	return fmt.Appendf(nil, "%sEND %d %x\n", body, strings.Count(body, "\n"), sha256.Sum256([]byte(body)))
}
