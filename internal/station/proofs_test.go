package station_test

import (
	"bytes"
	"testing"
	"time"

	"parley"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// A prekey that was made for another line opens no epoch of this one, and is
// not used up by trying.
func TestPrekeyOfAnotherLine(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	keys, _, err := station.NewPrekeys(w.North.Secrets, parley.LogID{9}, parley.TimeOf(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	f.NewEpochTo(keys[0])
	f.Send(f.Frame(f.Good("under another line's prekey")))
	f.Number, f.Head = 0, parley.Hash{} // it was never said
	f.NewEpoch()
	f.Send(f.Frame(f.Good("good")))
	w.North.Await("the good message", arrived(1))
	if got := w.North.Received(); len(got) != 1 || got[0] != "good" {
		t.Errorf("north received %q", got)
	}
	id := seal.PrekeyHash(keys[0])
	if _, err := w.North.Secrets.Get(keyring.Prekey, id[:]); err != nil {
		t.Errorf("the other line's prekey: %v", err)
	}
}

// The first single receipt of an entry stands. Copies of it, and others of the
// same entry, are told of to nobody and change nothing.
func TestSingleReceiptCountsOnce(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Flash, "one")
	ours, err := w.North.Journal.Record(w.Line.North.Log, 1)
	if err != nil {
		t.Fatal(err)
	}
	single := func(at parley.Time) wire.Part {
		b, err := receipt.Issue(wire.Receipt{Log: ours.Log, Number: 1, Leaf: ours.Leaf, Received: at, Size: 1}, f.Side.ReceiptKey)
		if err != nil {
			t.Fatal(err)
		}
		return wire.Part{Type: wire.PartReceipt, Bytes: b}
	}
	first := single(1000)
	f.Send(f.Frame(first, first, single(2000)))
	f.Send(f.Frame(first, single(3000)))
	f.Send(f.Frame(f.Good("after")))
	w.North.Await("the message after them", arrived(1))
	told := 0
	for _, e := range w.North.Events() {
		if e.Kind == station.EventSingle {
			told++
		}
	}
	held, err := w.North.Journal.Single(ours.Log, 1)
	if err != nil || told != 1 || !bytes.Equal(held, first.Bytes) {
		t.Errorf("told %d times, and the first one stands: %v, %v", told, bytes.Equal(held, first.Bytes), err)
	}
}

// A cosignature of a size of our log that is past, and signed by an earlier run,
// is compared with what the journal holds: the right one proves, and another
// history, which our log key signed elsewhere, halts.
func TestCosignatureOfAPastSize(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Routine, "one")
	w.North.Say(parley.Routine, "two")
	row, err := w.North.Journal.Log(w.Line.North.Log)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := transcript.OpenCheckpoint(row.Checkpoint, w.Line.Roster.Line, w.Line.North.Log, w.Line.North.Side.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	w.North.Say(parley.Routine, "three")
	w.North.Say(parley.Routine, "four")
	w.North.Stop()
	w.North.Start()
	cosigned := func(c transcript.Signed) wire.Part {
		b, err := receipt.Cosign(c, w.Line.Roster, "south", f.Side.ReceiptKey, parley.TimeOf(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		return wire.Part{Type: wire.PartCosigned, Bytes: b}
	}
	f.Send(f.Frame(cosigned(signed)))
	w.North.Proved(2)
	forged, err := transcript.SignCheckpoint(transcript.Checkpoint{
		Line: w.Line.Roster.Line, Log: w.Line.North.Log, Size: 3, Root: parley.Hash{9},
	}, w.Line.North.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	f.Send(f.Frame(cosigned(forged)))
	w.North.Await("the alarm", halted)
}

// Two checkpoints of one size that differ prove a fork at once, whether that
// size is still to come or long past.
func TestTwoCheckpointsOfOneSize(t *testing.T) {
	for name, size := range map[string]uint64{"to come": 7, "past": 1} {
		t.Run(name, func(t *testing.T) {
			w := stationtest.New(t, two)
			f := stationtest.NewFoe(w)
			f.Send(f.Frame(f.Good("one"), f.Checkpoint(), f.Good("two")))
			if size > f.Number {
				f.Send(f.Frame(f.CheckpointOf(size, parley.Hash{1})))
			}
			f.Send(f.Frame(f.CheckpointOf(size, parley.Hash{2})))
			w.North.Await("the alarm", of(station.EventAlarm))
			kept, err := w.North.Journal.Forks(w.Line.Roster.Line)
			if err != nil || len(kept) != 1 {
				t.Fatalf("%d proofs are kept, %v", len(kept), err)
			}
			fork, err := transcript.ParseFork(kept[0].Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if party, err := fork.Check(w.Line.Roster); err != nil || party != "south" {
				t.Errorf("the proof is against %q, %v", party, err)
			}
		})
	}
}

// An answer to a line check proves the channel on which it was asked only if it
// comes by that one.
func TestAnswerByAnotherChannel(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Await("channel one", func(e station.Event) bool {
		return e.Kind == station.EventChannel && e.Channel == "one" && e.Text == "up"
	})
	if err := w.North.Line.CheckNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	nonce := w.North.Line.Asked("one")
	answer := func(says string) []byte {
		b, err := receipt.IssueCheck(wire.Check{
			Line: w.Line.Roster.Line, From: "south", Nonce: [8]byte{1}, Answers: nonce,
			Time: parley.TimeOf(time.Now()), Channel: says, Roster: w.Line.Roster.Hash(),
		}, f.Side.StationKey)
		if err != nil {
			t.Fatal(err)
		}
		return f.Frame(wire.Part{Type: wire.PartCheck, Bytes: b})
	}
	for _, says := range []string{"one", "two"} {
		w.North.Inject("two", answer(says))
	}
	w.North.Inject("two", f.Frame(f.Good("after")))
	w.North.Await("the message after them", arrived(1))
	f.Send(answer("two"))
	f.Send(answer("one"))
	proved := w.North.Await("a proof", of(station.EventChecked))
	if got := refusedFrames(t, w.North); proved.Channel != "one" || got != 3 {
		t.Errorf("channel %s is proved, and %d answers were refused; want one, and 3", proved.Channel, got)
	}
	st, err := w.North.Line.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range st.Channels {
		if c.Proven() != (c.Name == "one") {
			t.Errorf("channel %s: proven %v", c.Name, c.Proven())
		}
	}
}
