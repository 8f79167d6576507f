package keyring

import (
	"errors"
	"os"
	"testing"
)

// Hop keys that are made later are kept as the station's are, in their order, and
// never over one another.
func TestHops(t *testing.T) {
	for name, protect := range map[string]Protection{"plain": PlainFile(), "sealed": SealedBy(pass(t, "of the station, long enough"))} {
		dir := t.TempDir()
		w := workshop{disk: osDisk{}, cost: cost{memory: 64, time: 1, lanes: 1}}
		if none, err := w.unlockHops(dir, protect); err != nil || len(none) != 0 {
			t.Errorf("%s: %d keys before any was made, %v", name, len(none), err)
		}
		if _, err := w.createHop(dir, Protection{}); !errors.Is(err, ErrProtection) {
			t.Errorf("%s: without a choice: %v", name, err)
		}
		var made []string
		for range 3 {
			s, err := w.createHop(dir, protect)
			if err != nil {
				t.Fatal(name, err)
			}
			made = append(made, string(s.(signer).public()))
		}
		got, err := w.unlockHops(dir, protect)
		if err != nil || len(got) != 3 {
			t.Fatalf("%s: %d keys, %v", name, len(got), err)
		}
		for i, s := range got {
			if string(s.(signer).public()) != made[i] {
				t.Errorf("%s: key %d is another", name, i)
			}
		}
		other := PlainFile()
		if name == "plain" {
			other = SealedBy(pass(t, "of the station, long enough"))
		}
		if _, err := w.unlockHops(dir, other); !errors.Is(err, ErrProtection) {
			t.Errorf("%s: protected in another way: %v", name, err)
		}
		if err := os.Rename(hopPath(dir, 3), hopPath(dir, 2)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.unlockHops(dir, protect); !errors.Is(err, ErrWrongName) {
			t.Errorf("%s: a renamed file: %v", name, err)
		}
	}
}
