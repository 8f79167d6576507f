package journal

import (
	"sync"
	"sync/atomic"
)

// task is one closure on its way through the committer.
type task struct {
	fn     func(*Tx) error
	done   func(error)
	urgent bool
	begun  atomic.Bool // by the committer, or by a caller who gave up
	err    error       // the committer's, until done is called
}

// claim reports whether the caller is the first to claim the task: either the
// committer takes it up, or who asked for it withdraws it.
func (t *task) claim() bool { return t.begun.CompareAndSwap(false, true) }

// queue holds what waits for the committer, in order. It has no bound of its
// own, so that a done function may submit again without waiting for itself;
// callers bound what they have under way.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	tasks  []*task
	closed bool
}

func (q *queue) init() { q.filled.L = &q.mu }

// add reports whether t was queued; after close it is not.
func (q *queue) add(t *task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.tasks = append(q.tasks, t)
	q.filled.Signal()
	return true
}

// take waits for tasks, claims at most limit of them and appends them to
// batch; it returns false when the queue is closed and empty.
func (q *queue) take(batch []*task, limit int) ([]*task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		taken := 0
		for _, t := range q.tasks {
			if len(batch) == limit {
				break
			}
			taken++
			if t.claim() {
				batch = append(batch, t)
			}
		}
		rest := copy(q.tasks, q.tasks[taken:])
		clear(q.tasks[rest:])
		q.tasks = q.tasks[:rest]
		if len(batch) > 0 {
			return batch, true
		}
		if q.closed {
			return nil, false
		}
		q.filled.Wait()
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Signal()
}
