package station_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/transcript"
	"parley/wire"
)

// What the other side claims of our log beyond what we wrote, or of another
// history of it, with all of its own keys, is refused, proves nothing, and does
// not stop us: only our own log key could.
func TestClaimsBeyond(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Routine, "one")
	line, log, now := w.Line.Roster.Line, w.Line.North.Log, parley.TimeOf(time.Now())
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	single := func(r wire.Receipt) wire.Part {
		r.Log, r.Received = log, now
		return wire.Part{Type: wire.PartReceipt, Bytes: must(receipt.Issue(r, f.Side.ReceiptKey))}
	}
	ours, err := w.North.Journal.Record(log, 1)
	if err != nil {
		t.Fatal(err)
	}
	// A checkpoint of north's log can be had from north only; the foe signs one
	// with its own log key under north's name, and cosigns that.
	forged, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: line, Log: log, Size: 9, Root: parley.Hash{9}}, f.Side.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]wire.Part{
		"a receipt of entry 9":             single(wire.Receipt{Number: 9, Leaf: parley.Hash{9}, Size: 1}),
		"a receipt that counts nine":       single(wire.Receipt{Number: 1, Leaf: ours.Leaf, Size: 9}),
		"a receipt of another entry 1":     single(wire.Receipt{Number: 1, Leaf: parley.Hash{9}, Size: 1}),
		"a report of nine":                 {Type: wire.PartReport, Bytes: must(wire.AppendReport(nil, wire.Report{Log: log, Size: 9}))},
		"a report on another log":          {Type: wire.PartReport, Bytes: must(wire.AppendReport(nil, wire.Report{Log: parley.LogID{9}, Size: 1}))},
		"a checkpoint that is not ours":    {Type: wire.PartCosigned, Bytes: forged.Note()},
		"a refusal of an entry of no log":  {Type: wire.PartRefusal, Bytes: must(receipt.Refuse(wire.Refusal{Log: parley.LogID{9}, Number: 1, Reason: wire.ReasonQuorum, Time: now}, f.Side.StationKey))},
		"a refusal of an entry 9 of ours":  {Type: wire.PartRefusal, Bytes: must(receipt.Refuse(wire.Refusal{Log: log, Number: 9, Reason: wire.ReasonQuorum, Time: now}, f.Side.StationKey))},
		"a refusal of another entry 1":     {Type: wire.PartRefusal, Bytes: must(receipt.Refuse(wire.Refusal{Log: log, Number: 1, Leaf: parley.Hash{9}, Reason: wire.ReasonQuorum, Time: now}, f.Side.StationKey))},
		"an entry of our own log, by them": f.Raw(must(wire.AppendEntry(nil, wire.Entry{Header: wire.Header{Version: 1, Log: log, Number: 2, Previous: ours.Leaf, Time: now}, Signed: []byte("x")}))),
	}
	for _, part := range claims {
		f.Send(f.Frame(part))
	}
	f.Number, f.Head = 0, parley.Hash{}
	f.Send(f.Frame(f.Good("good")))
	w.North.Await("the good message", arrived(1))
	refused, alarms := refusedFrames(t, w.North), 0
	for _, e := range w.North.Events() {
		switch e.Kind {
		case station.EventAlarm:
			alarms++
		case station.EventProved, station.EventSingle, station.EventDisputed:
			t.Errorf("a claim brought about %s %d: %s", e.Kind, e.Ref.Number, e.Text)
		}
	}
	if refused != len(claims) {
		t.Errorf("of %d claims %d were refused", len(claims), refused)
	}
	if alarms == 0 {
		t.Error("nobody was told that entries are answered that were never written")
	}
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Ours.Halted != "" || st.Ours.Cosigned != 0 {
		t.Errorf("our log after the claims: %+v, %v", st.Ours, err)
	}
	if n := w.North.Say(parley.Flash, "we go on"); n != 2 {
		t.Errorf("the next entry is %d", n)
	}
}

// A refusal that comes by several channels at once counts once: the other side
// sends those that we do not count.
func TestRefusalsAreCountedOnce(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Routine, "one")
	ours, err := w.North.Journal.Record(w.Line.North.Log, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := receipt.Refuse(wire.Refusal{
		Log: w.Line.North.Log, Number: 1, Leaf: ours.Leaf, Reason: wire.ReasonQuorum, Time: parley.TimeOf(time.Now()),
	}, f.Side.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	part := wire.Part{Type: wire.PartRefusal, Bytes: b}
	f.Send(f.Frame(part, part, f.Good("good")))
	f.Send(f.Frame(part))
	f.Send(f.Frame(f.Good("after")))
	w.North.Await("the message after it", arrived(2))
	told := 0
	for _, e := range w.North.Events() {
		if e.Kind == station.EventDisputed {
			told++
		}
	}
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Ours.Refusals != 1 || told != 1 {
		t.Errorf("%d refusals are counted and %d told, %v; want one", st.Ours.Refusals, told, err)
	}
}

// A hostile peer that acknowledges nothing, says of every frame that it cannot
// open it, and sends noise meanwhile, costs a bounded ring of refusals and no
// message: ours are numbered, and its next good one arrives.
func TestPeerThatAnswersNoise(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	const rounds = 64
	watched := w.North.Watch("one")
	w.North.Say(parley.Flash, "0")
	for len(watched()) == 0 {
		f.Receive()
	}
	for i := 1; i < rounds; i++ {
		w.North.Say(parley.Precedence(i%4+1), fmt.Sprint(i))
		sent := watched()
		frame := parsed(t, sent[len(sent)-1])
		unknown, err := wire.AppendUnknown(nil, wire.Unknown{Epochs: []parley.EpochID{frame.Epoch}})
		if err != nil {
			t.Fatal(err)
		}
		f.Send(f.Frame(wire.Part{Type: wire.PartUnknown, Bytes: unknown}))
		for k := range 8 {
			f.Send(slices.Repeat([]byte{byte(i), byte(k)}, 1+i*k))
		}
	}
	f.Send(f.Frame(f.Good("good")))
	w.North.Await("the good message", arrived(1))
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Ours.Size != rounds || st.Ours.Cosigned != 0 || st.RefusedFrames() < 8*(rounds-1) {
		t.Errorf("%+v, %v; want %d entries, none cosigned, %d frames refused", st, err, rounds, 8*(rounds-1))
	}
}

// Our log key in the hands of the other side is the one thing that stops our
// signing: it can show a history of ours that we did not write. We go on
// receiving, and what it shows is signed by it as well.
func TestOurLogKeyStolen(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Routine, "one")
	forged, err := transcript.SignCheckpoint(transcript.Checkpoint{
		Line: w.Line.Roster.Line, Log: w.Line.North.Log, Size: 9, Root: parley.Hash{9},
	}, w.Line.North.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := receipt.Cosign(forged, w.Line.Roster, "south", f.Side.ReceiptKey, parley.TimeOf(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	f.Send(f.Frame(wire.Part{Type: wire.PartCosigned, Bytes: shown}))
	w.North.Await("the alarm", halted)
	_, err = w.North.Line.Release(t.Context(), w.North.Released(w.North.Content(parley.Flash, "never")))
	if !errors.Is(err, station.ErrHalted) {
		t.Errorf("a release: %v, want ErrHalted", err)
	}
	f.Send(f.Frame(f.Good("still heard")))
	w.North.Await("what they say", arrived(1))
}
