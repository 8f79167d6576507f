package link

import (
	"encoding/binary"
	"slices"

	"parley"
	"parley/wire"
)

// refusalsInFrame is how many refusals a side puts into a frame at most.
const refusalsInFrame = 64

// do carries out one action.
func (s *side) do(a Action) {
	switch a := a.(type) {
	case WakeAt:
		if a.Time <= s.clock() {
			s.w.t.Errorf("side %d asks to be woken at a time that has come", s.id)
		}
		s.wakes++
		wake := s.wakes
		s.later(a.Time-s.clock(), func() {
			if s.wakes == wake {
				s.step(Wake{})
			}
		})
	case NewEpoch:
		s.newEpoch()
	case CloseEpoch:
		if !s.disk.mine[a.ID] {
			s.w.t.Errorf("side %d closes an epoch that is not open", s.id)
		}
		delete(s.disk.mine, a.ID)
	case Load:
		s.load(a)
	case Send:
		s.send(a)
	}
}

// fails says that what was asked for cannot be done, and is not answered.
func (s *side) fails() bool { return !s.w.calm && s.w.chance(0.05) }

func (s *side) newEpoch() {
	if s.opening {
		s.w.t.Errorf("side %d asks for a second epoch before it has the first", s.id)
	}
	if s.fails() {
		return
	}
	s.opening = true
	s.write(func() []Event {
		s.disk.opened++
		var id parley.EpochID
		binary.BigEndian.PutUint64(id[:], uint64(s.disk.opened)<<1|uint64(s.id))
		s.disk.mine[id] = true
		s.opening = false
		return []Event{EpochReady{id}}
	})
}

func (s *side) load(a Load) {
	if s.loads[a.Precedence] || a.Limit < 1 {
		s.w.t.Errorf("side %d: bad %+v", s.id, a)
	}
	if s.fails() {
		return
	}
	s.loads[a.Precedence] = true
	s.later(s.w.between(1, 10), func() {
		found := Loaded{Precedence: a.Precedence}
		for _, q := range s.disk.log[min(max(a.After, s.disk.proved), uint64(len(s.disk.log))):] {
			if q.Precedence != a.Precedence || s.disk.singly[q.Number] {
				continue
			}
			if len(found.Entries) == a.Limit {
				found.More = true
				break
			}
			found.Entries = append(found.Entries, q)
		}
		s.later(s.w.between(1, 10), func() {
			s.loads[a.Precedence] = false
			s.step(found)
		})
	})
}

func (s *side) send(a Send) {
	d := &s.disk
	f := &frame{bytes: 200, epoch: a.Epoch, opening: a.Opening, unknown: a.Unknown, closed: a.Closed}
	if !d.mine[a.Epoch] {
		s.w.t.Errorf("side %d seals under an epoch that is not open: %+v", s.id, a)
	}
	if a.Opening {
		f.bytes += 1200
	}
	for i, n := range a.Entries {
		q := d.log[n-1]
		if i > 0 && (a.Entries[i-1] >= n || q.Precedence != f.entries[0].Precedence) {
			s.w.t.Errorf("side %d: entries out of order: %+v", s.id, a)
		}
		f.entries = append(f.entries, q)
		f.bytes += q.Bytes
		s.carriedOnce(a.Channel, n)
	}
	if a.Checkpoint {
		f.check = uint64(len(d.log))
	}
	if a.Cosigned {
		f.cosigned = d.cosigned
	}
	for _, n := range a.Singles {
		if d.issued[n] {
			f.singles = append(f.singles, n)
		}
	}
	if a.Refusals {
		for n := s.told + 1; n <= d.refused && len(f.refusals) < refusalsInFrame; n++ {
			f.refusals = append(f.refusals, n)
		}
		f.bytes += 160 * len(f.refusals)
	}
	if a.Report {
		f.report = &wire.Report{Size: d.size, Ahead: s.ahead(), Refusals: uint64(len(d.received)), Cosigned: d.proved}
	}
	switch a.Check {
	case CheckAsk:
		s.asked[a.Channel] = s.w.rng.Uint64()
		f.ask = s.asked[a.Channel]
		s.w.asks = append(s.w.asks, question{s.id, a.Channel, s.w.now})
	case CheckAnswer:
		f.answers = s.theirs[a.Channel]
	}
	s.sends[a.Channel]++
	s.copies[a.Channel] += len(a.Entries)
	r := s.w.lines[slices.IndexFunc(s.w.lines, func(r *route) bool { return r.Name == a.Channel })]
	if !r.push(s.id, a.Urgency, f) {
		s.resealed = true
		s.later(0, func() { s.step(Busy{a.Channel, a.Entries}) })
	}
}

// carriedOnce holds the link to one copy of an entry for each PouchRepeat.
func (s *side) carriedOnce(channel string, n uint64) {
	if s.link.byName[channel].Class != Carried || s.resealed {
		return
	}
	if s.carried[channel] == nil {
		s.carried[channel] = make(map[uint64]parley.Time)
	}
	repeat := parley.Time(s.link.cfg.PouchRepeat.Milliseconds())
	if last := s.carried[channel][n]; last != 0 && s.w.now < last+repeat {
		s.w.t.Errorf("side %d puts entry %d twice into one pouch", s.id, n)
	}
	s.carried[channel][n] = s.w.now
}

// receive takes a frame that a channel delivered.
func (s *side) receive(r *route, f *frame) {
	if s.link == nil || s.mishap() {
		return
	}
	life := s.life
	step := func(e Event) {
		if s.life == life {
			s.step(e)
		}
	}
	if !s.disk.theirs[f.epoch] {
		if !f.opening {
			step(Unopened{r.Name, f.epoch})
			return
		}
		s.disk.theirs[f.epoch] = true
	}
	step(Heard{r.Name})
	for _, q := range f.entries {
		s.store(r, q)
	}
	if f.check > s.disk.cosigned {
		if f.check > s.disk.size && (s.low <= s.disk.size || f.check < s.low) {
			s.low = f.check
		}
		s.high = max(s.high, f.check)
		s.write(s.cosign)
	}
	if f.cosigned > s.disk.proved {
		s.write(func() []Event { return s.prove(f.cosigned) })
	}
	for _, n := range f.singles {
		s.write(func() []Event {
			if _, ok := s.w.sides[1-s.id].disk.held[n]; !ok {
				s.w.t.Errorf("side %d has the receipt of entry %d, which is not held", s.id, n)
			}
			s.disk.singly[n] = true
			return []Event{ProvedSingle{n}}
		})
	}
	for _, n := range f.refusals {
		s.disk.received[n] = true
	}
	if len(f.refusals) > 0 {
		step(Disputed{r.Name})
	}
	if f.report != nil {
		s.told = f.report.Refusals
		step(Reported{r.Name, *f.report})
	}
	if f.ask != 0 {
		s.theirs[r.Name] = f.ask
		step(Checked{r.Name, CheckAsk})
	}
	if f.answers != 0 && f.answers == s.asked[r.Name] {
		step(Checked{r.Name, CheckAnswer})
	}
	if len(f.unknown) > 0 {
		s.resealed = true
		step(Unknown{r.Name, f.unknown})
	}
	for _, id := range f.closed {
		delete(s.disk.theirs, id)
	}
}

func (s *side) store(r *route, q Queued) {
	d := &s.disk
	copied := func() []Event { return []Event{Stored{r.Name, q.Number, q.Precedence, false, d.size, false}} }
	if _, ok := d.held[q.Number]; ok {
		s.later(0, func() { s.step(copied()[0]) })
		return
	}
	s.write(func() []Event {
		if _, ok := d.held[q.Number]; ok {
			return copied()
		}
		d.held[q.Number] = q
		s.delivered[q.Number]++
		for {
			if _, ok := d.held[d.size+1]; !ok {
				break
			}
			d.size++
		}
		if q.Precedence == parley.Flash || q.Number > d.size {
			d.issued[q.Number] = true
		}
		events := []Event{Stored{r.Name, q.Number, q.Precedence, true, d.size, false}}
		if s.disbelieves {
			d.refused++
			events = append(events, Refused{d.refused})
		}
		return append(events, s.cosign()...)
	})
}

// cosign cosigns the largest checkpoint of the peer's that is held whole.
func (s *side) cosign() []Event {
	size := uint64(0)
	for _, c := range []uint64{s.low, s.high} {
		if c <= s.disk.size {
			size = max(size, c)
		}
	}
	if s.low <= s.disk.size {
		s.low = s.high
	}
	if size <= s.disk.cosigned {
		return nil
	}
	s.disk.cosigned = size
	return []Event{Cosigned{size}}
}

func (s *side) prove(size uint64) []Event {
	if size <= s.disk.proved {
		return nil
	}
	if size > s.w.sides[1-s.id].disk.size {
		s.w.t.Errorf("side %d has a cosignature to %d, and the peer holds %d", s.id, size, s.w.sides[1-s.id].disk.size)
	}
	s.disk.proved = size
	return []Event{Proved{size}}
}
