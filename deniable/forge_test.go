package deniable_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/audit"
	"parley/deniable"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// said is one message of a conversation, as somebody tells it.
type said struct {
	by         parley.Party
	draft      byte
	precedence parley.Precedence
	body       string
	at         parley.Time
}

// forger writes a whole transcript of a deniable line: both parties' messages,
// officers, checkpoints, receipts and times. It has what one party has, and
// asks nobody: it is the reason why a true transcript proves nothing.
type forger struct {
	t    *testing.T
	line *deniable.Line
}

func (f forger) keys(p parley.Party) deniable.Keys {
	k, err := f.line.Keys(p)
	f.must(err)
	return k
}

func (f forger) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f forger) transcript(exporter parley.Party, conversation []said) []byte {
	r := f.line.Roster()
	out := transcript.File{Line: r.Line, Exporter: exporter}
	chains := map[parley.Party]*transcript.Chain{}
	logs := map[parley.Party]*transcript.FileLog{}
	for i, s := range r.Sides {
		out.Logs[i] = transcript.FileLog{Party: s.Party, Log: s.Log}
		logs[s.Party], chains[s.Party] = &out.Logs[i], transcript.NewChain(s.Log)
	}
	for _, m := range conversation {
		peer, _ := r.Peer(m.by)
		c := wire.Content{
			Line: r.Line, Draft: parley.DraftID{m.draft}, From: parley.Desk(m.by + "/duty"), To: []parley.Desk{parley.Desk(peer.Party + "/duty")},
			Precedence: m.precedence, Status: parley.Real, Kind: parley.Text, Language: "en", Body: m.body,
		}
		content, err := wire.AppendContent(nil, c)
		f.must(err)
		sigs, err := f.line.Sign(content)
		f.must(err)
		chain, log := chains[m.by], logs[m.by]
		released, err := release.Release(content, sigs, roster.NewHistory(r), m.by, roster.Place{Number: chain.Size() + 1, Seen: chains[peer.Party].Size()})
		f.must(err)
		h := wire.Header{Version: 1, Log: log.Log, Number: chain.Size() + 1, Previous: chain.Last(), Time: m.at}
		if n := chains[peer.Party].Size(); n > 0 {
			h.Seen = []wire.Seen{{Log: peer.Log, Size: n}}
		}
		entry, err := wire.AppendEntry(nil, wire.Entry{Header: h, Signed: released.Signed()})
		f.must(err)
		_, err = chain.Append(entry)
		f.must(err)
		log.Entries = append(log.Entries, entry)
		checkpoint, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: r.Line, Log: log.Log, Size: chain.Size(), Root: chain.Root()}, f.keys(m.by).Log())
		f.must(err)
		log.Checkpoint = checkpoint.Note()
		log.Cosigned, err = receipt.Cosign(checkpoint, r, peer.Party, f.keys(peer.Party).Receipt(), m.at+1000)
		f.must(err)
		if m.precedence == parley.Flash {
			single, err := receipt.Issue(wire.Receipt{Log: log.Log, Number: chain.Size(), Leaf: transcript.LeafHash(entry), Received: m.at + 500, Size: chain.Size()}, f.keys(peer.Party).Receipt())
			f.must(err)
			log.Receipts = append(log.Receipts, transcript.Statement{Number: chain.Size(), Bytes: single})
		}
	}
	b, err := transcript.AppendFile(nil, out)
	f.must(err)
	return b
}

// What north said can have been written by south alone, to the byte; and south
// can as well write what north never said. Both are found good.
func TestEitherCanForgeIt(t *testing.T) {
	l := line(t)
	north, south := forger{t, derive(t, l, l.North)}, forger{t, derive(t, l, l.South)}
	truth := []said{
		{"north", 1, parley.Immediate, "Would you consider a pause of three days?", 1_790_000_000_000},
		{"south", 2, parley.Routine, "If it is not announced.", 1_790_000_060_000},
		{"north", 3, parley.Flash, "Agreed. From midnight.", 1_790_000_090_000},
	}
	real := north.transcript("south", truth)
	if !bytes.Equal(real, south.transcript("south", truth)) {
		t.Fatal("south cannot write the transcript that north and south made")
	}
	lie := slices.Clone(truth)
	lie[0].body, lie[2].body, lie[2].at = "We will attack.", "At dawn.", lie[2].at+86_400_000
	forged := south.transcript("south", lie)
	for name, text := range map[string][]byte{"true": real, "forged": forged} {
		f, err := transcript.ParseFile(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if wrong := audit.Audit(f, south.line.Roster()).Wrong; wrong != nil {
			t.Errorf("the %s transcript is refused: %v", name, wrong)
		}
	}
}

// On the agreed line the same attempt fails: south has none of north's keys
// there, and its derived ones count for nothing.
func TestNobodyForgesOnTheAgreedLine(t *testing.T) {
	l := line(t)
	d := derive(t, l, l.South)
	c := wire.Content{
		Line: l.Roster.Line, Draft: parley.DraftID{1}, From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: "We will attack.",
	}
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	derived, err := d.Sign(content)
	if err != nil {
		t.Fatal(err)
	}
	_, key := l.South.Officer(t, "south a")
	own, err := release.Approve(content, key)
	if err != nil {
		t.Fatal(err)
	}
	for name, sigs := range map[string][]wire.Signature{"derived": derived, "south's": {own}} {
		if _, err := release.Release(content, sigs, roster.NewHistory(l.Roster), "north", roster.Place{Number: 1}); !errors.Is(err, release.ErrOfficer) {
			t.Errorf("a %s key: %v", name, err)
		}
	}
}
