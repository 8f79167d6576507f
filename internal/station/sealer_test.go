package station

import (
	"crypto/ed25519"
	"testing"

	"parley"
	"parley/receipt"
)

// However many epochs are closed, our word on the last ones is at hand, by whatever
// station key is in force when it is asked for.
func TestClosedWordsAreForgottenOneByOne(t *testing.T) {
	l := &Line{cfg: Config{Party: "north"}}
	l.id[0] = 1
	var keys [2]ed25519.PrivateKey
	for i := range keys {
		_, keys[i], _ = ed25519.GenerateKey(nil)
	}
	var s sealer
	for i := range byte(3 * epochsHeld) {
		s.remember(parley.EpochID{i}, parley.Time(i)+1)
		for back := range byte(min(int(i)+1, epochsHeld)) {
			key := keys[back%2]
			w, err := s.word(l, parley.EpochID{i - back}, key)
			if err != nil {
				t.Fatal(err)
			}
			c, err := receipt.OpenClosed(w, key.Public().(ed25519.PublicKey))
			if err != nil || c.Epoch[0] != i-back || c.Time != parley.Time(i-back)+1 {
				t.Fatalf("after %d closed, the word on the one %d before is %+v, %v", i+1, back, c, err)
			}
		}
		if len(s.closed) > epochsHeld {
			t.Fatalf("%d words are kept", len(s.closed))
		}
	}
	if w, err := s.word(l, parley.EpochID{0}, keys[0]); w != nil || err != nil {
		t.Errorf("the word on one closed long ago is %x, %v", w, err)
	}
}
