package keyring

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
)

// Protection is how a station's keys are kept on disk, so that it can start with
// nobody present. The zero value is refused: the operator chooses.
type Protection struct {
	chosen bool
	secret Passphrase // without bytes: a plain file
}

// PlainFile keeps the station's keys in a file that only its mode protects: who
// copies the file is the station.
func PlainFile() Protection { return Protection{chosen: true} }

// SealedBy keeps the station's keys sealed under a secret that is not stored
// beside them, from Credential or PassphraseFile.
func SealedBy(secret Passphrase) Protection { return Protection{chosen: true, secret: secret} }

// Public is the public half of a station's keys, one for each role
// (DESIGN.md §4).
type Public struct {
	Log     ed25519.PublicKey // signs checkpoints
	Station ed25519.PublicKey // signs epoch openings, prekeys, line checks, refusals
	Receipt ed25519.PublicKey // signs cosignatures and single receipts
	Hop     ed25519.PublicKey // authenticates channels
}

// stationKeys is how many signing keys a station's file holds; the storage key
// follows them.
const stationKeys = 4

// Station holds a station's unlocked keys.
type Station struct {
	signers []signer
	storage hidden // seals the files of Epochs
}

// CreateStation makes the station's keys in dir/station.keys, durable before it
// returns, and never over existing ones. Errors: ErrExists, ErrProtection
// (none was chosen), or what the disk said.
func CreateStation(dir string, protect Protection) (Public, error) {
	return onDisk().createStation(dir, protect)
}

// UnlockStation opens the station's keys, with nobody present. Errors:
// ErrPassphrase, ErrProtection (the file is plain and a secret was configured,
// or the reverse), ErrWrongName, ErrExposed, ErrMalformed, ErrNotFound.
func UnlockStation(dir string, protect Protection) (*Station, error) {
	return onDisk().unlockStation(dir, protect)
}

// Log signs checkpoints.
func (s *Station) Log() crypto.Signer { return s.signers[0] }

// Station signs epoch openings, prekeys, line checks, refusals and closings.
func (s *Station) Station() crypto.Signer { return s.signers[1] }

// Receipt signs cosignatures and single receipts.
func (s *Station) Receipt() crypto.Signer { return s.signers[2] }

// Hop authenticates channels (TLS). The courier is given this one alone.
func (s *Station) Hop() crypto.Signer { return s.signers[3] }

// Public returns the public halves.
func (s *Station) Public() Public {
	return Public{
		Log: s.signers[0].public(), Station: s.signers[1].public(),
		Receipt: s.signers[2].public(), Hop: s.signers[3].public(),
	}
}

func (w workshop) createStation(dir string, protect Protection) (Public, error) {
	path := filepath.Join(dir, StationFile)
	fail := func(err error) (Public, error) { return Public{}, fmt.Errorf("create %s: %w", path, err) }
	c, err := w.unattended(protect)
	if err != nil {
		return fail(err)
	}
	seeds, public, err := newSeeds(stationKeys + 1)
	if err != nil {
		return fail(err)
	}
	// The last seed is the storage key: no signing key, so nothing public.
	public = public[:stationKeys*seedSize]
	k, err := lock(roleStation, roleStation, c, protect.secret, public, seeds)
	if err != nil {
		return fail(err)
	}
	if err := w.createFile(path, k.append(nil)); err != nil {
		return fail(err)
	}
	s, err := stationOf(seeds, public)
	if err != nil {
		return fail(err)
	}
	return s.Public(), nil
}

func (w workshop) unlockStation(dir string, protect Protection) (*Station, error) {
	path := filepath.Join(dir, StationFile)
	fail := func(err error) (*Station, error) { return nil, fmt.Errorf("unlock %s: %w", path, err) }
	k, seeds, err := w.openUnattended(path, roleStation, roleStation, protect)
	if err != nil {
		return fail(err)
	}
	s, err := stationOf(seeds, k.public)
	if err != nil {
		return fail(err)
	}
	return s, nil
}

// unattended returns what the derivation of a key costs that is to be opened with
// nobody present: nothing for a plain file. It refuses a protection that nobody
// chose and a secret that is too short.
func (w workshop) unattended(protect Protection) (cost, error) {
	switch {
	case !protect.chosen:
		return cost{}, fmt.Errorf("%w: choose a secret or, knowingly, a plain file", ErrProtection)
	case len(protect.secret.bytes()) == 0:
		return cost{}, nil
	}
	return w.cost, protect.secret.enough()
}

// openUnattended opens a key file that is protected as it says, with nobody present.
func (w workshop) openUnattended(path, role, name string, protect Protection) (k keyFile, secret []byte, err error) {
	if k, err = w.readKeyFile(path); err != nil {
		return k, nil, err
	}
	if err = protect.fits(k); err != nil {
		return k, nil, err
	}
	secret, err = k.unlock(role, name, protect.secret)
	return k, secret, err
}

// fits refuses a file that is protected in another way than was configured.
func (p Protection) fits(k keyFile) error {
	plain := k.cost == (cost{})
	switch secret := len(p.secret.bytes()) > 0; {
	case !p.chosen:
		return fmt.Errorf("%w: none was configured", ErrProtection)
	case plain && secret:
		return fmt.Errorf("%w: the file is plain and a secret is configured: was the file replaced?", ErrProtection)
	case !plain && !secret:
		return fmt.Errorf("%w: the file is sealed: configure its secret", ErrProtection)
	}
	return nil
}

func stationOf(seeds, public []byte) (*Station, error) {
	if len(seeds) != (stationKeys+1)*seedSize {
		return nil, errors.New("not the keys of a station")
	}
	signers, err := signersOf(seeds[:stationKeys*seedSize], public, stationKeys)
	if err != nil {
		return nil, err
	}
	return &Station{signers: signers, storage: hide(seeds[stationKeys*seedSize:])}, nil
}
