package journal

import (
	"sync"
	"sync/atomic"
)

// task is one closure on its way into a transaction.
type task struct {
	fn     func(*Tx) error
	done   func(error)
	urgent bool
	begun  atomic.Bool // by who writes, or by a caller who gave up
	err    error       // of who writes, until done is called
	over   bool        // done is called; of who writes
}

// claim reports whether the caller is the first to claim the task: either who
// writes takes it up, or who asked for it withdraws it.
func (t *task) claim() bool { return t.begun.CompareAndSwap(false, true) }

// queue holds what waits to be written, in order. It has no bound of its
// own, so that a done function may submit again without waiting for itself;
// callers bound what they have under way.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	tasks  []*task
	woken  bool // there is something for the committer to look at
	closed bool
}

func (q *queue) init() { q.filled.L = &q.mu }

// add reports whether t was queued; after close it is not. Whoever does not
// take it out then wakes the committer.
func (q *queue) add(t *task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.tasks = append(q.tasks, t)
	return true
}

// wake has wait return: something is queued, or else to be done.
func (q *queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.woken = true
	q.filled.Signal()
}

// wait returns true when there is something to do for the committer, and false
// when the queue is closed and empty.
func (q *queue) wait() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.woken && !q.closed {
		q.filled.Wait()
	}
	q.woken = false
	return !q.closed || len(q.tasks) > 0
}

// take claims at most limit tasks and appends them to batch.
func (q *queue) take(batch []*task, limit int) []*task {
	q.mu.Lock()
	defer q.mu.Unlock()
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
	q.woken = q.woken || rest > 0
	if rest > 0 {
		q.filled.Signal()
	}
	return batch
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Signal()
}
