package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The keys of meta that are the journal's own.
const (
	counterKey    = "counter"
	generationKey = "generation"
)

// SetMeta stores a small value of the station's under a key, in place of the old one.
func (t *Tx) SetMeta(key string, value []byte) error {
	if key == counterKey || key == generationKey {
		return fmt.Errorf("set %q: %w: the key is the journal's own", key, ErrLimit)
	}
	return t.setMeta(key, value)
}

func (t *Tx) setMeta(key string, value []byte) error {
	err := t.c.run(`INSERT INTO meta (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, blob(value))
	return wrap(err, "set %q", key)
}

// Meta returns the value under a key. ErrNotFound: there is none.
func (v *View) Meta(key string) (value []byte, err error) {
	err = v.c.one(`SELECT value FROM meta WHERE key = ?`, func(r row) error { value = r.bytes(0); return nil }, key)
	return value, wrap(err, "meta %q", key)
}

// ErrRolledBack says that the journal is older than the one that the last start
// left: restored from a backup, or copied. What it signed since is not in it,
// so it must not sign in the same logs (DESIGN.md §4).
type ErrRolledBack struct {
	Have uint64 // the start counter that the journal holds; 0: none
	Want uint64 // what it would hold at least, were it the one that was left
}

func (e ErrRolledBack) Error() string {
	return fmt.Sprintf("journal holds start %d where %d was left: it is an older copy; find the newer one, or open a new generation of its logs", e.Have, e.Want)
}

// Started records that the station starts for the counter-th time. counter is
// one more than the keyring's counter, which is advanced only after this is
// committed: so a crash between the two is not mistaken for a rollback. The
// error is ErrRolledBack when the journal holds less than the keyring does.
//
// BUG(journal): a copy made since the latest start and put back before the next one
// holds the same counter and is not refused here. The peer's report, which
// proves entries that such a copy lacks, is what finds it (DESIGN.md §4).
func (t *Tx) Started(counter uint64) error {
	have, err := t.metaNumber(counterKey)
	if err != nil {
		return err
	}
	if counter > 0 && have < counter-1 {
		return ErrRolledBack{Have: have, Want: counter - 1}
	}
	return t.setNumber(counterKey, max(have, counter))
}

// NewGeneration accepts a journal that Started refused, and returns how often
// that has happened. The caller opens new logs in the same transaction and
// writes no more into the old ones.
func (t *Tx) NewGeneration(counter uint64) (generation uint64, err error) {
	if generation, err = t.metaNumber(generationKey); err != nil {
		return 0, err
	}
	have, err := t.metaNumber(counterKey)
	if err != nil {
		return 0, err
	}
	generation++
	return generation, firstError(t.setNumber(generationKey, generation), t.setNumber(counterKey, max(have, counter)))
}

// Starts returns the start counter and the generation that the journal holds.
func (v *View) Starts() (counter, generation uint64, err error) {
	if counter, err = v.metaNumber(counterKey); err != nil {
		return 0, 0, err
	}
	generation, err = v.metaNumber(generationKey)
	return counter, generation, err
}

func (v *View) metaNumber(key string) (uint64, error) {
	b, err := v.Meta(key)
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	case len(b) != 8:
		return 0, fmt.Errorf("meta %q: %w: %d bytes", key, ErrCorrupt, len(b))
	}
	return binary.BigEndian.Uint64(b), nil
}

func (t *Tx) setNumber(key string, n uint64) error {
	return t.setMeta(key, binary.BigEndian.AppendUint64(nil, n))
}
