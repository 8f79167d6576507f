package link

import (
	"testing"

	"parley"
	"parley/wire"
)

// FuzzStep gives a link events that no station would, in any order: it must not panic, not hold more than its windows,
// and not ask to be woken in the past.
func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 0, 1, 12, 1, 1, 3, 4, 9, 5, 2, 2, 7, 1, 1})
	f.Add([]byte{11, 1, 0, 0, 0, 0, 2, 3, 1, 8, 3, 1, 4, 2, 1, 6, 1, 1, 14, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg := Config{Window: 4, EpochEntries: 3, Channels: []Channel{fastA, narrowN, pouchP}}
		l := New(cfg, Start{Own: 3, Proved: 1, Peer: 2, Ahead: []wire.Range{{First: 4, Last: 3}, {First: 9, Last: 1 << 63}}})
		now := parley.Time(1000)
		for ; len(b) >= 3; b = b[3:] {
			now += parley.Time(b[2]) * parley.Time(b[2])
			for _, a := range l.Step(now, eventOf(b[0], b[1], b[2])) {
				if w, ok := a.(WakeAt); ok && w.Time <= now {
					t.Fatalf("at %d asked to be woken at %d", now, w.Time)
				}
			}
			for p := range l.windows {
				if w := &l.windows[p]; w.live > cfg.Window+16 || w.live < 0 {
					t.Fatalf("%d live entries of precedence %d", w.live, p)
				}
			}
			for _, c := range l.channels {
				for p, bytes := range c.flying {
					if bytes < 0 {
						t.Fatalf("%d bytes in flight on %s at %d", bytes, c.Name, p)
					}
				}
			}
		}
	})
}

func eventOf(kind, x, y byte) Event {
	channel := string("anpx"[x%4])
	n, p := uint64(x), parley.Precedence(y%6)
	q := []Queued{{n, p, int(y)}, {n + 2, p, 40_000}}
	switch kind % 18 {
	case 0:
		return Up{channel}
	case 1:
		return Down{channel}
	case 2:
		return Committed{q}
	case 3:
		return Loaded{p, q, y%2 == 0}
	case 4:
		return Proved{n}
	case 5:
		return ProvedSingle{n}
	case 6:
		return Reported{channel, wire.Report{Size: uint64(y), Ahead: []wire.Range{{First: n, Last: n + 9}}, Cosigned: n}}
	case 7:
		return Stored{channel, n, p, y%2 == 0, uint64(y), false}
	case 8:
		return Cosigned{n}
	case 9:
		return Refused{n}
	case 10:
		return Heard{channel}
	case 11:
		return EpochReady{parley.EpochID{x}}
	case 12:
		return EpochProved{parley.EpochID{x}}
	case 13:
		return Unknown{channel, []parley.EpochID{{x}, {y}}}
	case 14:
		return Unopened{channel, parley.EpochID{y}}
	case 15:
		return CheckNow{}
	case 16:
		return Checked{channel, CheckKind(y % 4)}
	}
	return Busy{channel, []uint64{n, uint64(y)}}
}
