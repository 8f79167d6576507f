package journal

import (
	"context"
	"errors"
	"fmt"
)

// Commit runs fn in the next transaction, together with what else waits, and
// returns when that transaction is on the disk.
//
// An error of fn, or its panic, undoes what fn did and nothing else, and is
// returned. [ErrFull], [ErrStopped], [ErrClosed] and the error of ctx mean that
// nothing was written; [ErrUnknown] means that it may have been. ctx ends the
// waiting for a turn only: once fn is begun, Commit waits for the outcome.
//
// fn must use the Tx alone to read and write, and only until it returns. It
// runs where everybody's commits wait for it.
func (j *Journal) Commit(ctx context.Context, fn func(*Tx) error) error {
	return j.commit(ctx, fn, false)
}

// CommitUrgent is Commit for what must be written even when the disk is full:
// then the reserve is given up for it. In that case fn is run a second time,
// the first run having been undone.
func (j *Journal) CommitUrgent(ctx context.Context, fn func(*Tx) error) error {
	return j.commit(ctx, fn, true)
}

func (j *Journal) commit(ctx context.Context, fn func(*Tx) error, urgent bool) error {
	result := make(chan error, 1)
	t := &task{fn: fn, urgent: urgent, done: func(err error) { result <- err }}
	if !j.queue.add(t) {
		return fmt.Errorf("journal: commit: %w", ErrClosed)
	}
	// Who finds nobody writing writes: to hand one commit to another goroutine
	// and back costs a third of what the disk does.
	if j.writing.TryLock() {
		for !t.over {
			j.work()
		}
		j.writing.Unlock()
		return <-result
	}
	j.queue.wake()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		if t.claim() {
			return fmt.Errorf("journal: commit was not begun: %w", ctx.Err())
		}
		return <-result
	}
}

// committer writes what its callers left in the queue, since somebody else was
// writing, and moves the log into the file from time to time.
func (j *Journal) committer() {
	defer close(j.done)
	for j.queue.wait() {
		j.writing.Lock()
		j.work()
		if j.transactions >= checkEvery {
			j.transactions = 0
			j.checkpoint()
		}
		j.writing.Unlock()
	}
}

// checkEvery is after how many transactions the length of the log is looked at.
const checkEvery = 16

// work commits what is queued, as one transaction. Its caller holds j.writing.
func (j *Journal) work() {
	batch := j.queue.take(j.batch[:0], j.group)
	if len(batch) == 0 {
		return
	}
	j.settle(batch)
	for i, t := range batch {
		batch[i] = nil
		t.over = true
		t.done(t.err)
	}
	j.batch = batch
	if j.transactions++; j.transactions >= checkEvery {
		j.queue.wake()
	}
}

// settle brings every task of the batch to its outcome, in t.err.
func (j *Journal) settle(batch []*task) {
	if !j.reserve.ready() {
		// The reserve is given up: what room is left is for urgent tasks.
		batch = sift(batch, func(t *task) bool { return t.urgent }, fmt.Errorf("journal: commit: %w: kept for urgent traffic; free some room", ErrFull))
	}
	j.transact(batch)
	again := sift(batch, func(t *task) bool { return t.urgent && errors.Is(t.err, ErrFull) }, nil)
	if len(again) == 0 || !j.reserve.giveUp() {
		return
	}
	j.transact(again)
}

// sift returns the tasks that keep chooses; with a non-nil err the others fail with it.
func sift(batch []*task, keep func(*task) bool, err error) []*task {
	var kept []*task
	for _, t := range batch {
		switch {
		case keep(t):
			kept = append(kept, t)
		case err != nil:
			t.err = err
		}
	}
	return kept
}

// transact runs the batch as one transaction.
func (j *Journal) transact(batch []*task) {
	if len(batch) == 0 {
		return
	}
	for _, t := range batch {
		t.err = nil
	}
	if stopped := j.health.stopped(); stopped != nil {
		fail(batch, fmt.Errorf("journal: commit: %w", stopped))
		return
	}
	c := j.writer
	c.broken = nil
	if err := c.run(`BEGIN IMMEDIATE`); err != nil {
		fail(batch, notWritten(err))
		return
	}
	for _, t := range batch {
		// One that is alone has the transaction to undo.
		if len(batch) > 1 {
			t.err = attempt(c, t.fn)
		} else if t.err = guarded(t.fn, &Tx{View{c: c}}); t.err != nil && c.broken == nil {
			j.rollback()
			return
		}
		if c.broken != nil {
			t.err = nil
			j.rollback()
			fail(batch, notWritten(c.broken))
			return
		}
	}
	err := c.run(`COMMIT`)
	switch {
	case err == nil:
	case isFull(err):
		// SQLite reports FULL only when a frame could not be written to the
		// log, so the frame that would make the transaction count is not there.
		j.rollback()
		fail(batch, notWritten(err))
	default:
		j.rollback()
		j.health.stop(err)
		fail(batch, fmt.Errorf("journal: commit: %w: %w", ErrUnknown, err))
	}
}

func notWritten(err error) error {
	if isFull(err) {
		return fmt.Errorf("journal: commit: %w: %w", ErrFull, err)
	}
	return fmt.Errorf("journal: commit, nothing was written: %w", err)
}

// fail gives the batch's error to every task that has none of its own: what a
// closure failed with by itself is as true as before.
func fail(batch []*task, err error) {
	for _, t := range batch {
		if t.err == nil {
			t.err = err
		}
	}
}

// rollback ends the transaction, which SQLite may have ended already.
func (j *Journal) rollback() {
	if err := j.writer.script(`ROLLBACK`); err != nil && !isStatement(err) {
		j.health.stop(err)
	}
}

// attempt runs one closure so that its failure undoes its own work alone.
func attempt(c *conn, fn func(*Tx) error) error {
	if err := c.run(`SAVEPOINT closure`); err != nil {
		return err
	}
	err := guarded(fn, &Tx{View{c: c}})
	switch {
	case c.broken != nil: // the savepoint may be gone with its transaction
		return err
	case err != nil:
		return errors.Join(err, c.run(`ROLLBACK TO closure`), c.run(`RELEASE closure`))
	}
	return c.run(`RELEASE closure`)
}

// guarded turns a panic of fn into an error, since one closure never ends the
// others, and takes the connection back from a closure that keeps its Tx.
func guarded(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		tx.c = nil
		if v := recover(); v != nil {
			err = panicError(v)
		}
	}()
	return fn(tx)
}
