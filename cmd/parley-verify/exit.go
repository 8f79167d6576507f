package main

// The exit codes are part of what is kept compatible (docs/verify.md).
const (
	exitProved   = 0 // everything in every file is proved
	exitUnproved = 1 // something is not: the first wrong thing is named
	exitUnread   = 2 // a wrong use, or a file that cannot be read: nothing is said of it
)
