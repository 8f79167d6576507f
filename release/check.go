package release

import (
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Check returns what Release would refuse of a content whatever its signatures
// are: it is for those who draft, before an officer is asked. n is the entry of
// by's log that it would be now.
func Check(content []byte, h *roster.History, by parley.Party, n uint64) error {
	c, err := wire.ParseContent(content)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	r := h.At(by, n)
	to, ok := r.Peer(by)
	if !ok {
		return fmt.Errorf("draft: party %s: %w", by, ErrLine)
	}
	if err := fits(c, r, by, to.Party); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	if _, _, err := changed(c, h, place{by, to.Party, roster.Place{Number: n}}); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	return nil
}
