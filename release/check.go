package release

import (
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Check returns what Release would refuse of a content whatever its signatures
// are: it is for those who draft, before an officer is asked.
func Check(content []byte, r *roster.Roster, by parley.Party) error {
	c, err := wire.ParseContent(content)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	to, ok := r.Peer(by)
	if !ok {
		return fmt.Errorf("draft: party %s: %w", by, ErrLine)
	}
	if err := fits(c, r, by, to.Party); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	return nil
}
