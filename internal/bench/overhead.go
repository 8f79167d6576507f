package bench

import (
	"context"
	"errors"

	"parley"
	"parley/internal/channel/pipe"
	"parley/internal/courier"
	"parley/internal/station"
	"parley/seal"
	"parley/wire"
)

// overhead measures the bytes that a message costs beyond its text, its
// officer's signature included.
func overhead(b *Bench, n int) error {
	for _, form := range []struct {
		name   string
		narrow bool
	}{{"narrow", true}, {"wide", false}} {
		err := b.inFolder(func(dir string) error {
			north, south, err := identities()
			if err != nil {
				return err
			}
			a, z := pipe.New("line")
			p, stop, err := start(north, south, ends{
				north: []station.Route{{Channel: a, Class: courier.Fast, Narrow: form.narrow}},
				south: []station.Route{{Channel: z, Class: courier.Fast, Narrow: form.narrow}},
				dir:   dir,
			})
			if err != nil {
				return err
			}
			return errors.Join(b.overheadOf(p, form.name, n), stop())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// overheadOf sends a queue of n messages over one channel. What one message
// costs by itself is the frame that carries it alone; the queue adds its
// share of checkpoints, and saves where a frame carries several.
func (b *Bench) overheadOf(p *pair, form string, n int) error {
	for range 20 {
		if err := p.north.confirm(parley.Routine, body); err != nil {
			return err
		}
	}
	alone, err := p.north.frame(form == "narrow")
	if err != nil {
		return err
	}
	b.set(form+"_overhead_bytes", float64(alone-len(body)))
	sent, answered, err := traffic(p)
	if err != nil {
		return err
	}
	last := p.north.line.Proved() + uint64(n)
	if err := errors.Join(p.north.fill(n), p.north.await(last)); err != nil {
		return err
	}
	sentAfter, answeredAfter, err := traffic(p)
	if err != nil {
		return err
	}
	b.set(form+"_queue_overhead_bytes", float64(sentAfter-sent)/float64(n)-float64(len(body)))
	b.set(form+"_queue_answer_bytes", float64(answeredAfter-answered)/float64(n))
	return nil
}

// frame returns the length of the frame that carries this side's latest entry
// alone, sealed under an epoch that is open already.
func (s *side) frame(narrow bool) (int, error) {
	log := s.line.Self().Log
	r, err := s.journal.Record(log, s.line.Proved())
	if err != nil {
		return 0, err
	}
	part, form := wire.Part{Type: wire.PartEntry, Bytes: r.Entry}, wire.Wide
	if narrow {
		short, err := wire.NarrowEntry(r.Entry)
		if err != nil {
			return 0, err
		}
		part, form = wire.Part{Type: wire.PartNarrowEntry, Bytes: short}, wire.Narrow
	}
	bundle, err := wire.AppendBundle(nil, []wire.Part{part})
	if err != nil {
		return 0, err
	}
	_, prekey, err := seal.NewPrekey()
	if err != nil {
		return 0, err
	}
	epoch, _, err := seal.NewEpoch(seal.Terms{
		Line: s.line.ID(), Roster: s.line.Roster().Hash(), From: s.party, To: s.line.Peer().Party,
	}, prekey, s.keys.Station())
	if err != nil {
		return 0, err
	}
	frame, err := epoch.Seal(form, wire.Tag(s.line.ID(), s.party), nil, bundle)
	return len(frame), err
}

// traffic returns the bytes that north and south have sent.
func traffic(p *pair) (north, south uint64, err error) {
	for _, one := range []struct {
		side *side
		into *uint64
	}{{p.north, &north}, {p.south, &south}} {
		st, err := one.side.line.Status(context.Background())
		if err != nil {
			return 0, 0, err
		}
		for _, c := range st.Channels {
			*one.into += c.Sent.Bytes
		}
	}
	return north, south, nil
}
