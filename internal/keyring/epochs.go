package keyring

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// Kind is a kind of secret that Epochs keeps; it is also the folder's name.
type Kind string

// The kinds of secret.
const (
	Epoch  Kind = "epochs"  // the direction secret of an epoch
	Prekey Kind = "prekeys" // the private half of a prekey
)

// Bounds of what Epochs keeps, in bytes.
const (
	MaxID     = 32
	MaxSecret = 16 << 10
)

const goneSuffix = ".gone"

// Epochs keeps the secrets of epochs and prekeys, one small sealed file each,
// outside the database, whose free pages and log would retain what is deleted
// (DESIGN.md §4). Keep its folders out of backups for the same reason.
//
// Its methods may be called from several goroutines; its folders belong to one
// process.
type Epochs struct {
	w    workshop
	dir  string
	aead func() cipher.AEAD // a function for the reason given at hidden
	mu   sync.Mutex
}

// OpenEpochs opens the store below dir, under the storage key of s, and finishes
// what a crash interrupted: half-written files go, and deletions complete.
func OpenEpochs(dir string, s *Station) (*Epochs, error) { return onDisk().openEpochs(dir, s) }

func (w workshop) openEpochs(dir string, s *Station) (*Epochs, error) {
	aead, err := chacha20poly1305.NewX(s.storage())
	if err != nil {
		return nil, fmt.Errorf("open secrets: %w", err)
	}
	e := &Epochs{w: w, dir: dir, aead: func() cipher.AEAD { return aead }}
	for _, kind := range []Kind{Epoch, Prekey} {
		if err := e.sweep(kind); err != nil {
			return nil, fmt.Errorf("open secrets: %w", err)
		}
	}
	return e, nil
}

// Put keeps secret (1 to MaxSecret bytes) as id (1 to MaxID bytes), durable
// before it returns; it replaces one of the same id. After an error the old
// secret or the new one is held, whole.
func (e *Epochs) Put(kind Kind, id, secret []byte) error {
	path, err := e.path(kind, id)
	if err != nil {
		return err
	}
	if len(secret) == 0 || len(secret) > MaxSecret {
		return fmt.Errorf("keep %s %x: a secret of %d bytes, not 1 to %d", kind, id, len(secret), MaxSecret)
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("keep %s %x: %w", kind, id, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.w.replaceFile(path, e.aead().Seal(nonce, nonce, secret, bound(kind, id))); err != nil {
		return fmt.Errorf("keep %s %x: %w", kind, id, err)
	}
	return nil
}

// Get returns the secret id. Errors: ErrNotFound, ErrAltered, ErrExposed,
// ErrMalformed.
func (e *Epochs) Get(kind Kind, id []byte) ([]byte, error) {
	path, err := e.path(kind, id)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	b, err := readPrivate(path, MaxSecret+chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead, 0)
	if err != nil {
		return nil, fmt.Errorf("fetch %s %x: %w", kind, id, err)
	}
	if len(b) < chacha20poly1305.NonceSizeX {
		return nil, fmt.Errorf("fetch %s %x: %w: %d bytes", kind, id, ErrMalformed, len(b))
	}
	secret, err := e.aead().Open(nil, b[:chacha20poly1305.NonceSizeX], b[chacha20poly1305.NonceSizeX:], bound(kind, id))
	if err != nil {
		return nil, fmt.Errorf("fetch %s %x: %w", kind, id, ErrAltered)
	}
	return secret, nil
}

// Delete destroys the secret id: it takes its name away, overwrites the file,
// and removes it, each step durable before the next. Afterwards no call of this
// package returns it. A secret that is not held is not an error: deletions are
// repeated after a crash.
//
// What it cannot promise: drives with wear levelling (all SSDs and flash
// cards), file systems that copy on write or keep a journal of data, snapshots and
// backups may keep the old bytes. Those are sealed under the station's storage
// key, so a thief of the medium needs station.keys as well; if that file was
// plain on the same medium, he has it. Only full-disk encryption whose key is
// destroyed does better.
func (e *Epochs) Delete(kind Kind, id []byte) error {
	path, err := e.path(kind, id)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	gone := path + goneSuffix
	err = e.w.disk.Rename(path, gone)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err = os.Lstat(gone); errors.Is(err, fs.ErrNotExist) {
			return nil
		} // else an earlier deletion got this far, and is finished now
	}
	if err == nil {
		err = e.w.disk.SyncDir(filepath.Dir(path))
	}
	if err == nil {
		err = e.w.destroy(gone)
	}
	if err != nil {
		return fmt.Errorf("destroy %s %x: %w", kind, id, err)
	}
	return nil
}

// List returns the ids held, sorted.
func (e *Epochs) List(kind Kind) ([][]byte, error) {
	if err := kind.check(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	entries, err := os.ReadDir(filepath.Join(e.dir, string(kind)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	var ids [][]byte
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), newSuffix) || strings.HasSuffix(entry.Name(), goneSuffix) {
			continue
		}
		id, err := hex.DecodeString(entry.Name())
		if err != nil || len(id) == 0 || len(id) > MaxID || hex.EncodeToString(id) != entry.Name() {
			return nil, fmt.Errorf("list %s: %q is not a file of this store: move it away", kind, entry.Name())
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// sweep finishes the deletions and drops the half-written files of a crash.
func (e *Epochs) sweep(kind Kind) error {
	dir := filepath.Join(e.dir, string(kind))
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), newSuffix) || strings.HasSuffix(entry.Name(), goneSuffix) {
			if err := e.w.destroy(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// destroy overwrites a file in place and removes it.
func (w workshop) destroy(path string) error {
	f, err := w.disk.OpenWrite(path)
	if err != nil {
		return err
	}
	size := MaxSecret + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	if info, err := os.Stat(path); err == nil {
		size = int(min(info.Size(), int64(size)))
	}
	_, err = f.Write(make([]byte, size))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := w.disk.Remove(path); err != nil {
		return err
	}
	return w.disk.SyncDir(filepath.Dir(path))
}

// bound is the associated data of a secret's file: it opens as this kind and id
// only. No kind is the beginning of another.
func bound(kind Kind, id []byte) []byte { return append([]byte(kind+"\x00"), id...) }

func (k Kind) check() error {
	if k != Epoch && k != Prekey {
		return fmt.Errorf("kind of secret %.20q: neither %s nor %s", string(k), Epoch, Prekey)
	}
	return nil
}

func (e *Epochs) path(kind Kind, id []byte) (string, error) {
	if err := kind.check(); err != nil {
		return "", err
	}
	if len(id) == 0 || len(id) > MaxID {
		return "", fmt.Errorf("%s: an id of %d bytes, not 1 to %d", kind, len(id), MaxID)
	}
	return filepath.Join(e.dir, string(kind), hex.EncodeToString(id)), nil
}
