package station_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"parley"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/transcript"
	"parley/wire"
)

// An entry that cannot be believed is stored, cosigned and refused by name,
// and the good one after it is delivered (R8, R9).
func TestUnbelievableEntries(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	a, b, c := f.Officer("a"), f.Officer("b"), f.Officer("c")
	_, northern := w.Line.North.Officer(t, "north a")
	with := func(change func(*wire.Content)) wire.Content {
		content := w.South.Content(parley.Routine, "text")
		change(&content)
		return content
	}
	twice := w.South.Content(parley.Routine, "said twice")
	cases := []struct {
		name, reason string
		signed       []byte
	}{
		{"garbage", "malformed", []byte("no COSE at all")},
		{"content that is none", "malformed", f.SignedBytes([]byte{0xa1, 0x01, 0x02}, a)},
		{"our officer's key for their desk", "officer", f.Signed(with(func(*wire.Content) {}), northern)},
		{"their officer as our desk", "desk", f.Signed(with(func(c *wire.Content) { c.From = "north/duty" }), a)},
		{"an officer of another desk", "desk", f.Signed(with(func(c *wire.Content) { c.From = "south/chief" }), a)},
		{"addressed to themselves", "address", f.Signed(with(func(c *wire.Content) { c.To = []parley.Desk{"south/duty"} }), a)},
		{"another line", "line", f.Signed(with(func(c *wire.Content) { c.Line[0] ^= 1 }), a)},
		{"a flash of one officer", "quorum", f.Signed(with(func(c *wire.Content) { c.Precedence = parley.Flash }), a)},
		{"a routine of two officers", "quorum", f.Signed(with(func(*wire.Content) {}), a, b)},
		{"an altered signature", "signature", alteredSignature(t, f.Signed(with(func(*wire.Content) {}), c))},
		{"said once", "", f.Signed(twice, a)},
		{"said again", "sent before", f.Signed(twice, a)},
		{"hostile text", "text", f.SignedBytes(hostileText(t, w.South.Content(parley.Routine, "abcdef")), a)},
	}
	for _, c := range cases {
		f.Send(f.Frame(f.Entry(c.signed), f.Checkpoint()))
	}
	f.Send(f.Frame(f.Good("good"), f.Checkpoint()))
	w.North.Await("the good message", arrived(f.Number))
	got, err := w.North.Line.Messages(station.Filter{Theirs: true})
	if err != nil || len(got) != len(cases)+1 {
		t.Fatalf("north holds %d messages, %v; want %d", len(got), err, len(cases)+1)
	}
	for i, c := range cases {
		m := got[i]
		if m.Believed != (c.reason == "") {
			t.Errorf("%s: believed %v", c.name, m.Believed)
		}
		if !bytes.Contains([]byte(m.Refusal), []byte(c.reason)) {
			t.Errorf("%s: refused because %q, want %q in it", c.name, m.Refusal, c.reason)
		}
		if !m.Believed && m.Content.Body != "" {
			t.Errorf("%s: its text is shown", c.name)
		}
		if !m.Receipts.Cosigned {
			t.Errorf("%s: not cosigned", c.name)
		}
	}
	if last := got[len(got)-1]; !last.Believed || last.Content.Body != "good" {
		t.Errorf("the good message is %+v", last)
	}
	file, err := w.North.Line.Export()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := transcript.ParseFile(file)
	if err != nil || len(parsed.Logs[1].Refusals) != len(cases)-1 {
		t.Errorf("the transcript shows %d refusals, %v; want %d", len(parsed.Logs[1].Refusals), err, len(cases)-1)
	}
}

func arrived(n uint64) func(station.Event) bool {
	return func(e station.Event) bool { return e.Kind == station.EventArrived && e.Ref.Number == n }
}

func alteredSignature(t *testing.T, signed []byte) []byte {
	t.Helper()
	s, err := wire.ParseSigned(signed)
	if err != nil {
		t.Fatal(err)
	}
	s.Signatures[0].Sig[7] ^= 1
	b, err := wire.AppendSigned(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hostileText replaces the body by one that Parley would not have written: a
// bidirectional override of the same length.
func hostileText(t *testing.T, c wire.Content) []byte {
	t.Helper()
	b, err := wire.AppendContent(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(b, []byte("abcdef"), []byte("\u202e"+"abc"), 1)
}

// Frames that are none cost nothing but a line in the count of refused frames,
// first in the queue or between good ones (R9).
func TestPoisonFrames(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	good := f.Frame(f.Good("good"), f.Checkpoint())
	poison := [][]byte{{0}, []byte("GET / HTTP/1.1\r\n\r\n"), bytes.Repeat([]byte{0x9b}, 65536), good[:len(good)/2], good[:1]}
	for i := range 32 {
		p := bytes.Clone(good)
		p[i*len(p)/32] ^= 0x40
		poison = append(poison, p)
	}
	for _, p := range poison {
		f.Send(p)
	}
	f.Send(good)
	w.North.Await("the good message", arrived(1))
	if got := w.North.Received(); !slices.Equal(got, []string{"good"}) {
		t.Errorf("north received %q", got)
	}
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.RefusedFrames() < uint64(len(poison)) {
		t.Errorf("%d frames are counted as refused, %v; want at least %d", st.RefusedFrames(), err, len(poison))
	}
}

// A copy of an old frame, and a thousand of them, change nothing.
func TestReplayedFrames(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	frame := f.Frame(f.Good("once"), f.Checkpoint())
	for range 1000 {
		f.Send(frame)
	}
	f.Send(f.Frame(f.Good("after"), f.Checkpoint()))
	w.North.Await("the message after the replays", arrived(2))
	if got := w.North.Received(); !slices.Equal(got, []string{"once", "after"}) {
		t.Errorf("north received %q", got)
	}
}

// A log that is signed twice in two ways is not cosigned any more, and both
// signatures are kept as a proof that a third person can check.
func TestForkIsProved(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	f.Send(f.Frame(f.Good("one"), f.Checkpoint()))
	w.North.Await("the first", arrived(1))
	f.Send(f.Frame(f.CheckpointOf(1, parley.Hash{1, 2, 3})))
	w.North.Await("the alarm", func(e station.Event) bool { return e.Kind == station.EventAlarm })
	for i := range 100 { // one proof is enough, and a hundred are no burden
		f.Send(f.Frame(f.CheckpointOf(1, parley.Hash{4, byte(i)})))
	}
	f.Send(f.Frame(f.Good("two"), f.Checkpoint()))
	w.North.Await("the second", arrived(2))
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Halted == "" || st.Theirs.Cosigned != 1 || st.Theirs.Size != 2 {
		t.Errorf("their log: %+v, %v; want it halted, 1 cosigned and 2 held", st.Theirs, err)
	}
	forks, err := w.North.Journal.Forks(w.Line.Roster.Line)
	if err != nil || len(forks) < 1 || len(forks) > 16 {
		t.Fatalf("%d forks kept, %v; want some, and no more than 16", len(forks), err)
	}
	fork, err := transcript.ParseFork(forks[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := transcript.CheckFork(fork.A, fork.B, w.Line.Roster); err != nil {
		t.Errorf("the proof does not convince: %v", err)
	}
	if told, err := w.North.Line.Forks(); err != nil || len(told) != len(forks) || told[0].Party != "south" || !bytes.Equal(told[0].Text, forks[0].Bytes) {
		t.Errorf("the line hands out %+v, %v", told, err)
	}
}

// What came before what it follows is held, told as ahead, and in order once
// the gap is closed.
func TestAheadOfAGap(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	var parts []wire.Part
	for i := range 6 {
		parts = append(parts, f.Good(fmt.Sprint(i)))
	}
	for _, i := range []int{5, 3, 4} {
		f.Send(f.Frame(parts[i]))
		w.North.Await("an entry ahead", arrived(uint64(i+1)))
	}
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Size != 0 || st.Theirs.Ahead != 3 {
		t.Errorf("their log: %+v, %v; want three ahead of nothing", st.Theirs, err)
	}
	w.North.Stop()
	w.North.Start()
	f.Send(f.Frame(parts[2], parts[0], parts[1], f.Checkpoint()))
	w.North.Await("the first", arrived(1))
	st, err = w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Size != 6 || st.Theirs.Ahead != 0 || st.Theirs.Cosigned != 6 {
		t.Errorf("their log: %+v, %v; want all six, cosigned", st.Theirs, err)
	}
}

// A copy of what was held ahead of a gap, behind what closes the gap in the same
// turn, is a copy, and costs neither the frame nor what is released with it.
func TestCopyOfWhatWasAhead(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	first, second, third := f.Good("one"), f.Good("two"), f.Good("three")
	f.Send(f.Frame(second))
	w.North.Await("an entry ahead", arrived(2))
	f.Send(f.Frame(first, second, third, f.Checkpoint()))
	w.North.Await("the first, or an alarm", func(e station.Event) bool { return arrived(1)(e) || e.Kind == station.EventAlarm })
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Size != 3 || st.Theirs.Ahead != 0 || st.Theirs.Cosigned != 3 {
		t.Errorf("their log: %+v, %v; want all three, cosigned", st.Theirs, err)
	}
}

// A frame that cannot be stored, for whatever reason, costs itself: what comes
// with it in the same turn is stored.
func TestFrameThatCannotBeStored(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	first, second, third := f.Good("one"), f.Good("two"), f.Good("three")
	taken := journal.Record{Log: f.Side.Log, Number: 2, Entry: []byte("in the way"), State: journal.Held}
	if err := w.North.Journal.Commit(t.Context(), func(tx *journal.Tx) error { return tx.Append(taken) }); err != nil {
		t.Fatal(err)
	}
	f.Send(f.Frame(first, second, third))
	f.Send(f.Frame(second))
	f.Send(f.Frame(first))
	f.Send(f.Frame(third, f.Checkpoint()))
	w.North.Await("the first", arrived(1))
	w.North.Await("the third", arrived(3))
	w.North.Await("the alarm", func(e station.Event) bool { return e.Kind == station.EventAlarm })
}

// What officers released in the same turn as such a frame is not lost with it.
func TestReleaseBesideAFrameThatCannotBeStored(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	taken := journal.Record{Log: f.Side.Log, Number: 1, Entry: []byte("in the way"), State: journal.Held}
	if err := w.North.Journal.Commit(t.Context(), func(tx *journal.Tx) error { return tx.Append(taken) }); err != nil {
		t.Fatal(err)
	}
	frame, released := f.Frame(f.Good("one")), w.North.Released(w.North.Content(parley.Routine, "not lost"))
	resume := w.North.Line.Pause()
	f.Send(frame)
	w.North.Line.AwaitInputs(1)
	said := make(chan error, 1)
	go func() {
		_, err := w.North.Line.Release(context.Background(), released)
		said <- err
	}()
	w.North.Line.AwaitInputs(2)
	resume()
	if err := <-said; err != nil {
		t.Errorf("the release: %v", err)
	}
	w.North.Await("the alarm", func(e station.Event) bool { return e.Kind == station.EventAlarm })
}

// Once a log is halted, its entries are receipted one by one: the honest part
// of a side that was restored is told that its messages arrive.
func TestHaltedLogIsReceiptedSingly(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	f.Send(f.Frame(f.Good("one"), f.Checkpoint()))
	w.North.Await("the first", arrived(1))
	f.Send(f.Frame(f.CheckpointOf(1, parley.Hash{9})))
	w.North.Await("the alarm", func(e station.Event) bool { return e.Kind == station.EventAlarm })
	f.Send(f.Frame(f.Good("two"), f.Checkpoint()))
	w.North.Await("the second", arrived(2))
	if _, err := w.North.Journal.Single(f.Side.Log, 2); err != nil {
		t.Errorf("no single receipt of an entry of a halted log: %v", err)
	}
}

// An entry that does not follow its predecessor stops the cosigning of their
// log, and nothing that we say, also after a restart.
func TestBrokenChain(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	first := f.Good("one")
	f.Head = parley.Hash{1, 2, 3}
	f.Send(f.Frame(first, f.Good("two"), f.Good("three")))
	w.North.Await("the alarm", of(station.EventAlarm))
	w.North.Await("the third", arrived(3))
	w.North.Stop()
	w.North.Start()
	n := w.North.Say(parley.Flash, "not silent")
	w.South.Start()
	w.North.Proved(n)
}
