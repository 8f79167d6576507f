package stationtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"slices"
	"time"

	"parley"
	"parley/internal/channel/pipe"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// Foe is the other side of a line with all its keys and none of its manners:
// it sends what it likes to a station, over one channel.
type Foe struct {
	*World
	Side  *rostertest.Party // its own keys
	To    *Side             // the station it speaks to
	Epoch *seal.Epoch
	end   *pipe.Channel

	opening  []byte
	Number   uint64      // of its latest entry
	Head     parley.Hash // leaf of that
	frontier transcript.Frontier
}

// NewFoe makes a world in which only north's station runs, and a foe that
// speaks as south over the channel "one".
func NewFoe(w *World) *Foe {
	w.t.Helper()
	w.South.Stop()
	return NewThief(w)
}

// NewThief is a foe that speaks as south beside south's own station. It has
// south's keys too; a test uses those that it says are stolen.
func NewThief(w *World) *Foe {
	w.t.Helper()
	f := &Foe{World: w, Side: w.Line.South, To: w.North, end: w.pipes["one"][1]}
	f.NewEpoch()
	return f
}

// NewEpoch opens a new epoch to the last-resort prekey of the station.
func (f *Foe) NewEpoch() {
	f.t.Helper()
	f.NewEpochTo(f.LastResort())
}

// NewEpochTo opens a new epoch to any prekey.
func (f *Foe) NewEpochTo(prekey []byte) {
	f.t.Helper()
	var err error
	f.Epoch, f.opening, err = seal.NewEpoch(seal.Terms{
		Line: f.Line.Roster.Line, Roster: f.Line.Roster.Hash(), From: "south", To: "north",
	}, prekey, f.Side.StationKey)
	if err != nil {
		f.t.Fatal(err)
	}
}

// LastResort is the prekey of the station that serves many times.
func (f *Foe) LastResort() []byte {
	peer, _ := f.Line.Roster.Peer("south")
	return peer.LastResort
}

// Opening is what opened the foe's epoch.
func (f *Foe) Opening() []byte { return f.opening }

// Use makes the foe go on under an epoch that it opened before.
func (f *Foe) Use(e *seal.Epoch, opening []byte) { f.Epoch, f.opening = e, opening }

// Frame seals parts as the foe's station would.
func (f *Foe) Frame(parts ...wire.Part) []byte {
	f.t.Helper()
	return f.sealed(f.opening, parts)
}

// Unopened is Frame without the opening of the epoch.
func (f *Foe) Unopened(parts ...wire.Part) []byte {
	f.t.Helper()
	return f.sealed(nil, parts)
}

func (f *Foe) sealed(opening []byte, parts []wire.Part) []byte {
	f.t.Helper()
	bundle, err := wire.AppendBundle(nil, parts)
	if err != nil {
		f.t.Fatal(err)
	}
	frame, err := f.Epoch.Seal(wire.Wide, wire.Tag(f.Line.Roster.Line, "south"), opening, bundle)
	if err != nil {
		f.t.Fatal(err)
	}
	return frame
}

// Send puts bytes on the channel, whatever they are.
func (f *Foe) Send(frame []byte) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := f.end.Send(ctx, frame); err != nil {
		f.t.Fatal(err)
	}
}

// Entry makes the foe's next entry around signed bytes, which may be anything.
func (f *Foe) Entry(signed []byte) wire.Part {
	f.t.Helper()
	return f.EntrySeen(signed)
}

// EntrySeen is Entry for one that says what it has seen.
func (f *Foe) EntrySeen(signed []byte, seen ...wire.Seen) wire.Part {
	f.t.Helper()
	f.Number++
	entry, err := wire.AppendEntry(nil, wire.Entry{
		Header: wire.Header{Version: 1, Log: f.Side.Log, Number: f.Number, Previous: f.Head, Seen: seen, Time: parley.TimeOf(time.Now())},
		Signed: signed,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.Head = transcript.LeafHash(entry)
	f.frontier.Append(f.Head)
	return wire.Part{Type: wire.PartEntry, Bytes: entry}
}

// Raw takes entry bytes that the foe made otherwise into its log.
func (f *Foe) Raw(entry []byte) wire.Part {
	f.Number++
	f.Head = transcript.LeafHash(entry)
	f.frontier.Append(f.Head)
	return wire.Part{Type: wire.PartEntry, Bytes: entry}
}

// Checkpoint signs the foe's log as it is.
func (f *Foe) Checkpoint() wire.Part {
	f.t.Helper()
	return f.CheckpointOf(f.frontier.Size(), f.frontier.Root())
}

// CheckpointOf signs any tree as the foe's log.
func (f *Foe) CheckpointOf(size uint64, root parley.Hash) wire.Part {
	f.t.Helper()
	c, err := transcript.SignCheckpoint(transcript.Checkpoint{
		Line: f.Line.Roster.Line, Log: f.Side.Log, Size: size, Root: root,
	}, f.Side.LogKey)
	if err != nil {
		f.t.Fatal(err)
	}
	return wire.Part{Type: wire.PartCheckpoint, Bytes: c.Note()}
}

// Signed is content signed by the named keys, whoever they belong to.
func (f *Foe) Signed(c wire.Content, keys ...ed25519.PrivateKey) []byte {
	f.t.Helper()
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.SignedBytes(content, keys...)
}

// SignedBytes is Signed for content that need not be one.
func (f *Foe) SignedBytes(content []byte, keys ...ed25519.PrivateKey) []byte {
	f.t.Helper()
	s := wire.Signed{Content: content}
	for _, k := range keys {
		id := roster.KeyID(roster.RoleOfficer, k.Public().(ed25519.PublicKey))
		s.Signatures = append(s.Signatures, wire.Signature{
			Key: id, Sig: [64]byte(ed25519.Sign(k, wire.ToBeSigned(wire.DomainContent, id, content))),
		})
	}
	slices.SortFunc(s.Signatures, func(a, b wire.Signature) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	signed, err := wire.AppendSigned(nil, s)
	if err != nil {
		f.t.Fatal(err)
	}
	return signed
}

// Officer is the key of one of the foe's officers: "a", "b" or "c".
func (f *Foe) Officer(name string) ed25519.PrivateKey {
	f.t.Helper()
	_, key := f.Side.Officer(f.t, "south "+name)
	return key
}

// Good is a message that must be believed.
func (f *Foe) Good(body string) wire.Part {
	f.t.Helper()
	return f.Entry(f.Signed(f.South.Content(parley.Routine, body), f.Officer("a")))
}

// Receive returns the next frame that the station sends, opened, or fails the
// test after a minute. read opens frames under the station's epoch.
func (f *Foe) Receive() []byte {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	frame, err := f.end.Receive(ctx)
	if err != nil {
		f.t.Fatalf("the station sent nothing: %v", err)
	}
	return frame
}
