package journal

import (
	"fmt"
	"sync"
)

// Health is what the watch should know about the disk.
type Health struct {
	// Stopped is the error after which the journal refuses to write until it
	// is reopened, or nil.
	Stopped error
	// Checkpoint is the error of the latest move of the log into the file, or
	// nil. Commits stay durable meanwhile, in a log that grows.
	Checkpoint error
	// Log is the length in bytes of the database's log: what a start after a
	// crash reads. It stays near 8 MiB unless a View is kept open.
	Log int64
	// Reserved is the number of bytes held for urgent commits on a full disk.
	// It is below what Options.Reserve asked for when the disk is, or was, full.
	Reserved int64
}

// health is Health while it changes.
type health struct {
	mu  sync.Mutex
	now Health
}

// Health returns the present state.
func (j *Journal) Health() Health {
	j.health.mu.Lock()
	defer j.health.mu.Unlock()
	return j.health.now
}

func (h *health) stop(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.Stopped == nil {
		h.now.Stopped = fmt.Errorf("%w: %w", ErrStopped, err)
	}
}

func (h *health) stopped() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now.Stopped
}

func (h *health) checkpoint(frames int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now.Checkpoint = err
	if err == nil {
		h.now.Log = frames * frameBytes
	}
}

func (h *health) reserved(n int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now.Reserved = n
}
