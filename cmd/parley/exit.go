package main

import (
	"errors"
	"strings"

	"parley/audit"
	"parley/internal/api"
	"parley/internal/backup"
	"parley/internal/home"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/plain"
	"parley/release"
	"parley/roster"
)

// The exit codes.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2 // the command makes no sense as it was given
	exitRefused    = 3 // a rule forbids it: quorum, desk, words, …
	exitNotRunning = 4 // no station answers
	exitPassphrase = 5 // the passphrase opens nothing
)

// usageError is wrapped by what is wrong with a command as it was given.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// hinted adds what to do to an error.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// verdicts is the one place where errors become exit codes and hints; the
// first that fits counts.
var verdicts = []struct {
	is   error
	code int
	hint string
}{
	{backup.ErrKey, exitPassphrase, "name its private key with --identity, or type its passphrase as it was typed when it was made; nobody can recover it"},
	{backup.ErrDamaged, exitFailed, "take another backup: this one cannot be restored"},
	{backup.ErrNewer, exitFailed, "run the newer parley that made it"},
	{backup.ErrNoBackup, exitFailed, "name the file that parley backup wrote"},
	{backup.ErrNotOurs, exitFailed, "take another backup: this one cannot be restored"},
	{backup.ErrTaken, exitRefused, "name another folder with --home, or move that one away"},
	{backup.ErrBusy, exitRefused, "wait for it"},
	{backup.ErrRoom, exitFailed, "make room, or name another disk"},
	{backup.ErrUnsteady, exitFailed, ""},
	{keyring.ErrPassphrase, exitPassphrase, "type it as it was typed when the key was made; nobody can recover it"},
	{keyring.ErrShared, exitRefused, "two approvals must take two people: choose another passphrase"},
	{keyring.ErrExists, exitRefused, "if a command that was cut short left that file, and nobody uses the key, remove it"},
	{keyring.ErrNotFound, exitFailed, "parley officer list shows the officers; a root key that was moved away is named with --root-key"},
	{keyring.ErrProtection, exitRefused, "station-secret in parley.toml and the key file disagree: find out who changed which (docs/keys.md)"},
	{api.ErrNotRunning, exitNotRunning, "start it with: parley serve"},
	{home.ErrNoHome, exitFailed, "parley init --party NAME makes one"},
	{home.ErrHomeExists, exitRefused, "name another folder with --home"},
	{home.ErrBusy, exitRefused, ""},
	{home.ErrNoLine, exitFailed, "parley line list shows the lines"},
	{home.ErrNothing, exitRefused, "parley line list shows the next step of each line"},
	{home.ErrWords, exitRefused, "do not use this line before both sides read the same twelve words"},
	{home.ErrStep, exitRefused, "parley line list shows the next step of each line"},
	{home.ErrRestored, exitRefused, "see “A restored journal” in docs/operations.md; nothing was signed"},
	{home.ErrRoot, exitRefused, "parley line show has every root key and where it ended"},
	{home.ErrKeys, exitRefused, "docs/keys.md"},
	{home.ErrConfig, exitFailed, "docs/operations.md lists every setting"},
	{journal.ErrBusy, exitRefused, "another parley serve has this folder: stop it first"},
	{journal.ErrNewer, exitRefused, "run the newer parley that wrote it"},
	{release.ErrQuorum, exitRefused, ""},
	{errOtherLine, exitRefused, "stop the station, and find out who else uses its folder"},
	{roster.ErrQuorum, exitRefused, "parley officer add makes another officer; the card of an invite that was made stays as it is"},
	{roster.ErrSignature, exitRefused, "the file was changed on its way: have it sent again, and compare the words"},
	{roster.ErrInvite, exitRefused, "the two files are not of one ceremony"},
	{roster.ErrParty, exitRefused, ""},
	{roster.ErrKey, exitRefused, ""},
	{roster.ErrDeniable, exitRefused, ""},
	{home.ErrAttributable, exitRefused, "leave --deniable out, or agree on another line: parley line invite --evidence"},
	{errContradict, exitRefused, ""},
	{audit.ErrOtherLine, exitRefused, "a transcript names its line in its second row"},
	{roster.ErrMalformed, exitRefused, "take the file as the other side's parley wrote it"},
}

// judge returns the exit code of an error, and what to do about it.
func judge(err error) (code int, hint string) {
	code = exitFailed
	var usage usageError
	var answer *api.Error
	switch {
	case errors.As(err, &usage):
		code, hint = exitUsage, "parley help, or --help after a command, shows how it is written"
	case errors.As(err, &answer):
		hint = answer.Hint
		switch answer.Code {
		case api.CodeRequest:
			code = exitUsage
		case api.CodeRefused:
			code = exitRefused
		case api.CodeStopped:
			code = exitNotRunning
		}
	default:
		for _, v := range verdicts {
			if errors.Is(err, v.is) {
				code, hint = v.code, v.hint
				break
			}
		}
	}
	var own hinted
	if errors.As(err, &own) {
		hint = own.hint
	}
	return code, hint
}

// oneLine returns an error as a line of the program's own.
func oneLine(err error) string {
	return plain.Line(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
}
