package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parley"
)

// Readers see whole transactions, and only those, while commits go on: each
// commit here adds one entry to both logs and says so in their sizes.
func TestReadersDuringCommits(t *testing.T) {
	j := withLogs(t, Options{Readers: 2, softFrames: 16})
	const rows = 200
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			var last uint64
			for {
				select {
				case <-done:
					return
				default:
				}
				size, err := consistent(j)
				if err != nil || size < last {
					t.Errorf("size %d after %d: %v", size, last, err)
					return
				}
				last = size
			}
		})
	}
	for n := uint64(1); n <= rows; n++ {
		commit(t, j, func(tx *Tx) error {
			for _, id := range []parley.LogID{northLog, southLog} {
				l, err := tx.Log(id)
				if err != nil {
					return err
				}
				l.Size = n
				if err := firstError(tx.Append(record(id, n)), tx.PutLog(l)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	close(done)
	readers.Wait()
	if err := j.Health().Checkpoint; err != nil {
		t.Error(err)
	}
}

func consistent(j *Journal) (size uint64, err error) {
	err = j.Read(func(v *View) error {
		north, err := v.Log(northLog)
		if err != nil {
			return err
		}
		south, err := v.Log(southLog)
		if err != nil {
			return err
		}
		if north.Size != south.Size {
			return fmt.Errorf("the logs are %d and %d long", north.Size, south.Size)
		}
		size = north.Size
		if size == 0 {
			return nil
		}
		if _, err := v.Record(southLog, size); err != nil {
			return err
		}
		_, err = v.Record(southLog, size+1)
		if !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("entry %d is seen before the size that counts it: %v", size+1, err)
		}
		return nil
	})
	return size, err
}

// A reader that keeps one state does not hold up commits, and the log of the
// database starts again when it is done.
func TestKeptView(t *testing.T) {
	j := withLogs(t, Options{softFrames: 4})
	err := j.Read(func(v *View) error {
		if _, err := v.Log(northLog); err != nil { // the state is taken by the first reading
			return err
		}
		for n := uint64(1); n <= 50; n++ {
			if err := j.Commit(context.Background(), func(tx *Tx) error { return tx.Append(record(northLog, n)) }); err != nil {
				return err
			}
		}
		_, err := v.Record(northLog, 1)
		if !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("a later commit is seen: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	kept := max(j.Health().Log, 50*frameBytes)
	for n := uint64(51); j.Health().Log >= kept/2; n++ {
		if n == 5000 {
			t.Fatalf("after %d more commits the log of the database is %d bytes long, and was %d", n-51, j.Health().Log, kept)
		}
		commit(t, j, func(tx *Tx) error { return tx.Append(record(northLog, n)) })
	}
}

// An iteration may commit, and its error ends it.
func TestEntriesMayCommit(t *testing.T) {
	j := withLogs(t, Options{})
	commit(t, j, func(tx *Tx) error { return appendMany(tx, northLog, 1, 150) })
	stop := errors.New("enough")
	seen := 0
	err := j.Entries(northLog, 11, 0, func(r Record) error {
		seen++
		if r.Number == 140 {
			return stop
		}
		r.State, r.Reason = Refused, 1
		return j.Commit(context.Background(), func(tx *Tx) error { return tx.Judge(r) })
	})
	if !errors.Is(err, stop) || seen != 130 {
		t.Errorf("seen %d, %v", seen, err)
	}
	refused, err := j.List(Filter{Line: testLine, State: Refused, Limit: maxList})
	if err != nil || len(refused) != 129 {
		t.Errorf("%d refused, %v", len(refused), err)
	}
	if _, err := j.List(Filter{Limit: maxList + 1}); !errors.Is(err, ErrLimit) {
		t.Errorf("a list without a bound: %v", err)
	}
}

func appendMany(tx *Tx, log parley.LogID, from, to uint64) error {
	for n := from; n <= to; n++ {
		if err := tx.Append(record(log, n)); err != nil {
			return err
		}
	}
	return nil
}

// What strangers send is counted, with the first and the last time, in a
// bounded number of counters.
func TestRefusedFramesAreBounded(t *testing.T) {
	j := withLogs(t, Options{})
	const pairs = 2 * frameCounts
	commit(t, j, func(tx *Tx) error {
		for i := range pairs {
			f := FrameCount{Line: testLine, Channel: fmt.Sprintf("channel %d", i), Reason: "malformed", First: parley.Time(i + 10), Last: parley.Time(i + 20), Count: 3}
			if err := tx.CountFrames(f); err != nil {
				return err
			}
		}
		return tx.CountFrames(FrameCount{Line: testLine, Channel: "channel 7", Reason: "malformed", First: 5, Last: 6, Count: 1})
	})
	counts, err := j.RefusedFrames(testLine)
	if err != nil {
		t.Fatal(err)
	}
	var sum uint64
	for _, c := range counts {
		sum += c.Count
		switch c.Channel {
		case "channel 7":
			if c.First != 5 || c.Last != 27 || c.Count != 4 {
				t.Errorf("counted %+v, want the first of both and the last", c)
			}
		case overflow:
			if c.First != frameCounts+10 || c.Last != pairs+19 {
				t.Errorf("the rest is counted as %+v", c)
			}
		}
	}
	if len(counts) != frameCounts+1 || sum != 3*pairs+1 {
		t.Errorf("%d counters of %d frames", len(counts), sum)
	}
}

// Flash is found without reading through what lies above it.
func TestFlashHasAnIndex(t *testing.T) {
	j := withLogs(t, Options{})
	for _, newest := range []bool{false, true} {
		sql, args := Filter{Line: testLine, Precedence: parley.Flash, Limit: 5, Newest: newest}.query()
		var plan string
		err := j.Read(func(v *View) error {
			return v.c.query(`EXPLAIN QUERY PLAN `+sql, func(r row) error { plan += r.text(3) + "; "; return nil }, args...)
		})
		if err != nil || !strings.Contains(plan, "entry_flash") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("newest=%v: the plan is %q, %v", newest, plan, err)
		}
	}
}
