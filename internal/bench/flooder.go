package bench

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"parley"
	"parley/internal/courier"
	"parley/internal/keyring"
	"parley/receipt"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// flooder is a party with all its keys and no manners: by one channel it sends
// messages, each valid, as fast as the channel takes them, whatever the other
// side answers; by another it receipts what the other side sends, as it should.
type flooder struct {
	id     identity
	roster *roster.Roster
	self   roster.Side
	peer   roster.Side

	line, flood courier.Channel

	epoch   *seal.Epoch // ours
	opening []byte

	mu     sync.Mutex
	opened map[parley.EpochID]*seal.Epoch // theirs
	held   uint64                         // of their log, without a gap

	checked chan [8]byte // questions of ours that were answered

	number uint64 // of its latest entry
	head   parley.Hash
}

// floodBytes is how much of entries one frame carries, as a station's would.
const floodBytes = 48 << 10

func newFlooder(id identity, agreed *roster.Roster) (*flooder, error) {
	f := &flooder{id: id, roster: agreed, checked: make(chan [8]byte, 64)}
	f.self, _ = agreed.Side(id.party)
	f.peer, _ = agreed.Peer(id.party)
	var err error
	f.epoch, f.opening, err = seal.NewEpoch(seal.Terms{
		Line: agreed.Line, Roster: agreed.Hash(), From: id.party, To: f.peer.Party,
	}, f.peer.LastResort, id.keys.station)
	return f, err
}

// meet points the flooder at a station that it knows nothing of: by line it is
// answered, by flood it is flooded.
func (f *flooder) meet(line, flood courier.Channel) {
	f.line, f.flood = line, flood
	f.opened, f.held = map[parley.EpochID]*seal.Epoch{}, 0
}

// frame seals parts.
func (f *flooder) frame(parts ...wire.Part) ([]byte, error) {
	bundle, err := wire.AppendBundle(nil, parts)
	if err != nil {
		return nil, err
	}
	return f.epoch.Seal(wire.Wide, wire.Tag(f.roster.Line, f.id.party), f.opening, bundle)
}

// send floods the other side with what write made, count messages of it, and
// returns how many they were when all of it was taken: a question behind it is
// answered.
func (f *flooder) send(ctx context.Context, from io.Reader, count int) (sent int, err error) {
	for sent < count {
		var head [8]byte
		if _, err := io.ReadFull(from, head[:]); err != nil {
			return sent, fmt.Errorf("read the flood: %w", err)
		}
		frame := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(from, frame); err != nil {
			return sent, fmt.Errorf("read the flood: %w", err)
		}
		if err := f.flood.Send(ctx, frame); err != nil {
			return sent, fmt.Errorf("send the flood: %w", err)
		}
		sent += int(binary.BigEndian.Uint32(head[4:]))
	}
	return sent, f.ask(ctx)
}

// ask puts a line check to the other side and waits for its answer.
func (f *flooder) ask(ctx context.Context) error {
	c := wire.Check{
		Line: f.roster.Line, From: f.id.party, Time: parley.TimeOf(time.Now()), Channel: f.flood.Name(), Roster: f.roster.Hash(),
	}
	if _, err := rand.Read(c.Nonce[:]); err != nil {
		return err
	}
	check, err := receipt.IssueCheck(c, f.id.keys.station)
	if err != nil {
		return err
	}
	frame, err := f.frame(wire.Part{Type: wire.PartCheck, Bytes: check})
	if err != nil {
		return err
	}
	if err := f.flood.Send(ctx, frame); err != nil {
		return err
	}
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		select {
		case nonce := <-f.checked:
			if nonce == c.Nonce {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return fmt.Errorf("the flood was not taken after %v", waitLimit)
		}
	}
}

// answer receipts every entry that comes by a channel, until ctx ends.
func (f *flooder) answer(ctx context.Context, from courier.Channel) error {
	for {
		b, err := from.Receive(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		receipts, err := f.receipts(b)
		if err != nil {
			return err
		}
		if len(receipts) == 0 {
			continue
		}
		frame, err := f.frame(receipts...)
		if err != nil {
			return err
		}
		// What the line does not carry yet comes again, as from any station.
		if err := f.line.Send(ctx, frame); err != nil && ctx.Err() == nil && !errors.Is(err, courier.ErrDown) {
			return err
		}
	}
}

// receipts opens a frame and receipts the entries in it.
func (f *flooder) receipts(b []byte) (out []wire.Part, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	frame, err := wire.ParseFrame(b)
	if err != nil {
		return nil, err
	}
	epoch := f.opened[frame.Epoch]
	if epoch == nil {
		epoch, _, err = seal.AcceptEpoch(seal.Terms{
			Line: f.roster.Line, Roster: f.roster.Hash(), From: f.peer.Party, To: f.id.party,
		}, frame.Opening, f.peer.Station, f.private)
		if err != nil {
			return nil, err
		}
		f.opened[frame.Epoch] = epoch
	}
	bundle, err := epoch.Open(frame)
	if err != nil {
		return nil, err
	}
	parts, err := wire.ParseBundle(bundle)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.Type == wire.PartCheck {
			c, err := receipt.OpenCheck(p.Bytes, f.peer.Station)
			if err != nil {
				return nil, err
			}
			if c.Answers != [8]byte{} {
				f.checked <- c.Answers
			}
		}
		if p.Type != wire.PartEntry {
			continue
		}
		h, err := wire.ParseEntryHeader(p.Bytes)
		if err != nil {
			return nil, err
		}
		if h.Number == f.held+1 {
			f.held++
		}
		single, err := receipt.Issue(wire.Receipt{
			Log: h.Log, Number: h.Number, Leaf: transcript.LeafHash(p.Bytes), Received: parley.TimeOf(time.Now()), Size: f.held,
		}, f.id.keys.receipt)
		if err != nil {
			return nil, err
		}
		out = append(out, wire.Part{Type: wire.PartReceipt, Bytes: single})
	}
	return out, nil
}

// private returns the private half of a prekey that the flooder's card gave.
func (f *flooder) private(hash parley.Hash) ([]byte, error) {
	kept, err := f.id.secrets.Get(keyring.Prekey, hash[:])
	if err != nil {
		return nil, errors.Join(err, seal.ErrPrekey)
	}
	return kept[len(kept)-seal.PrivateSize:], nil
}
