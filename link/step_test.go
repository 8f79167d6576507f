package link

import (
	"reflect"
	"slices"
	"testing"

	"parley"
	"parley/wire"
)

// script drives one link by hand and keeps what the newest step said.
type script struct {
	t   *testing.T
	l   *Link
	now parley.Time
	out []Action
}

func begin(t *testing.T, cfg Config, s Start) *script {
	sc := &script{t: t, l: New(cfg, s), now: 1_000_000}
	sc.step(Wake{})
	return sc
}

func (s *script) step(e Event) *script {
	s.out = s.l.Step(s.now, e)
	return s
}

// pass lets time go by and wakes the link.
func (s *script) pass(ms parley.Time) *script {
	s.now += ms
	return s.step(Wake{})
}

func find[A Action](s *script) (found []A) {
	for _, a := range s.out {
		if f, ok := a.(A); ok {
			found = append(found, f)
		}
	}
	return found
}

func (s *script) sends() []Send { return find[Send](s) }

// one returns the only frame of the newest step.
func (s *script) one() Send {
	s.t.Helper()
	if f := s.sends(); len(f) == 1 {
		return f[0]
	}
	s.t.Fatalf("want one frame: %+v", s.out)
	return Send{}
}

func (s *script) none() {
	s.t.Helper()
	if f := s.sends(); len(f) > 0 {
		s.t.Fatalf("want no frame: %+v", f)
	}
}

// opened gives the link its first epoch and brings all its channels up.
func opened(t *testing.T, cfg Config, s Start) *script {
	sc := begin(t, cfg, s)
	sc.step(EpochReady{ID: parley.EpochID{1}})
	for _, c := range cfg.Channels {
		sc.step(Up{c.Name})
	}
	return sc
}

var (
	fastA   = Channel{Name: "a", Class: Fast}
	fastB   = Channel{Name: "b", Class: Fast}
	narrowN = Channel{Name: "n", Class: Fast, Narrow: true}
	pouchP  = Channel{Name: "p", Class: Carried}
)

func on(channels ...Channel) Config { return Config{Channels: channels} }

func queued(from, n uint64, p parley.Precedence) Committed {
	var c Committed
	for i := range n {
		c.Entries = append(c.Entries, Queued{Number: from + i, Precedence: p, Bytes: 100})
	}
	return c
}

func TestFirstStep(t *testing.T) {
	s := begin(t, on(fastA), Start{Own: 9, Proved: 4})
	if len(find[NewEpoch](s)) != 1 {
		t.Errorf("no epoch was asked for: %+v", s.out)
	}
	want := Load{Precedence: parley.Flash, After: 4, Limit: 512}
	if loads := find[Load](s); len(loads) != 4 || loads[0] != want {
		t.Errorf("loads %+v, want four, the first %+v", loads, want)
	}
	s.none()
}

func TestUpTellsOurState(t *testing.T) {
	s := begin(t, on(fastA), Start{Peer: 7, Cosigned: 7, Own: 2, Ahead: []wire.Range{{First: 9, Last: 10}}})
	s.step(EpochReady{parley.EpochID{1}}).step(Up{"a"})
	f := s.one()
	if !f.Report || !f.Cosigned || !f.Checkpoint || !f.Opening || f.Check != CheckAsk || !slices.Equal(f.Singles, []uint64{9, 10}) {
		t.Errorf("sent %+v, want report, cosignature, checkpoint, opening, check, and the receipts of 9 and 10", f)
	}
}

func TestCommittedLeavesAtOnce(t *testing.T) {
	s := opened(t, on(fastA, fastB, pouchP), Start{})
	s.step(queued(1, 2, parley.Routine))
	if f := s.one(); !slices.Equal(f.Entries, []uint64{1, 2}) || !f.Opening || !f.Checkpoint || f.Urgency != 3 || f.Channel != "a" {
		t.Errorf("sent %+v, want 1 and 2 with the opening and a checkpoint", f)
	}
	for p, urgency := range map[parley.Precedence]int{parley.Flash: 0, parley.Immediate: 1} {
		s := opened(t, on(fastA, fastB, pouchP), Start{})
		s.step(queued(1, 1, p))
		sends := s.sends()
		if len(sends) != 3 || sends[0].Urgency != urgency || sends[2].Channel != "p" {
			t.Errorf("%v: sent %+v, want one on each channel", p, sends)
		}
	}
}

func TestNothingLeavesWithoutEpochOrChannel(t *testing.T) {
	s := begin(t, on(fastA), Start{})
	s.step(Up{"a"}).step(queued(1, 1, parley.Flash)).none()
	s.step(EpochReady{parley.EpochID{1}})
	if !slices.ContainsFunc(s.sends(), func(f Send) bool { return len(f.Entries) == 1 }) {
		t.Errorf("the epoch came and the Flash stayed: %+v", s.out)
	}
	s.step(Down{"a"}).step(queued(2, 1, parley.Flash)).none()
	s.step(Up{"a"})
	if !slices.ContainsFunc(s.sends(), func(f Send) bool { return slices.Equal(f.Entries, []uint64{1, 2}) }) {
		t.Errorf("the channel came up and what was outstanding did not leave: %+v", s.out)
	}
}

func TestFramesAreBounded(t *testing.T) {
	s := opened(t, Config{Channels: []Channel{narrowN}, NarrowBytes: 250}, Start{})
	s.step(queued(1, 5, parley.Priority))
	sends := s.sends()
	if len(sends) != 3 || len(sends[0].Entries) != 2 || sends[0].Checkpoint || !sends[2].Checkpoint {
		t.Errorf("sent %+v, want frames of 2, 2, 1, and a checkpoint with the last only", sends)
	}
	s = opened(t, Config{Channels: []Channel{fastA}, InFlight: 1000}, Start{})
	s.step(queued(1, 50, parley.Priority))
	if f := s.one(); len(f.Entries) != 10 {
		t.Fatalf("%d entries left, want what may be in flight", len(f.Entries))
	}
	s.step(Reported{"a", wire.Report{Size: 4}})
	if f := s.one(); len(f.Entries) != 4 || f.Entries[0] != 11 {
		t.Errorf("sent %+v, want the next four", f)
	}
}

func TestGapLeavesAgainAfterOneRoundTrip(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(queued(1, 3, parley.Routine))
	missing := Reported{"a", wire.Report{Size: 1, Ahead: []wire.Range{{First: 3, Last: 3}}}}
	s.step(missing).none()
	s.now += 250
	s.step(missing)
	if f := s.one(); !slices.Equal(f.Entries, []uint64{2}) {
		t.Errorf("sent %+v, want what was missed", f)
	}
	s.step(missing).none()
}

func TestBusyIsTriedAgainLater(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(queued(1, 2, parley.Routine)).one()
	s.step(Busy{"a", []uint64{1, 2}}).none()
	s.pass(100).none()
	s.pass(200)
	if f := s.one(); !slices.Equal(f.Entries, []uint64{1, 2}) {
		t.Errorf("sent %+v, want both again", f)
	}
}

func TestOneAnswerForABatch(t *testing.T) {
	s := opened(t, on(fastA, fastB), Start{})
	for n := range uint64(3) {
		s.step(Stored{"b", n + 1, parley.Routine, true, n + 1, false}).none()
	}
	s.step(Cosigned{3})
	if f := s.one(); f.Channel != "b" || !f.Cosigned || !f.Report || len(f.Singles) > 0 {
		t.Errorf("answered %+v, want the cosignature where the entries came", f)
	}
	s.pass(1000).none()
}

func TestAnswerAheadOfAGap(t *testing.T) {
	s := opened(t, on(fastA, fastB), Start{})
	s.step(Stored{"a", 5, parley.Routine, true, 2, false}).none()
	s.pass(50)
	if f := s.one(); f.Channel != "a" || !f.Report || !slices.Equal(f.Singles, []uint64{5}) || f.Cosigned {
		t.Errorf("answered %+v, want the single receipt of 5", f)
	}
	s.step(Stored{"a", 6, parley.Flash, true, 2, false}).pass(50)
	if f := s.sends(); len(f) != 2 || f[0].Urgency != 0 || !slices.Equal(f[1].Singles, []uint64{6}) {
		t.Errorf("answered %+v, want the Flash receipted on every channel", f)
	}
}

func TestCopiesAreAnsweredRarely(t *testing.T) {
	s := opened(t, on(fastA), Start{Peer: 9, Cosigned: 9})
	answers := 0
	for range 1000 {
		s.now++
		s.step(Stored{"a", 4, parley.Routine, false, 9, false})
		for _, f := range s.sends() {
			answers++
			if !f.Cosigned {
				t.Fatalf("answered %+v without the cosignature", f)
			}
		}
	}
	if answers < 4 || answers > 6 {
		t.Errorf("%d answers in a second, want one each 200 ms", answers)
	}
}

func TestReportIsAnsweredWithWhatItLacks(t *testing.T) {
	s := opened(t, on(fastA), Start{Peer: 9, Cosigned: 9, Refused: 2})
	s.pass(5000)
	s.step(Reported{"a", wire.Report{Cosigned: 5, Refusals: 1}})
	if f := s.one(); !f.Cosigned || !f.Refusals {
		t.Errorf("answered %+v, want cosignature and refusals", f)
	}
	s.step(Reported{"a", wire.Report{Cosigned: 9, Refusals: 2}}).none()
	s.step(Refused{3}).none() // it goes with the answer to the entry
	s.pass(parley.Time(wideAnswer.Milliseconds()))
	if f := s.one(); !f.Refusals {
		t.Errorf("sent %+v, want the new refusal", f)
	}
	s.step(Refused{4})
	s.step(Stored{"a", 10, parley.Routine, true, 10, false})
	s.pass(parley.Time(wideAnswer.Milliseconds()))
	if f := s.one(); f.Refusals {
		t.Errorf("sent %+v, want no further refusal before a report", f)
	}
	s.step(Reported{"a", wire.Report{Size: 10, Cosigned: 9, Refusals: 3}})
	s.pass(parley.Time(wideAnswer.Milliseconds()))
	if f := s.one(); !f.Refusals {
		t.Errorf("sent %+v, want the next refusal", f)
	}
}

func TestPouch(t *testing.T) {
	s := opened(t, on(fastA, pouchP), Start{})
	s.step(queued(1, 1, parley.Routine)).one()
	s.step(Down{"a"}).none()
	s.pass(2000)
	if f := s.one(); f.Channel != "p" {
		t.Fatalf("sent %+v, want it by pouch when no fast channel is up", f)
	}
	carried := 0
	for range 24 * 60 {
		for _, f := range s.pass(60_000).sends() {
			carried += len(f.Entries)
		}
	}
	if carried != 4 {
		t.Errorf("the entry was carried %d times more in a day, want 4", carried)
	}
}

func TestUnknownEpochIsReplaced(t *testing.T) {
	s := opened(t, on(fastA, pouchP), Start{})
	s.step(queued(1, 1, parley.Immediate))
	s.step(Unknown{"a", []parley.EpochID{{1}}}).none()
	if len(find[NewEpoch](s)) != 1 {
		t.Fatalf("no epoch was asked for: %+v", s.out)
	}
	s.step(EpochReady{parley.EpochID{2}})
	again := 0
	for _, f := range s.sends() {
		if f.Epoch != (parley.EpochID{2}) || !f.Opening {
			t.Errorf("sent %+v, want all under the new epoch", f)
		}
		again += len(f.Entries)
	}
	if again != 2 {
		t.Errorf("the entry left %d times, want once by each channel", again)
	}
	s.step(Unknown{"a", []parley.EpochID{{2}}})
	if len(find[NewEpoch](s)) != 0 {
		t.Error("a second epoch was asked for at once")
	}
	if s.pass(1001); len(find[NewEpoch](s)) != 1 {
		t.Error("no second epoch was asked for later")
	}
}

func TestOpeningUntilProved(t *testing.T) {
	s := opened(t, on(fastA), Start{Own: 1})
	s.step(Loaded{Precedence: parley.Routine, Entries: []Queued{{1, parley.Routine, 100}}})
	s.step(Reported{"a", wire.Report{Size: 1}}).step(queued(2, 1, parley.Routine))
	if !s.one().Opening {
		t.Error("an entry of an earlier run was taken for proof of the epoch")
	}
	s.step(Reported{"a", wire.Report{Size: 2}}).step(queued(3, 1, parley.Routine))
	if s.one().Opening {
		t.Error("the opening goes on after the peer reported what went under no other epoch")
	}
}

func TestEpochCloses(t *testing.T) {
	s := opened(t, Config{Channels: []Channel{fastA}, EpochEntries: 1}, Start{})
	s.step(queued(1, 1, parley.Routine))
	s.step(EpochReady{parley.EpochID{2}}).pass(120_000)
	if len(find[CloseEpoch](s)) > 0 {
		t.Fatal("closed before its entry was receipted")
	}
	s.step(Proved{1})
	if c := find[CloseEpoch](s); len(c) != 1 || c[0].ID != (parley.EpochID{1}) {
		t.Fatalf("want epoch 1 closed: %+v", s.out)
	}
	s.step(queued(2, 1, parley.Routine))
	if f := s.one(); !slices.Equal(f.Closed, []parley.EpochID{{1}}) {
		t.Errorf("sent %+v, want the close told", f)
	}
}

// An epoch of an earlier run is closed two minutes after the start, when all is
// receipted, and told (spec/ENVELOPE.md §4).
func TestEpochOfAnEarlierRunCloses(t *testing.T) {
	s := opened(t, Config{Channels: []Channel{fastA}}, Start{Epochs: []parley.EpochID{{9}}})
	for range 119 {
		if s.pass(1000); len(find[CloseEpoch](s)) > 0 {
			t.Fatal("closed before copies that are on their way could come")
		}
	}
	if c := find[CloseEpoch](s.pass(1000)); len(c) != 1 || c[0].ID != (parley.EpochID{9}) {
		t.Fatalf("want the epoch of the earlier run closed: %+v", s.out)
	}
	s.step(queued(1, 1, parley.Routine))
	if f := s.one(); !slices.Equal(f.Closed, []parley.EpochID{{9}}) {
		t.Errorf("sent %+v, want the close told", f)
	}
}

func TestUnopenedIsToldRarely(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(Reported{"a", wire.Report{}}).step(EpochProved{parley.EpochID{1}}).pass(2000)
	told := 0
	for i := range 3000 {
		s.now++
		s.step(Unopened{"a", parley.EpochID{byte(i), byte(i >> 8), 9}})
		for _, f := range s.sends() {
			if len(f.Unknown) > 0 {
				told++
				if !f.Opening || len(f.Unknown) > maxUnopened {
					t.Fatalf("told %+v: want the opening with it, and few epochs", f)
				}
			}
		}
	}
	if told > 4 {
		t.Errorf("told %d times in 3 s", told)
	}
}

func TestCheckNowAsksEverywhere(t *testing.T) {
	s := opened(t, on(fastA, narrowN, pouchP), Start{})
	s.pass(1000)
	s.step(CheckNow{})
	if f := s.sends(); len(f) != 3 || f[2].Check != CheckAsk {
		t.Fatalf("sent %+v, want a question on each channel", f)
	}
	s.step(Checked{"n", CheckAsk})
	if f := s.one(); f.Channel != "n" || f.Check != CheckAnswer {
		t.Errorf("sent %+v, want an answer where the question came", f)
	}
}

func TestPeerThatLostEntries(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(queued(1, 9, parley.Routine)).step(Reported{"a", wire.Report{Size: 9}})
	s.step(Reported{"a", wire.Report{Size: 3}})
	if len(find[Load](s)) > 0 {
		t.Fatal("an overtaken report was believed")
	}
	s.now += regress
	s.step(Reported{"a", wire.Report{Size: 3}})
	if l := find[Load](s); len(l) != 1 || l[0].After != 0 {
		t.Fatalf("want everything unproved loaded again: %+v", s.out)
	}
}

func TestClockSetBack(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(queued(1, 1, parley.Routine)).one()
	s.now -= 500_000
	s.step(Heard{"a"})
	wake := find[WakeAt](s)
	if len(wake) != 1 || wake[0].Time > s.now+10_000 {
		t.Fatalf("want a wake by the clock as it is: %+v", s.out)
	}
	s.now = wake[0].Time
	if f := s.step(Wake{}).sends(); !slices.ContainsFunc(f, func(f Send) bool { return len(f.Entries) == 1 }) {
		t.Errorf("sent %+v, want the entry again", f)
	}
}

func TestStrangersAreNoMatter(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	before := s.l.own
	for _, e := range []Event{Up{"x"}, Down{"x"}, Heard{"x"}, Busy{"x", []uint64{1}}, Busy{"a", []uint64{77}}, Checked{"x", CheckAsk},
		Proved{99}, ProvedSingle{99}, Loaded{Precedence: 9}, EpochProved{}, Unknown{"x", nil}, nil} {
		s.step(e)
	}
	if s.l.own != before || !reflect.DeepEqual(find[Load](s), []Load(nil)) {
		t.Errorf("own %d, out %+v", s.l.own, s.out)
	}
}

func TestAnswerOfALogThatIsNotCosigned(t *testing.T) {
	s := opened(t, on(fastA), Start{Peer: 3, Cosigned: 1})
	s.step(Stored{"a", 4, parley.Routine, true, 4, true}).pass(50)
	if f := s.one(); !slices.Equal(f.Singles, []uint64{4}) {
		t.Errorf("answered %+v, want the single receipt of 4", f)
	}
}
