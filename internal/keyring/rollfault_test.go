package keyring

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A roller rolls the station key twice, as a home does that destroys each key when
// none of its lines needs it any more.
type roller struct {
	t     *testing.T
	dir   string
	later []Later
	keys  []ed25519.PublicKey // every station key, in the order in which they were made
	// force is the key that signs now, by its place in keys, and gone up to which one
	// they were destroyed: what is reported is so.
	force, gone int
}

// steps are the roll, each one thing that a crash can fall into.
func (r *roller) steps() []func(w workshop) error {
	create := func(w workshop) error {
		l, err := w.createLater(r.dir, roleStation, PlainFile(), r.later)
		if err == nil {
			r.later, r.keys = append(r.later, l), append(r.keys, l.Key())
			r.force = len(r.keys) - 1 // the change is in force
		}
		return err
	}
	return []func(w workshop) error{
		create,
		func(w workshop) error {
			err := w.supersede(r.dir, roleStation, PlainFile())
			if err == nil {
				r.gone = 1
			}
			return err
		},
		create,
		func(w workshop) error {
			err := w.destroyLater(r.dir, r.later[0])
			if err == nil {
				r.later, r.gone = r.later[1:], 2
			}
			return err
		},
	}
}

// open opens the home again, as its next start does, and says what is there.
func (r *roller) open(w workshop) (held []ed25519.PublicKey, err error) {
	s, err := w.unlockStation(r.dir, PlainFile())
	if err != nil {
		return nil, err
	}
	if r.later, err = w.unlockLater(r.dir, PlainFile()); err != nil {
		return nil, err
	}
	held = append(held, s.Public().Station)
	for _, l := range r.later {
		held = append(held, l.Key())
	}
	return held, nil
}

// finish destroys what no line needs, but for the newest, which a draft may bring.
func (r *roller) finish(inFile ed25519.PublicKey) error {
	for len(r.later) > 1 && !r.later[0].Key().Equal(r.keys[r.force]) {
		if err := cheap.destroyLater(r.dir, r.later[0]); err != nil {
			return err
		}
		r.later = r.later[1:]
	}
	if r.force > 0 && inFile.Equal(r.keys[0]) {
		return cheap.supersede(r.dir, roleStation, PlainFile())
	}
	return nil
}

func holdsKey(keys []ed25519.PublicKey, key ed25519.PublicKey) bool {
	for _, k := range keys {
		if k.Equal(key) {
			return true
		}
	}
	return false
}

// onDisk returns every public key of a file below the folder, whatever its name is:
// each of them stands beside its private half.
func (r *roller) onDisk() (keys []ed25519.PublicKey) {
	r.t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		k, err := parseKeyFile(b)
		if err != nil {
			return fmt.Errorf("%s is no whole key file: %w", path, err)
		}
		for public := k.public; len(public) > 0; public = public[seedSize:] {
			keys = append(keys, bytes.Clone(public[:seedSize]))
		}
		return nil
	})
	if err != nil {
		r.t.Error(err)
	}
	return keys
}

// TestRollFaults: whatever fails while keys become others and are destroyed, and
// wherever the station dies, the home opens again with the key in force and with
// none that was reported destroyed; and when the step is taken again, nothing is
// left of any other, under whatever name.
func TestRollFaults(t *testing.T) {
	for step := range (&roller{}).steps() {
		t.Run(fmt.Sprintf("step %d", step+1), func(t *testing.T) {
			eachFault(t, func(t *testing.T, dir string, faulty workshop) error {
				r := &roller{t: t, dir: dir}
				public, err := cheap.createStation(dir, PlainFile())
				if err != nil {
					t.Fatal(err)
				}
				r.keys = append(r.keys, public.Station)
				for _, do := range r.steps()[:step] {
					if err := do(cheap); err != nil {
						t.Fatal(err)
					}
				}
				failed := r.steps()[step](faulty)

				held, err := r.open(cheap)
				if err != nil {
					t.Fatalf("the home does not open: %v", err)
				}
				if !holdsKey(held, r.keys[r.force]) {
					t.Errorf("step %d said %v; the key in force is not held", step+1, failed)
				}
				noLeftovers(t, dir)
				for i, key := range r.keys[:r.gone] {
					if holdsKey(r.onDisk(), key) {
						t.Errorf("step %d said %v; key %d is on the disk, and was destroyed", step+1, failed, i+1)
					}
				}

				// The home goes on: what was not destroyed is, and the rest stays.
				if err := r.finish(held[0]); err != nil {
					t.Fatalf("after step %d said %v: %v", step+1, failed, err)
				}
				if held, err = r.open(cheap); err != nil || !holdsKey(held, r.keys[r.force]) {
					t.Errorf("the key in force is not held any more: %v", err)
				}
				for i, key := range r.keys {
					if i != r.force && holdsKey(r.onDisk(), key) {
						t.Errorf("step %d said %v; key %d is on the disk, and nobody needs it", step+1, failed, i+1)
					}
				}
				return failed
			})
		})
	}
}
