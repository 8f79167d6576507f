// Package keyring is the only holder of private keys on disk: the root key, one
// file for each officer, the station's four keys, and the short-lived secrets
// of epochs and prekeys.
//
// It refuses key files that others can read or that are links, never
// overwrites a key, never opens one officer's file with another's passphrase,
// and never prints a secret. It hands out signers, not keys. It does not know
// what is signed, and it cannot keep a secret from whoever holds the unlocked
// machine. What each file holds and what its theft means is docs/keys.md; why
// the keys are apart is DESIGN.md §4.
package keyring

import "errors"

// Roles of the keys, as the roster writes them (spec/ROSTER.md §4).
const (
	roleRoot    = "root"
	roleOfficer = "officer"
	roleStation = "station" // of the file that holds all four of a station
	roleHop     = "hop"     // of a hop key that was made later
	roleReceipt = "receipt" // of a receipt key that was made later
	roleLog     = "log"     // of a log key that was made later

	roleDeniable  = "deniable"
	roleReceiptPQ = "receipt-pq"
)

// RootFile, StationFile and OfficerDir are the names below a keyring's folder.
// The root file may be moved away, and should be: UnlockRoot takes its path.
const (
	RootFile    = "root.key"
	StationFile = "station.keys"
	OfficerDir  = "officers"
)

// ErrPassphrase is returned when a file does not open: the passphrase or secret
// is another one, or the file was altered. The two cannot be told apart.
var ErrPassphrase = errors.New("wrong passphrase, or the file was altered")

// ErrWrongName is returned for a key file that was made for another name or role
// than it is asked for, as when it was renamed or copied over another's.
var ErrWrongName = errors.New("the file was made for another name")

// ErrExists is returned instead of overwriting a key.
var ErrExists = errors.New("already exists, and a key is never overwritten")

// ErrExposed is returned for a file of secrets that others can read or change,
// or that is a link or not a plain file.
var ErrExposed = errors.New("not private")

// ErrMalformed is returned for a file that is not written as this package
// writes it.
var ErrMalformed = errors.New("malformed")

// ErrProtection is returned when a station's file is protected otherwise than
// the caller says: a plain file where a secret was to be used, or the reverse.
var ErrProtection = errors.New("protected otherwise than configured")

// ErrShared is returned to an officer who chose a passphrase that opens another
// officer's file: one passphrase never opens two officers.
var ErrShared = errors.New("the passphrase already opens another officer's key")

// ErrAltered is returned for the file of an epoch or prekey secret that was
// altered, moved from another id, or sealed by another station.
var ErrAltered = errors.New("altered, or made for another id or station")

// ErrNotFound is returned for an epoch secret, prekey or key file that is not held.
var ErrNotFound = errors.New("not held")

// workshop is what every operation needs: a disk, and what a derivation costs.
// The exported functions use the operating system's disk and defaultCost; tests
// pass their own.
type workshop struct {
	disk disk
	cost cost
}

func onDisk() workshop { return workshop{disk: osDisk{}, cost: defaultCost} }
