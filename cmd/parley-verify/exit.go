package main

import "parley/roster"

// The exit codes are part of what is kept compatible (docs/verify.md).
const (
	exitProved   = 0 // everything in every file is proved
	exitUnproved = 1 // something is not: the first wrong thing is named
	exitUnread   = 2 // a wrong use, or a file that cannot be read: nothing is said of it
	exitDeniable = 3 // nothing is wrong, and it proves nothing to others: the line is deniable
)

// deniable reports whether the roster given is of a line on which each side can
// have written all of it (spec/DENIABLE.md §3).
func (t trust) deniable() bool { return t.roster != nil && t.roster.Terms.Evidence == roster.Deniable }

// exit is the code for files that were looked at: what nothing is wrong with is
// no proof on a deniable line.
func (t trust) exit(code, files int) int {
	if code == exitProved && files > 0 && t.deniable() {
		return exitDeniable
	}
	return code
}
