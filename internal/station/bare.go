package station

import (
	"crypto"
	"fmt"

	"parley"
	"parley/link"
	"parley/wire"
)

// Two stations that both lost their secrets cannot open anything to each other:
// each knows only prekeys that the other does not hold any more. Then prekeys go
// in the clear. They are public, and signed (spec/GENERATION.md §4).

// bareEvery is how often a channel carries bare prekeys at most, in milliseconds.
const bareEvery = parley.Time(10_000)

// bare returns the signed prekeys of a frame that carries nothing else, unsealed.
func bare(frame []byte) (prekeys []byte, ok bool) {
	f, err := wire.ParseFrame(frame)
	if err != nil || f.Epoch != (parley.EpochID{}) {
		return nil, false
	}
	return f.Opening, true
}

// sendBare sends our prekeys in the clear, to who opened an epoch to one that is
// gone, while nothing of theirs can be opened here.
func (l *Line) sendBare(now parley.Time, channel string) {
	if at, ok := l.gens.bare[channel]; ok && now >= at && now < at+bareEvery {
		return
	}
	l.gens.bare[channel] = now
	key, err := l.nextVoice(&l.gens.bares)
	var batch []byte
	if err == nil {
		batch, err = l.batch(now, channel, key)
	}
	if err == nil {
		var frame []byte
		frame, err = wire.AppendFrame(nil, wire.Frame{
			Tag: wire.Tag(l.id, l.cfg.Party), Opening: batch, Form: wire.Wide, Ciphertext: make([]byte, 16),
		})
		if err == nil {
			l.courier.Send(channel, 0, frame) // a full queue: it goes with the next one that cannot be opened
		}
	}
	if err != nil {
		l.alarm(now, fmt.Sprintf("no prekeys for %s: %v", l.peer.Party, err))
	}
}

// batch returns our newest signed prekeys, as many as the channel has room for.
func (l *Line) batch(now parley.Time, channel string, key crypto.Signer) ([]byte, error) {
	if l.narrow(channel) {
		err := l.makeLean(now, key)
		return l.gens.lean.part, err
	}
	err := l.refresh(now, key)
	return l.offered.part, err
}

// barePrekeys takes prekeys that came in the clear. They count if they are newer
// than what we have: then all that we opened before is opened anew.
func (t *turn) barePrekeys(channel string, b []byte) error {
	p, by, err := t.openPrekeys(b)
	if err != nil {
		return err
	}
	given := t.givenBy(by)
	if given == t.l.sealer.given && p.Time <= t.l.sealer.prekeys.Time {
		return nil
	}
	t.heardBy(by)
	if err := t.takePrekeys(p, given); err != nil {
		return err
	}
	t.tell(link.Unknown{Channel: channel, IDs: t.l.sealer.open()})
	return nil
}
