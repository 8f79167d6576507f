package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley"
	"parley/internal/courier"
	"parley/internal/keyring"
	"parley/receipt"
	"parley/release"
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

	number uint64 // of its latest entry
	head   parley.Hash
}

// floodBytes is how much of entries one frame carries, as a station's would.
const floodBytes = 48 << 10

func newFlooder(id identity, agreed *roster.Roster, line, flood courier.Channel) (*flooder, error) {
	f := &flooder{id: id, roster: agreed, line: line, flood: flood, opened: map[parley.EpochID]*seal.Epoch{}}
	f.self, _ = agreed.Side(id.party)
	f.peer, _ = agreed.Peer(id.party)
	var err error
	f.epoch, f.opening, err = seal.NewEpoch(seal.Terms{
		Line: agreed.Line, Roster: agreed.Hash(), From: id.party, To: f.peer.Party,
	}, f.peer.LastResort, id.keys.station)
	return f, err
}

// frame seals parts.
func (f *flooder) frame(parts ...wire.Part) ([]byte, error) {
	bundle, err := wire.AppendBundle(nil, parts)
	if err != nil {
		return nil, err
	}
	return f.epoch.Seal(wire.Wide, wire.Tag(f.roster.Line, f.id.party), f.opening, bundle)
}

// send floods the other side with n messages.
func (f *flooder) send(ctx context.Context, n int) error {
	var parts []wire.Part
	size := 0
	for i := range n {
		part, err := f.message()
		if err != nil {
			return err
		}
		parts, size = append(parts, part), size+len(part.Bytes)
		if size < floodBytes && i < n-1 {
			continue
		}
		frame, err := f.frame(parts...)
		if err != nil {
			return err
		}
		if err := f.flood.Send(ctx, frame); err != nil {
			return fmt.Errorf("message %d of the flood: %w", i+1, err)
		}
		parts, size = nil, 0
	}
	return nil
}

// message is the next entry of its log, believable like any other.
func (f *flooder) message() (wire.Part, error) {
	c := wire.Content{
		Line: f.roster.Line, From: parley.Desk(f.id.party + "/duty"), To: []parley.Desk{parley.Desk(f.peer.Party + "/duty")},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	}
	if _, err := rand.Read(c.Draft[:]); err != nil {
		return wire.Part{}, err
	}
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		return wire.Part{}, err
	}
	sig, err := release.Approve(content, f.id.officer)
	if err != nil {
		return wire.Part{}, err
	}
	signed, err := wire.AppendSigned(nil, wire.Signed{Content: content, Signatures: []wire.Signature{sig}})
	if err != nil {
		return wire.Part{}, err
	}
	f.number++
	entry, err := wire.AppendEntry(nil, wire.Entry{
		Header: wire.Header{Version: 1, Log: f.self.Log, Number: f.number, Previous: f.head, Time: parley.TimeOf(time.Now())},
		Signed: signed,
	})
	f.head = transcript.LeafHash(entry)
	return wire.Part{Type: wire.PartEntry, Bytes: entry}, err
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
		if err := f.line.Send(ctx, frame); err != nil && ctx.Err() == nil {
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
