package link

import (
	"slices"
	"testing"

	"parley"
	"parley/wire"
)

func TestHeldIsNudgedAndNotRepeated(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(queued(1, 3, parley.Routine)).step(Reported{"a", wire.Report{Size: 3}})
	nudges := 0
	for range 20 {
		for _, f := range s.pass(1000).sends() {
			if len(f.Entries) > 0 {
				t.Fatalf("sent %+v, which the peer says it holds", f)
			}
			if f.Report && f.Checkpoint && f.Check == NoCheck {
				nudges++
			}
		}
	}
	if nudges < 2 || nudges > 6 {
		t.Errorf("%d nudges in 20 s without a proof, want a few, ever rarer", nudges)
	}
	s.step(Proved{3})
	for range 20 {
		for _, f := range s.pass(1000).sends() {
			if f.Checkpoint {
				t.Fatalf("sent %+v when all was proved", f)
			}
		}
	}
}

func TestFlashIsRepeatedUntilItsOwnReceipt(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(queued(1, 1, parley.Flash)).step(Reported{"a", wire.Report{Size: 1}})
	again := false
	for range 10 {
		for _, f := range s.pass(1000).sends() {
			again = again || len(f.Entries) > 0
		}
	}
	if !again {
		t.Error("a report was taken for the receipt of a Flash")
	}
	s.step(ProvedSingle{1})
	for range 10 {
		for _, f := range s.pass(1000).sends() {
			if len(f.Entries) > 0 {
				t.Fatalf("sent %+v after its receipt", f)
			}
		}
	}
}

// TestCommittedWhileLoading: the answer to a Load is complete only up to what there was when it was asked for.
func TestCommittedWhileLoading(t *testing.T) {
	s := begin(t, on(fastA), Start{Own: 2})
	s.step(EpochReady{parley.EpochID{1}}).step(Up{"a"})
	s.step(queued(3, 1, parley.Routine))
	s.step(Loaded{Precedence: parley.Routine, Entries: queued(1, 2, parley.Routine).Entries})
	if l := find[Load](s); len(l) != 1 || l[0].After != 2 {
		t.Fatalf("want 3 asked for: %+v", s.out)
	}
	s.step(Loaded{Precedence: parley.Routine, Entries: queued(3, 1, parley.Routine).Entries})
	if f := s.one(); !slices.Equal(f.Entries, []uint64{3}) {
		t.Errorf("sent %+v, want 3", f)
	}
	s.step(queued(4, 1, parley.Routine))
	if f := s.one(); !slices.Equal(f.Entries, []uint64{4}) {
		t.Errorf("sent %+v, want 4 without a Load", f)
	}
}

func TestLoadIsAskedAgain(t *testing.T) {
	s := begin(t, on(fastA), Start{Own: 2})
	if s.pass(askAgain - 1); len(find[Load](s)) > 0 {
		t.Error("asked again too soon")
	}
	if s.pass(1); len(find[Load](s)) != 4 || len(find[NewEpoch](s)) != 1 {
		t.Errorf("want four Loads and a NewEpoch again: %+v", s.out)
	}
}

func TestHeldIsNotTakenIntoMemory(t *testing.T) {
	s := opened(t, on(fastA), Start{Own: 9})
	s.step(Reported{"a", wire.Report{Size: 7}})
	s.step(Loaded{Precedence: parley.Priority, Entries: queued(5, 5, parley.Priority).Entries})
	if f := s.one(); !slices.Equal(f.Entries, []uint64{8, 9}) || len(s.l.items) != 2 {
		t.Errorf("sent %+v with %d in memory, want 8 and 9", f, len(s.l.items))
	}
}

// TestLoadOutlivesReload: what was asked for before a peer lost entries is not taken for what was asked for after.
func TestLoadOutlivesReload(t *testing.T) {
	s := opened(t, Config{Window: 2, Channels: []Channel{fastA}}, Start{})
	s.step(queued(1, 4, parley.Routine)).step(Reported{"a", wire.Report{Size: 2}})
	if l := find[Load](s); len(l) != 1 || l[0].After != 2 {
		t.Fatalf("want 3 and 4 loaded: %+v", s.out)
	}
	s.now += regress
	s.step(Reported{"a", wire.Report{Size: 0}})
	s.step(Loaded{Precedence: parley.Routine, Entries: queued(3, 2, parley.Routine).Entries})
	if l := find[Load](s); len(l) != 1 || l[0].After != 0 {
		t.Fatalf("want all loaded from the start: %+v", s.out)
	}
}

func TestReceiptProvesItsOwnEpochOnly(t *testing.T) {
	s := opened(t, Config{Channels: []Channel{fastA}, EpochEntries: 1}, Start{})
	s.step(queued(1, 1, parley.Routine)).step(EpochReady{parley.EpochID{2}}).step(Proved{1})
	s.step(queued(2, 1, parley.Routine))
	if f := s.one(); !f.Opening || f.Epoch != (parley.EpochID{2}) {
		t.Errorf("sent %+v, want the opening of epoch 2", f)
	}
}

func TestAnswerLeavesByAnotherWhenItsChannelFails(t *testing.T) {
	s := opened(t, on(fastA, fastB), Start{})
	s.step(Stored{"b", 4, parley.Routine, true, 2, false}).step(Down{"b"}).pass(50)
	if f := s.one(); f.Channel != "a" || !slices.Equal(f.Singles, []uint64{4}) {
		t.Errorf("answered %+v, want the receipt by the other channel", f)
	}
}

func TestWhatIsLateIsNotInFlight(t *testing.T) {
	s := opened(t, on(fastA, fastB), Start{})
	s.step(queued(1, 1, parley.Routine)).one()
	s.pass(1500)
	if a, b := s.l.byName["a"].flying, s.l.byName["b"].flying; a[parley.Routine] != 0 || b[parley.Routine] != 100 {
		t.Errorf("in flight %v on a, %v on b: want the entry to have moved", a, b)
	}
}

// TestSlowChannelIsNotRepeatedTo: what a narrow channel needs minutes for is not put into its queue twice meanwhile.
func TestSlowChannelIsNotRepeatedTo(t *testing.T) {
	s := opened(t, on(narrowN), Start{})
	s.step(Committed{[]Queued{{1, parley.Flash, 24_000}}}).one()
	for range 99 {
		for _, f := range s.pass(1000).sends() {
			if len(f.Entries) > 0 {
				t.Fatalf("sent %+v again while it was passing", f)
			}
		}
	}
}
