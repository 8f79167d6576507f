package station

import (
	"testing"

	"parley"
)

// However many epochs are closed, our word on the last ones is at hand.
func TestClosedWordsAreForgottenOneByOne(t *testing.T) {
	var s sealer
	for i := range byte(3 * epochsHeld) {
		s.remember(parley.EpochID{i}, []byte{i})
		for back := range byte(epochsHeld) {
			if back > i {
				break
			}
			if w := s.word(parley.EpochID{i - back}); len(w) != 1 || w[0] != i-back {
				t.Fatalf("after %d closed, the word on the one %d before is %x", i+1, back, w)
			}
		}
		if len(s.closed) > epochsHeld {
			t.Fatalf("%d words are kept", len(s.closed))
		}
	}
}
