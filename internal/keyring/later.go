package keyring

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// LaterDir is the folder below a keyring's with the station, receipt and log keys that
// came in the place of those of StationFile: station-2.key, receipt-2.key, …
const LaterDir = "later"

// Later is a station, receipt or log key that was made after those of StationFile.
type Later struct {
	signer
	// Role is "station", "receipt" or "log".
	Role string
	n    int
}

// Key returns the public half.
func (l Later) Key() ed25519.PublicKey { return l.public() }

func (l Later) name() string { return fmt.Sprintf("%s-%d", l.Role, l.n) }

func laterPath(dir, name string) string { return filepath.Join(dir, LaterDir, name+keySuffix) }

// CreateLater makes another key of a role in dir/later, protected as the station's
// keys are and durable before it returns; later are those that there are. Errors:
// ErrProtection, or what the disk said.
func CreateLater(dir, role string, protect Protection, later []Later) (Later, error) {
	return onDisk().createLater(dir, role, protect, later)
}

// UnlockLater opens the keys of dir/later, those of a role in the order in which
// they were made, with nobody present; none if none was made. What a crash left of
// one that was being made or destroyed, there or in StationFile, it destroys. Errors
// are those of UnlockStation.
func UnlockLater(dir string, protect Protection) ([]Later, error) {
	return onDisk().unlockLater(dir, protect)
}

// DestroyLater destroys the private half of a key of dir/later, as Epochs.Delete
// does a secret and with the same reservation. One that is gone is no error.
func DestroyLater(dir string, l Later) error { return onDisk().destroyLater(dir, l) }

// Supersede destroys the private half of the station, receipt or log key that StationFile
// holds: another, which no roster has, comes in its place. After any failure the
// file holds the old key or the new one.
func Supersede(dir, role string, protect Protection) error {
	return onDisk().supersede(dir, role, protect)
}

// laterRoles are the roles that Later may have.
var laterRoles = [...]string{roleLog, roleReceipt, roleStation}

func (w workshop) createLater(dir, role string, protect Protection, later []Later) (Later, error) {
	if !slices.Contains(laterRoles[:], role) {
		return Later{}, fmt.Errorf("create a key of role %q: only station, receipt and log keys are kept in %s", role, LaterDir)
	}
	l := Later{Role: role, n: 2}
	for _, k := range later {
		if k.Role == role {
			l.n = max(l.n, k.n+1)
		}
	}
	path := laterPath(dir, l.name())
	fail := func(err error) (Later, error) { return Later{}, fmt.Errorf("create %s: %w", path, err) }
	c, err := w.unattended(protect)
	if err != nil {
		return fail(err)
	}
	seed, public, err := newSeeds(1)
	if err != nil {
		return fail(err)
	}
	k, err := lock(role, l.name(), c, protect.secret, public, seed)
	if err != nil {
		return fail(err)
	}
	if err := w.createFile(path, k.append(nil)); err != nil {
		return fail(err)
	}
	l.signer = newSigner(seed)
	return l, nil
}

func (w workshop) unlockLater(dir string, protect Protection) (out []Later, err error) {
	if err := errors.Join(w.sweep(dir, StationFile+"."), w.sweep(filepath.Join(dir, LaterDir), "")); err != nil {
		return nil, err
	}
	files, err := os.ReadDir(filepath.Join(dir, LaterDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look into %s: %w", LaterDir, err)
	}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), keySuffix)
		role, number, _ := strings.Cut(name, "-")
		n, err := strconv.Atoi(number)
		l := Later{Role: role, n: n}
		if !ok || err != nil || n < 2 || l.name() != name || !slices.Contains(laterRoles[:], role) {
			continue // not of ours
		}
		if l.signer, err = w.unlockLaterOne(laterPath(dir, name), l, protect); err != nil {
			return nil, fmt.Errorf("unlock %s: %w", laterPath(dir, name), err)
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Later) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.n, b.n)) })
	return out, nil
}

func (w workshop) unlockLaterOne(path string, l Later, protect Protection) (signer, error) {
	k, seed, err := w.openUnattended(path, l.Role, l.name(), protect)
	if err != nil {
		return signer{}, err
	}
	s, err := signersOf(seed, k.public, 1)
	if err != nil {
		return signer{}, err
	}
	return s[0], nil
}

func (w workshop) destroyLater(dir string, l Later) error {
	path := laterPath(dir, l.name())
	err := w.disk.Rename(path, path+goneSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path + goneSuffix); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		err = nil
	}
	if err == nil {
		err = errors.Join(w.disk.SyncDir(filepath.Dir(path)), w.destroy(path+goneSuffix))
	}
	if err != nil {
		return fmt.Errorf("destroy %s: %w", path, err)
	}
	return nil
}

func (w workshop) supersede(dir, role string, protect Protection) error {
	path := filepath.Join(dir, StationFile)
	fail := func(err error) error { return fmt.Errorf("destroy the %s key in %s: %w", role, path, err) }
	at, ok := map[string]int{roleLog: 0, roleStation: 1, roleReceipt: 2}[role] // as Station.signers are
	if !ok {
		return fail(errors.New("it is not one that becomes another"))
	}
	k, seeds, err := w.openUnattended(path, roleStation, roleStation, protect)
	if err != nil {
		return fail(err)
	}
	if _, err := stationOf(seeds, k.public); err != nil {
		return fail(err)
	}
	seed, public, err := newSeeds(1)
	if err != nil {
		return fail(err)
	}
	copy(seeds[at*seedSize:], seed)
	copy(k.public[at*seedSize:], public)
	sealed, err := lock(roleStation, roleStation, k.cost, protect.secret, k.public, seeds)
	if err == nil {
		err = w.replaceFile(path, sealed.append(nil))
	}
	if err != nil {
		return fail(err)
	}
	return nil
}
