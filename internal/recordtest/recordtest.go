// Package recordtest makes, for tests, what two parties have said on a line:
// both logs with their entries, checkpoints, cosignatures, receipts and
// refusals, and the file of them. It signs with the real keys of a
// rostertest.Line and stores nothing.
package recordtest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Record is two logs that are being written. Each call takes a second of its
// clock, which begins at Start.
type Record struct {
	Line *rostertest.Line

	t      testing.TB
	now    parley.Time
	drafts uint64
	logs   map[parley.Party]*log
}

// Start is the moment before the first call.
const Start parley.Time = 1_790_000_000_000

type log struct {
	owner, peer *rostertest.Party
	chain       *transcript.Chain
	name        parley.LogID      // of its generation
	signer      ed25519.PublicKey // of its last checkpoint
	file        transcript.FileLog
}

// New begins a record on a line. What cannot be made fails the test.
func New(t testing.TB, line *rostertest.Line) *Record {
	t.Helper()
	r := &Record{Line: line, t: t, now: Start, logs: make(map[parley.Party]*log)}
	for _, p := range [][2]*rostertest.Party{{line.North, line.South}, {line.South, line.North}} {
		r.logs[p[0].Party] = &log{
			owner: p[0], peer: p[1], chain: transcript.NewChain(p[0].Log),
			name: p[0].Log, file: transcript.FileLog{Party: p[0].Party, Log: p[0].Log},
		}
	}
	return r
}

// Conversation returns a record with everything that an honest file can hold: text
// both ways, receipts of both kinds, and a refused entry.
func Conversation(t testing.TB, line *rostertest.Line) *Record {
	t.Helper()
	r := New(t, line)
	r.Say("north", "Our aircraft will cross the line at noon.")
	r.Say("south", "Understood.\nAt what height?")
	flash := r.Content("north", "Hold your fire: it is a training flight.")
	flash.Precedence = parley.Flash
	r.Receipt("north", r.Enter("north", r.Sign("north", flash, "north a", "north b")))
	r.Refuse("north", r.Enter("north", r.Sign("north", flash, "north a")), wire.ReasonQuorum)
	r.Cosign("north")
	r.Say("north", "At 3000 metres.")
	r.Cosign("south")
	return r
}

// Content returns a Routine text from the duty desk of a party to the other's,
// with a draft id of its own.
func (r *Record) Content(from parley.Party, body string) wire.Content {
	r.drafts++
	c := wire.Content{
		Line: r.Line.Roster.Line, From: parley.Desk(from + "/duty"), To: []parley.Desk{parley.Desk(r.log(from).peer.Party + "/duty")},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	}
	binary.BigEndian.PutUint64(c.Draft[:], r.drafts)
	return c
}

// Sign returns content with the signatures of officers of a party, whether or
// not they are the quorum.
func (r *Record) Sign(by parley.Party, c wire.Content, officers ...string) []byte {
	r.t.Helper()
	content, err := wire.AppendContent(nil, c)
	r.must(err)
	s := wire.Signed{Content: content}
	for _, name := range officers {
		_, key := r.log(by).owner.Officer(r.t, name)
		sig, err := release.Approve(content, key)
		r.must(err)
		s.Signatures = append(s.Signatures, sig)
	}
	slices.SortFunc(s.Signatures, func(a, b wire.Signature) int { return slices.Compare(a.Key[:], b.Key[:]) })
	signed, err := wire.AppendSigned(nil, s)
	r.must(err)
	return signed
}

// Say releases a Routine text of a party by its first officer, and enters it.
// It returns the number of the entry.
func (r *Record) Say(from parley.Party, body string) uint64 {
	r.t.Helper()
	return r.Enter(from, r.Sign(from, r.Content(from, body), string(from)+" a"))
}

// Enter puts any bytes as signed content into the next entry of a party, which
// has then seen all of the other's log. It returns the number of the entry.
func (r *Record) Enter(from parley.Party, signed []byte) uint64 {
	r.t.Helper()
	var seen []wire.Seen
	peer := r.log(r.log(from).peer.Party)
	if n := peer.chain.Size(); n > 0 {
		seen = []wire.Seen{{Log: peer.file.Log, Size: n}}
	}
	return r.EnterSeen(from, signed, seen)
}

// EnterSeen is Enter by a party that says what it likes of the other's log.
func (r *Record) EnterSeen(from parley.Party, signed []byte, seen []wire.Seen) uint64 {
	r.t.Helper()
	l := r.log(from)
	r.now += 1000
	e := wire.Entry{
		Header: wire.Header{Version: 1, Log: l.name, Number: l.chain.Size() + 1, Previous: l.chain.Last(), Seen: seen, Time: r.now},
		Signed: signed,
	}
	b, err := wire.AppendEntry(nil, e)
	r.must(err)
	_, err = l.chain.Append(b)
	r.must(err)
	l.file.Entries = append(l.file.Entries, b)
	l.file.Checkpoint, l.signer = l.checkpoint(r), l.owner.LogKey.Public().(ed25519.PublicKey)
	return l.chain.Size()
}

// Cosign has the other party receipt all entries of owner's log so far.
func (r *Record) Cosign(owner parley.Party) {
	r.t.Helper()
	l := r.log(owner)
	r.now += 1000
	claimed, err := transcript.ReadCheckpoint(l.file.Checkpoint)
	r.must(err)
	c, err := transcript.OpenCheckpoint(l.file.Checkpoint, r.Line.Roster.Line, claimed.Log, l.signer)
	r.must(err)
	now := *r.Line.Roster
	for i := range now.Sides {
		if now.Sides[i].Party == owner {
			now.Sides[i].LogKey = l.signer
		}
	}
	b, err := receipt.Cosign(c, &now, l.peer.Party, l.peer.ReceiptKey, r.now)
	r.must(err)
	l.file.Cosigned = b
}

// CosignPQ has both parties cosign by ML-DSA-44 what the other party receipted last
// of owner's log. The line is one with PostQuantum.
func (r *Record) CosignPQ(owner parley.Party) {
	r.t.Helper()
	l, h := r.log(owner), roster.NewHistory(r.Line.Roster)
	r.now += 1000
	offer, err := receipt.OfferPQ(l.file.Cosigned, h, owner, l.owner.ReceiptPQKey, r.now)
	r.must(err)
	l.file.CosignedPQ, err = receipt.CosignPQ(offer, h, l.peer.Party, l.peer.ReceiptPQKey, r.now)
	r.must(err)
}

// Renew has owner's log go on in a new generation, as after a restore: the other party
// closes it at its size, which it cosigned.
func (r *Record) Renew(owner parley.Party) {
	r.t.Helper()
	l := r.log(owner)
	if l.chain.Size() > 0 {
		r.Cosign(owner)
	}
	r.renew(owner)
}

// renew is Renew of a log that is cosigned to its end.
func (r *Record) renew(owner parley.Party) {
	r.t.Helper()
	l := r.log(owner)
	r.now += 1000
	name := sha256.Sum256(fmt.Appendf(nil, "%s renewed at %d", owner, r.now))
	renewal := wire.Renewal{Line: r.Line.Roster.Line, Party: owner, Log: parley.LogID(name[:16]), Time: r.now}
	r.RenewAs(owner, renewal, wire.Closing{
		Line: renewal.Line, Party: owner, Closed: l.name, Size: l.chain.Size(), Root: l.chain.Root(), Opened: renewal.Log, Time: r.now + 500,
	})
}

// RenewAs is Renew by statements that say what they like.
func (r *Record) RenewAs(owner parley.Party, renewal wire.Renewal, closing wire.Closing) {
	r.t.Helper()
	l := r.log(owner)
	asked, err := receipt.IssueRenewal(renewal, l.owner.LogKey)
	r.must(err)
	closed, err := receipt.IssueClosing(closing, l.peer.ReceiptKey)
	r.must(err)
	b, err := wire.AppendGeneration(nil, wire.Generation{Renewal: asked, Closing: closed})
	r.must(err)
	l.file.Generations = append(l.file.Generations, b)
	l.name = renewal.Log
	l.chain.Renew(l.name)
}

// Name returns the id of the generation in which owner's log is.
func (r *Record) Name(owner parley.Party) parley.LogID { return r.log(owner).name }

// SetClock sets the clock, forward or back.
func (r *Record) SetClock(t parley.Time) { r.now = t }

// Receipt has the other party receipt entry n of owner's log by itself.
func (r *Record) Receipt(owner parley.Party, n uint64) { r.ReceiptHeld(owner, n, n) }

// ReceiptHeld is Receipt by a party that says how much it held without a gap.
func (r *Record) ReceiptHeld(owner parley.Party, n, held uint64) {
	r.t.Helper()
	l := r.log(owner)
	r.now += 1000
	b, err := receipt.Issue(wire.Receipt{Log: l.file.Log, Number: n, Leaf: l.leaf(n), Received: r.now, Size: held}, l.peer.ReceiptKey)
	r.must(err)
	l.file.Receipts = put(l.file.Receipts, transcript.Statement{Number: n, Bytes: b})
}

// Refuse has the other party refuse entry n of owner's log.
func (r *Record) Refuse(owner parley.Party, n uint64, reason wire.Reason) {
	r.t.Helper()
	l := r.log(owner)
	r.now += 1000
	b, err := receipt.Refuse(wire.Refusal{Log: l.file.Log, Number: n, Leaf: l.leaf(n), Reason: reason, Time: r.now}, l.peer.StationKey)
	r.must(err)
	l.file.Refusals = put(l.file.Refusals, transcript.Statement{Number: n, Bytes: b})
}

// File returns all of it as exporter hands it out. The slices are copies, the
// bytes in them are not.
func (r *Record) File(exporter parley.Party) transcript.File {
	f := transcript.File{Line: r.Line.Roster.Line, Exporter: exporter}
	for i, s := range r.Line.Roster.Sides {
		l := r.log(s.Party).file
		l.Generations = slices.Clone(l.Generations)
		l.Witnessed = slices.Clone(l.Witnessed)
		l.Entries, l.Receipts, l.Refusals = slices.Clone(l.Entries), slices.Clone(l.Receipts), slices.Clone(l.Refusals)
		f.Logs[i] = l
	}
	return f
}

func (l *log) checkpoint(r *Record) []byte {
	r.t.Helper()
	c, err := transcript.SignCheckpoint(transcript.Checkpoint{
		Line: r.Line.Roster.Line, Log: l.name, Size: l.chain.Size(), Root: l.chain.Root(),
	}, l.owner.LogKey)
	r.must(err)
	return c.Note()
}

func (l *log) leaf(n uint64) parley.Hash { return transcript.LeafHash(l.file.Entries[n-1]) }

func (r *Record) log(p parley.Party) *log {
	l, ok := r.logs[p]
	if !ok {
		r.t.Fatalf("recordtest: no party %q on the line", p)
	}
	return l
}

func (r *Record) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("recordtest: %v", err)
	}
}

func put(list []transcript.Statement, s transcript.Statement) []transcript.Statement {
	list = append(list, s)
	slices.SortFunc(list, func(a, b transcript.Statement) int { return int(a.Number) - int(b.Number) })
	return list
}
