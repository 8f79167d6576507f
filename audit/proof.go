package audit

import (
	"fmt"
	"slices"

	"parley"
	"parley/proof"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// ProofReport is what a proof of messages shows, if nothing in it is wrong.
type ProofReport struct {
	Line        parley.LineID // of the roster given
	Words       string        // of the roster given: what people compare
	Party, Peer parley.Party  // whose log, and the other
	First, Last uint64        // the entries shown; none between them is missing

	// Generations are those of the party's log that begin up to Size, one at least, and
	// PeerGenerations those of the peer's up to PeerSize.
	Generations, PeerGenerations []Generation

	// Believed are those with content that the quorum of officers released, and
	// that the peer did not refuse as far as the proof says; Refused are the others.
	Believed []Message
	Said     Spans // where they stand
	Refused  []Refused
	Receipts []Receipt // single receipts

	// Seen says, for each entry shown, how much of the peer's log its writer had seen.
	Seen []uint64

	// Changes are the entries shown besides, which change the party's side.
	Changes []uint64

	// Others are the entries of the peer's log shown besides, which change its side.
	Others []uint64

	// Size and Root are those of the checkpoint that the party's log key signed.
	Size uint64
	Root parley.Hash

	// Cosigned says that the peer signed that it holds all Size entries, and
	// CosignedAt when, as the peer says.
	Cosigned   bool
	CosignedAt parley.Time

	// CosignedDoubt is what of that is in doubt.
	CosignedDoubt InDoubt

	// PeerSize is how many entries the peer signed that its own log has, and that the
	// party signed that it holds, at PeerAt; 0 if the proof does not say. It is at least
	// what was seen.
	PeerSize uint64
	PeerAt   parley.Time

	// Wrong is the first wrong thing; then nothing in the proof is proved.
	Wrong *Wrong
}

// Log returns the log of the party as far as the proof shows it: the names of its
// entries.
func (r *ProofReport) Log() *Log {
	return &Log{Party: r.Party, Peer: r.Peer, Entries: r.Last, Generations: r.Generations, Basis: ByRoster}
}

// Other is Log for the peer's.
func (r *ProofReport) Other() *Log {
	return &Log{Party: r.Peer, Peer: r.Party, Entries: r.PeerSize, Generations: r.PeerGenerations, Basis: ByRoster}
}

// Proof checks a proof of messages against the roster with which the line began
// (spec/PROOF.md §6). It stops at the first wrong thing.
func Proof(p *proof.Proof, r *roster.Roster) *ProofReport {
	report := &ProofReport{Line: r.Line, Words: r.Words(), Party: p.Party, Peer: p.Peer, First: p.First(), Last: p.Last()}
	side, _ := r.Side(p.Party)
	peer, _ := r.Side(p.Peer)
	report.Generations, report.PeerGenerations = first(side.Log), first(peer.Log)
	v := prover{p: p, roster: r, report: report}
	if err := v.check(); err != nil {
		report.Wrong = &Wrong{Entry: v.at, Err: err}
		if !v.foreign {
			report.Wrong.Party = p.Party
		}
	}
	return report
}

// prover checks one proof.
type prover struct {
	p          *proof.Proof
	roster     *roster.Roster
	report     *ProofReport
	side, peer roster.Side
	claims     *proof.Claims
	foreign    bool   // it is not of the roster's line
	at         uint64 // the entry that is looked at; 0: none in particular

	known   *roster.History   // with all changes that are shown
	other   transcript.Signed // of the other log
	history *roster.History   // up to the next entry
	drafts  map[parley.DraftID]uint64
	signed  map[parley.KeyID]string // by whom what is believed was signed
}

func (v *prover) check() (err error) {
	if v.claims, err = v.p.Claims(); err != nil {
		return err
	}
	var ok, ok2 bool
	v.side, ok = v.roster.Side(v.p.Party)
	v.peer, ok2 = v.roster.Peer(v.p.Party)
	if !ok || !ok2 || v.peer.Party != v.p.Peer || v.claims.Note.Line != v.roster.Line {
		v.foreign = true
		return fmt.Errorf("a log of %s, and the other party %s: %w", v.p.Party, v.p.Peer, ErrRoster)
	}
	for _, step := range []func() error{v.keys, v.generations, v.notes, v.places, v.closings, v.statements, v.seen, v.contents, v.officers} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// keys reads the changes shown, so that it is known whose keys are whose. Whether
// they count is asked later.
func (v *prover) keys() error {
	h := roster.NewHistory(v.roster)
	apply := func(from, to parley.Party, n uint64, entry []byte) {
		if after := changed(h, transcript.Statement{Number: n, Bytes: entry}, from, to); after != nil {
			h = after
		}
	}
	for _, e := range v.all() {
		apply(v.side.Party, v.peer.Party, e.number, e.bytes)
	}
	for i, e := range v.p.OtherChanges {
		apply(v.peer.Party, v.side.Party, v.claims.Others[i], e)
	}
	v.known = h
	return nil
}

// generations reads the statements by which the two logs went on under other names.
func (v *prover) generations() (err error) {
	if v.report.Generations, v.known, err = generations(v.p.Generations, v.known, v.side.Party, receipt.OpenGeneration); err != nil {
		return err
	}
	if v.report.PeerGenerations, v.known, err = generations(v.p.OtherGenerations, v.known, v.peer.Party, receipt.OpenGeneration); err != nil {
		return fmt.Errorf("of the other log: %w", err)
	}
	return nil
}

// notes opens the checkpoint, and that of the other log.
func (v *prover) notes() (err error) {
	report := v.report
	var c transcript.Signed
	if v.claims.Note.Cosigned {
		if err := beyond(v.p.Note, v.report.Log(), v.known); err != nil {
			return err
		}
		c, report.CosignedAt, err = receipt.OpenCosigned(v.p.Note, v.known, v.side.Party, v.peer.Party)
		report.Cosigned = err == nil
	} else {
		c, err = transcript.OpenCheckpointBy(v.p.Note, v.known, v.side.Party)
	}
	if err != nil {
		return err
	}
	report.Size, report.Root = c.Size, c.Root
	if report.Cosigned {
		t, err := receipt.CosignedBy(v.p.Note, v.known, v.peer.Party)
		if err != nil {
			return err
		}
		report.CosignedDoubt = v.doubt(t, roster.RoleReceipt, c.Size)
	}
	if v.p.Other == nil {
		return nil
	}
	other, at, err := receipt.OpenCosigned(v.p.Other, v.known, v.peer.Party, v.side.Party)
	if err != nil {
		return fmt.Errorf("of the other log: %w", err)
	}
	v.other, report.PeerSize, report.PeerAt = other, other.Size, at
	return nil
}

// doubt says what is in doubt of a receipt for entries up to n, by a key that stood so
// long (spec/CHANGE.md §5).
func (v *prover) doubt(t roster.Term, role roster.Role, n uint64) InDoubt {
	if _, stolen := v.known.Doubt(v.peer.Party, roster.KeyID(role, t.Key), wire.MaxNumber); !stolen {
		return NoDoubt
	}
	return doubtOf(n, v.admits(v.peer.Party, v.p.OtherChanges))
}

// admits is how much of the other log these entries of p's say they have seen.
func (v *prover) admits(p parley.Party, entries [][]byte) (most uint64) {
	for _, e := range entries {
		if h, err := wire.ParseEntryHeader(e); err == nil {
			most = max(most, v.known.Place(p, h).Seen)
		}
	}
	return most
}

// closings says what is in doubt of the closings of both logs: all that is shown of
// both was found in its place.
func (v *prover) closings() error {
	doubtClosings(v.report.Generations, v.known, v.peer.Party, v.admits(v.peer.Party, v.p.OtherChanges))
	var own [][]byte
	for _, e := range v.all() {
		own = append(own, e.bytes)
	}
	doubtClosings(v.report.PeerGenerations, v.known, v.side.Party, v.admits(v.side.Party, own))
	return nil
}

// shown is an entry of either kind.
type shown struct {
	number uint64
	bytes  []byte
	change bool // shown besides
}

// all returns the entries shown, of both kinds, in order.
func (v *prover) all() []shown {
	list := make([]shown, 0, len(v.p.Entries)+len(v.p.Changes))
	for i, e := range v.p.Changes {
		list = append(list, shown{v.claims.Changes[i], e, true})
	}
	at, _ := slices.BinarySearch(v.claims.Changes, v.report.First)
	entries := make([]shown, len(v.p.Entries))
	for i, e := range v.p.Entries {
		entries[i] = shown{v.report.First + uint64(i), e, false}
	}
	return slices.Insert(list, at, entries...)
}

// places checks that the entries hold to each other, and stand in the logs that were
// signed.
func (v *prover) places() error {
	if err := v.stand(v.all(), v.report.Log(), v.p.Hashes, v.report.Size, v.report.Root); err != nil || len(v.p.OtherChanges) == 0 {
		return err
	}
	var others []shown
	for i, e := range v.p.OtherChanges {
		others = append(others, shown{v.claims.Others[i], e, true})
	}
	if err := v.stand(others, v.report.Other(), v.p.OtherHashes, v.other.Size, v.other.Root); err != nil {
		v.at = 0
		return fmt.Errorf("of the other log: %w", err)
	}
	return nil
}

func (v *prover) stand(list []shown, log *Log, hashes []parley.Hash, size uint64, root parley.Hash) error {
	var places []transcript.Place
	for _, e := range list {
		v.at = e.number
		h, err := wire.ParseEntryHeader(e.bytes)
		if err != nil {
			return err
		}
		if h.Log != log.Generations[log.GenerationOf(e.number)-1].Log {
			return fmt.Errorf("log %s: %w", h.Log, transcript.ErrLog)
		}
		if n := len(places); n > 0 && places[n-1].Index+1 == e.number-1 && h.Previous != places[n-1].Leaf {
			return fmt.Errorf("%w: %w", ErrAltered, transcript.ErrChain)
		}
		places = append(places, transcript.Place{Index: e.number - 1, Leaf: transcript.LeafHash(e.bytes)})
	}
	v.at = 0
	return transcript.CheckSet(hashes, size, root, places)
}

// statements checks what the peer signed about single entries.
func (v *prover) statements() error {
	leaf := func(n uint64) parley.Hash { return transcript.LeafHash(v.p.Entries[n-v.report.First]) }
	place := func(n uint64) roster.Place {
		return v.known.Place(v.side.Party, v.claims.Messages[n-v.report.First].Header)
	}
	for _, s := range v.p.Receipts {
		v.at = s.Number
		r, t, err := receipt.VerifyBy(s.Bytes, v.known, v.peer.Party)
		switch {
		case err != nil:
			return fmt.Errorf("receipt: %w: %w", ErrUnsigned, err)
		case r.Log != v.side.Log || r.Leaf != leaf(s.Number):
			return fmt.Errorf("receipt: %w", ErrStatement)
		}
		if err := receipt.CheckReceipt(r, t, place(s.Number)); err != nil {
			return err
		}
		v.report.Receipts = append(v.report.Receipts, Receipt{Number: s.Number, Received: r.Received, Doubt: v.doubt(t, roster.RoleReceipt, s.Number)})
	}
	for _, s := range v.p.Refusals {
		v.at = s.Number
		r, t, err := receipt.RefusalBy(s.Bytes, v.known, v.peer.Party)
		switch {
		case err != nil:
			return fmt.Errorf("refusal: %w: %w", ErrUnsigned, err)
		case r.Log != v.side.Log || r.Leaf != leaf(s.Number):
			return fmt.Errorf("refusal: %w", ErrStatement)
		}
		if err := receipt.CheckRefusal(t, place(s.Number)); err != nil {
			return err
		}
		v.report.Refused = append(v.report.Refused, Refused{Number: s.Number, Reason: r.Reason, At: r.Time, Doubt: v.doubt(t, roster.RoleStation, s.Number) != NoDoubt})
	}
	return nil
}

// seen checks what the entries say of the peer's log.
func (v *prover) seen() error {
	var last uint64
	for _, m := range v.claims.Messages {
		v.at = m.Header.Number
		if slices.ContainsFunc(v.report.Refused, func(r Refused) bool { return r.Number == v.at }) {
			v.report.Seen = append(v.report.Seen, claimedSeen(m.Header))
			continue // it is no measure for those behind it
		}
		if len(m.Header.Seen) == 0 && last > 0 {
			return fmt.Errorf("it says that nothing of %s was seen, after %d: %w", v.peer.Party, last, ErrSeen)
		}
		for _, s := range m.Header.Seen {
			s.Size = v.known.Saw(v.side.Party, m.Header.Number, s.Size)
			switch {
			case s.Log != v.peer.Log:
				return fmt.Errorf("it says what was seen of log %s: %w", s.Log, ErrSeen)
			case s.Size < last:
				return fmt.Errorf("it says that %d entries of %s were seen, after %d: %w", s.Size, v.peer.Party, last, ErrSeen)
			case v.p.Other != nil && s.Size > v.report.PeerSize:
				return fmt.Errorf("it says that %d entries of %s were seen, of %d: %w", s.Size, v.peer.Party, v.report.PeerSize, ErrSeen)
			}
			last = s.Size
		}
		v.report.Seen = append(v.report.Seen, last)
	}
	return nil
}

// claimedSeen is how much an entry says it has seen, of whatever log.
func claimedSeen(h wire.Header) (size uint64) {
	for _, s := range h.Seen {
		size = max(size, s.Size)
	}
	return size
}

// contents judges what stands in the entries, each by the roster as the changes
// before it left it.
func (v *prover) contents() error {
	v.history, v.drafts, v.signed = roster.NewHistory(v.roster), make(map[parley.DraftID]uint64), make(map[parley.KeyID]string)
	for _, e := range v.all() {
		v.at = e.number
		released, keys, err := v.content(e)
		if err == nil {
			v.history = released.After()
		}
		refused := slices.IndexFunc(v.report.Refused, func(r Refused) bool { return r.Number == e.number })
		switch {
		case e.change && err == nil && released.Content().Kind != parley.Change:
			return fmt.Errorf("it is shown as a change, and is none: %w", ErrStatement)
		case e.change && err == nil:
			v.report.Changes = append(v.report.Changes, e.number)
		case !e.change && refused >= 0:
			v.report.Refused[refused].Found = err
		case err != nil:
			return err
		default:
			v.believed(e.number, released, keys)
		}
	}
	for i := range v.report.Believed {
		m := &v.report.Believed[i]
		m.Doubts = m.Released.Doubts(v.known, m.Number)
	}
	return v.others()
}

// others judges the changes of the other party.
func (v *prover) others() error {
	v.at = 0
	h := roster.NewHistory(v.roster)
	for i, e := range v.p.OtherChanges {
		n := v.claims.Others[i]
		after := changed(h, transcript.Statement{Number: n, Bytes: e}, v.peer.Party, v.side.Party)
		if after == nil {
			return fmt.Errorf("entry %d of the other log is shown as a change, and is none that counts: %w", n, ErrStatement)
		}
		h = after
		v.report.Others = append(v.report.Others, n)
	}
	return nil
}

func (v *prover) content(e shown) (*release.Released, []wire.Signature, error) {
	entry, err := wire.ParseEntry(e.bytes)
	if err != nil {
		return nil, nil, err
	}
	released, err := release.Verify(entry.Signed, v.history, v.side.Party, v.peer.Party, v.history.Place(v.side.Party, entry.Header))
	if err != nil {
		return nil, nil, err
	}
	if first, ok := v.drafts[released.Content().Draft]; ok && released.Content().Kind != parley.Change {
		return nil, nil, fmt.Errorf("the draft of entry %d: %w", first, release.ErrReplay)
	}
	s, err := wire.ParseSigned(entry.Signed)
	return released, s.Signatures, err
}

func (v *prover) believed(n uint64, released *release.Released, by []wire.Signature) {
	if c := released.Content(); c.Kind != parley.Change {
		v.drafts[c.Draft] = n
	}
	if side, ok := v.history.At(v.side.Party, n).Side(v.side.Party); ok {
		for _, sig := range by {
			if i := slices.IndexFunc(side.Officers, func(o roster.Officer) bool { return o.KeyID() == sig.Key }); i >= 0 {
				v.signed[sig.Key] = side.Officers[i].Name
			}
		}
	}
	v.report.Said.add(n)
	v.report.Believed = append(v.report.Believed, Message{
		Number: n, Generation: v.report.Log().GenerationOf(n), Time: v.claims.Messages[n-v.report.First].Header.Time, Released: released,
		Refers: refers(v.known, v.side.Party, n, v.report.PeerSize, released.Content().References),
	})
}

// officers checks the names that the words give.
func (v *prover) officers() error {
	v.at = 0
	for _, o := range v.p.Officers {
		if name, ok := v.signed[o.Key]; !ok || name != o.Name {
			return fmt.Errorf("%q is not who signed with key %s: %w", o.Name, o.Key, release.ErrOfficer)
		}
	}
	return nil
}
