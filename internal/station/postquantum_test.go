package station_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"parley"
	"parley/audit"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// covered returns how much of its own log and of the other one a side knows to be
// cosigned by ML-DSA-44.
func covered(t *testing.T, s *stationtest.Side) [2]uint64 {
	t.Helper()
	st, err := s.Line.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if (st.Ours.PostQuantumAt == 0) != (st.Ours.PostQuantum == 0) || (st.Theirs.PostQuantumAt == 0) != (st.Theirs.PostQuantum == 0) {
		t.Errorf("since when it is covered does not fit: %+v, %+v", st.Ours, st.Theirs)
	}
	return [2]uint64{st.Ours.PostQuantum, st.Theirs.PostQuantum}
}

// exported audits what a side exports, and returns how much of north's log and of
// south's is cosigned by ML-DSA-44 there.
func exported(t *testing.T, w *stationtest.World, s *stationtest.Side) [2]uint64 {
	t.Helper()
	text, err := s.Line.Export()
	if err != nil {
		t.Fatal(err)
	}
	f, err := transcript.ParseFile(text)
	if err != nil {
		t.Fatal(err)
	}
	report := audit.Audit(f, w.Roster())
	if report.Wrong != nil {
		t.Fatal(report.Wrong)
	}
	return [2]uint64{report.Logs[0].PostQuantum, report.Logs[1].PostQuantum}
}

const everyCheck = time.Minute

// What both have said and receipted is cosigned by ML-DSA-44 with the next line
// checks, at both ends alike, and stays so through a restart.
func TestPostQuantum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.New(t, two, rostertest.PostQuantum(), rostertest.CheckEvery(everyCheck))
		time.Sleep(4 * everyCheck)
		sent := w.North.Watch("one")
		time.Sleep(10 * everyCheck)
		idle := longest(sent())
		w.North.Say(parley.Routine, "one")
		w.North.Proved(w.North.Say(parley.Routine, "two"))
		w.South.Proved(w.South.Say(parley.Routine, "heard"))
		time.Sleep(4 * everyCheck)
		if n, s := covered(t, w.North), covered(t, w.South); n != [2]uint64{2, 1} || s != [2]uint64{1, 2} {
			t.Errorf("north knows of %v, south of %v", n, s)
		}
		if n, s := exported(t, w, w.North), exported(t, w, w.South); n != [2]uint64{2, 1} || s != n {
			t.Errorf("north exports %v, south %v", n, s)
		}
		w.North.Stop()
		w.South.Stop()
		w.North.Start()
		w.South.Start()
		if n, s := covered(t, w.North), covered(t, w.South); n != [2]uint64{2, 1} || s != [2]uint64{1, 2} {
			t.Errorf("started again, north knows of %v, south of %v", n, s)
		}
		w.North.Proved(w.North.Say(parley.Routine, "three"))
		if n := covered(t, w.North); n[0] != 2 {
			t.Errorf("before a line check north knows of %v", n)
		}
		time.Sleep(4 * everyCheck)
		if n, s := exported(t, w, w.North), exported(t, w, w.South); n != [2]uint64{3, 1} || s != n {
			t.Errorf("north exports %v, south %v", n, s)
		}
		// When all is covered nothing more is made of it.
		before := len(sent())
		time.Sleep(10 * everyCheck)
		if n := longest(sent()[before:]); n > idle {
			t.Errorf("when all is covered north sends frames of %d bytes, and before anything was said of %d at most", n, idle)
		}
	})
}

func longest(frames [][]byte) (n int) {
	for _, f := range frames {
		n = max(n, len(f))
	}
	return n
}

// Both notes come through routes that lose half of what they are given.
func TestPostQuantumThroughLosses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.New(t, two, rostertest.PostQuantum(), rostertest.CheckEvery(everyCheck))
		for _, name := range two {
			w.SetWeather(name, stationtest.Weather{Loss: 0.5})
		}
		w.North.Proved(w.North.Say(parley.Routine, "one"))
		w.South.Proved(w.South.Say(parley.Routine, "heard"))
		for range 200 {
			time.Sleep(everyCheck)
			if covered(t, w.North) == [2]uint64{1, 1} && covered(t, w.South) == [2]uint64{1, 1} {
				return
			}
		}
		t.Errorf("after 200 line checks north knows of %v, south of %v", covered(t, w.North), covered(t, w.South))
	})
}

// Without a key of both, over narrow channels, and on a deniable line there are no
// such notes.
func TestNoPostQuantum(t *testing.T) {
	for _, tt := range []struct {
		name   string
		narrow bool
		with   []rostertest.Option
	}{
		{"one has no key", false, []rostertest.Option{rostertest.PostQuantum("north")}},
		{"neither has", false, nil},
		{"narrow", true, []rostertest.Option{rostertest.PostQuantum()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := stationtest.Prepare(t, two, append(tt.with, rostertest.CheckEvery(everyCheck))...)
				for _, s := range []*stationtest.Side{w.North, w.South} {
					s.Routes = func(routes []station.Route) []station.Route {
						for i := range routes {
							routes[i].Narrow = tt.narrow
						}
						return routes
					}
					s.Start()
				}
				w.North.Proved(w.North.Say(parley.Routine, "one"))
				time.Sleep(5 * everyCheck)
				if n, s := exported(t, w, w.North), exported(t, w, w.South); n != [2]uint64{} || s != n {
					t.Errorf("north exports %v, south %v", n, s)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.New(t, two, rostertest.PostQuantum(), rostertest.Evidence(roster.NonPapers), rostertest.CheckEvery(everyCheck))
		w.North.Proved(w.North.Say(parley.Routine, "one"))
		time.Sleep(5 * everyCheck)
		st, err := w.North.Aside.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if st.PostQuantum || covered(t, w.North) != [2]uint64{1, 0} {
			t.Errorf("on the deniable line: %v; on the attributable one it knows of %v", st.PostQuantum, covered(t, w.North))
		}
	})
}

// TestPostQuantumFoe: what is offered is cosigned only if it is by the keys of the
// roster, all that is held, and cosigned already; and what answers nothing is not
// taken.
func TestPostQuantumFoe(t *testing.T) {
	w := stationtest.New(t, []string{"one"}, rostertest.PostQuantum(), rostertest.CheckEvery(time.Hour))
	f := stationtest.NewFoe(w)
	h := roster.NewHistory(w.Roster())
	f.Send(f.Frame(f.Good("one"), f.Checkpoint()))
	w.North.Await("the entry", func(e station.Event) bool { return e.Kind == station.EventArrived })
	// heldTo is north's cosignature of so much.
	heldTo := func(size string) []byte {
		t.Helper()
		for end := time.Now().Add(time.Minute); time.Now().Before(end); {
			f.Send(f.Frame(f.Checkpoint()))
			text, err := w.North.Line.Export()
			if err != nil {
				t.Fatal(err)
			}
			file, err := transcript.ParseFile(text)
			if err != nil {
				t.Fatal(err)
			}
			if note := file.Logs[1].Cosigned; bytes.Contains(note, []byte("\n"+size+"\n")) {
				return note
			}
		}
		t.Fatalf("north does not cosign %s entries", size)
		return nil
	}
	cosigned := heldTo("1")
	offerBy := func(note []byte) []byte {
		b, err := receipt.OfferPQ(note, h, "south", f.Side.ReceiptPQKey, parley.TimeOf(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	good := offerBy(cosigned)
	bad := bytes.Clone(good)
	bad[len(bad)-100] ^= 3
	other := transcript.Checkpoint{Line: w.Roster().Line, Log: f.Side.Log, Size: 1, Root: parley.Hash{1}}
	signed, err := transcript.SignCheckpoint(other, f.Side.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := receipt.Cosign(signed, w.Roster(), "north", w.Line.North.ReceiptKey, parley.TimeOf(time.Now())) // by a stolen receipt key
	if err != nil {
		t.Fatal(err)
	}
	self, err := receipt.CosignPQ(good, h, "north", w.Line.North.ReceiptPQKey, parley.TimeOf(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []wire.Part{
		{Type: wire.PartOfferPQ, Bytes: bad},
		{Type: wire.PartOfferPQ, Bytes: offerBy(forged)},
		{Type: wire.PartOfferPQ, Bytes: cosigned},
		{Type: wire.PartOfferPQ, Bytes: []byte("nothing")},
		{Type: wire.PartCosignedPQ, Bytes: self},
		{Type: wire.PartCosignedPQ, Bytes: good},
		{Type: wire.PartCosignedPQ, Bytes: nil},
	} {
		f.Send(f.Frame(p))
	}
	f.Send(f.Frame(f.Good("two")))
	w.North.Await("another entry", func(e station.Event) bool { return e.Kind == station.EventArrived && e.Ref.Number == 2 })
	if n := covered(t, w.North); n != [2]uint64{} {
		t.Fatalf("north cosigned or took one of these: %v", n)
	}
	// An offer of less than is held by now is left alone, too; of all of it, answered.
	f.Send(f.Frame(wire.Part{Type: wire.PartOfferPQ, Bytes: good}, f.Good("three"), f.Checkpoint()))
	w.North.Await("a third entry", func(e station.Event) bool { return e.Kind == station.EventArrived && e.Ref.Number == 3 })
	if n := covered(t, w.North); n != [2]uint64{} {
		t.Fatalf("north cosigned less than it holds: %v", n)
	}
	f.Send(f.Frame(wire.Part{Type: wire.PartOfferPQ, Bytes: offerBy(heldTo("3"))}, f.Good("four")))
	f.Send(f.Frame(f.Good("five")))
	w.North.Await("a fifth entry", func(e station.Event) bool { return e.Kind == station.EventArrived && e.Ref.Number == 5 })
	if n := covered(t, w.North); n != [2]uint64{} {
		t.Fatalf("north cosigned what it holds more of: %v", n)
	}
	f.Send(f.Frame(wire.Part{Type: wire.PartOfferPQ, Bytes: offerBy(heldTo("5"))}))
	for end := time.Now().Add(time.Minute); covered(t, w.North) != [2]uint64{0, 5}; {
		if time.Now().After(end) {
			t.Fatalf("north did not cosign all that it holds: %v", covered(t, w.North))
		}
	}
}

// A restored station goes on with it: what it forgot, and what it says in its new
// generation, is cosigned by ML-DSA-44 again.
func TestPostQuantumRestored(t *testing.T) {
	w := stationtest.New(t, two, rostertest.PostQuantum())
	cover := func(want [2]uint64) {
		t.Helper()
		for end := time.Now().Add(time.Minute); covered(t, w.North) != want; {
			if time.Now().After(end) {
				t.Fatalf("north knows of %v, south of %v; want %v", covered(t, w.North), covered(t, w.South), want)
			}
			for _, s := range []*stationtest.Side{w.North, w.South} {
				if err := s.Line.CheckNow(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	w.North.Proved(w.North.Say(parley.Routine, "n1"))
	cover([2]uint64{1, 0})
	w.North.Stop()
	backup := w.North.Back()
	w.North.Start()
	w.North.Proved(w.North.Say(parley.Routine, "n2"))
	w.South.Proved(w.South.Say(parley.Routine, "s1"))
	cover([2]uint64{2, 1})
	w.North.Stop()
	w.North.Restored(backup)
	w.North.Forget()
	w.North.Start()
	w.North.Await("the whole log", noticed("whole again"))
	cover([2]uint64{2, 1})
	w.North.Proved(w.North.Say(parley.Routine, "n3"))
	cover([2]uint64{3, 1})
	if n, s := exported(t, w, w.North), exported(t, w, w.South); n != [2]uint64{3, 1} || s != n {
		t.Errorf("north exports %v, south %v", n, s)
	}
}

// Where no offer can be made people are told, and the line checks go on without.
func TestPostQuantumCannot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.Prepare(t, two, rostertest.PostQuantum(), rostertest.CheckEvery(everyCheck))
		w.Line.North.ReceiptPQKey = rostertest.New(t, rostertest.PostQuantum()).North.ReceiptPQKey // of another line
		w.North.Start()
		w.South.Start()
		w.North.Proved(w.North.Say(parley.Routine, "one"))
		w.North.Await("the alarm", alarmed("not offered to south for a cosignature by ML-DSA-44"))
		w.North.Forget()
		time.Sleep(5 * everyCheck)
		for _, name := range two {
			if c := channelOf(t, w.North, name); !c.Proven() || time.Since(c.Proof.At.Time()) > 3*everyCheck {
				t.Errorf("channel %s was proved last at %v", name, c.Proof.At.Time())
			}
		}
		for _, e := range w.North.Events() {
			if alarmed("ML-DSA")(e) {
				t.Errorf("told again within the hour: %s", e.Text)
			}
		}
	})
}
