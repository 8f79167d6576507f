package station

// ErrCrashed is what a line ends with when CrashWhen's function said so.
var ErrCrashed = errCrashed

// CrashWhen lets f decide, after every commit of the line, whether to crash
// before anything follows from it. It must be called before Run.
func (l *Line) CrashWhen(f func() bool) { l.crashes = f }
