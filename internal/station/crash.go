package station

import "errors"

// errCrashed ends a line as a power cut would: after a commit, before anything
// that follows from it.
var errCrashed = errors.New("crashed by a test")

// crashes tells, in tests, whether to crash after the commit just made. It is
// nil in a program.
type crashes func() bool

func (c crashes) now() error {
	if c != nil && c() {
		return errCrashed
	}
	return nil
}
