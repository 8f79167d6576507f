package audit

import (
	"fmt"

	"parley"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Report is what a file proves, and what is wrong in it.
type Report struct {
	Line     parley.LineID // of the roster or the key given
	Words    string        // of the roster given: what people compare
	Exporter parley.Party
	Logs     [2]Log

	// PostQuantum says that both parties have a receipt-pq key on the roster given:
	// without, no entry can be cosigned by ML-DSA-44.
	PostQuantum bool

	// Wrong is the first wrong thing; nil if everything that the file claims,
	// and a file can prove, is proved.
	Wrong *Wrong
}

// Log is what is proved of one party's log.
type Log struct {
	Party, Peer parley.Party
	Log         parley.LogID // in the roster

	// Generations are those of the log, one at least, in order. Each log key signed
	// that its log goes on under the name of a later one, and the peer where; without
	// a roster the second is a claim of the file (spec/GENERATION.md).
	Generations []Generation

	// Basis is what the proofs stand on. Party and Peer are claims of the file
	// unless it is a roster.
	Basis Basis

	// Entries is how many entries stand in the file; Checked is how many were
	// looked at, which is fewer only if the entries do not hold to each other.
	Entries, Checked uint64

	// Counts are of all that the lists below have the first of.
	Counts Counts

	// Wrong is all that is wrong in the log, in the order of the entries.
	Wrong []*Wrong

	// Believed are the entries with content that the quorum of officers
	// released to the peer, and that the peer did not refuse, in order; none where
	// Options.Message was told them.
	Believed []Message
	Said     Spans // where they stand

	// Decisions are the first of those entries in which officers decided about a
	// fork of the peer's log (spec/TRANSCRIPT.md §8).
	Decisions []Decision

	// Doubtful is where compromised keys signed what is believed, and in doubt
	// (spec/CHANGE.md §5).
	Doubtful Doubtful

	// Size and Root are those of the checkpoint that the party's log key
	// signed, once the entries were found to have that root; Size is 0 before.
	Size uint64
	Root parley.Hash

	// ClaimsSeen is how many entries of the peer's log the exporter's own
	// entries say it had seen, where that is more than stand in the file: those
	// had come, and no checkpoint covered them yet. Otherwise 0.
	ClaimsSeen uint64

	// Earlier are the entries that claim an earlier time than the entry before
	// them: their writer's clock was set back, or they were backdated. The order
	// is proved all the same.
	Earlier []uint64

	// Latest is the largest time that an entry claims.
	Latest parley.Time

	// Receipted is how many entries, from the first, the peer cosigned, and
	// ReceiptedAt when, as the peer says.
	Receipted   uint64
	ReceiptedAt parley.Time
	// ReceiptedDoubt is what of that is in doubt.
	ReceiptedDoubt InDoubt

	// PostQuantum is how many entries, from the first, both parties cosigned by
	// ML-DSA-44 besides (spec/RECEIPT.md §9), and PostQuantumAt since when, as the
	// later of the two says.
	PostQuantum   uint64
	PostQuantumAt parley.Time

	// Unreceipted are the entries, of those that were looked at, that no
	// cosignature, receipt or refusal in the file says were received.
	Unreceipted Spans

	// Keys are the keys that the party had, and when each was valid: the changes
	// of its side stand in the log (spec/CHANGE.md §4).
	Keys []roster.Validity

	// Witnessed are cosignatures of neutral witnesses, by the size of what they
	// cosigned, as far as the entries were found to have the root that is in them.
	Witnessed []Witnessed

	Receipts []Receipt // single receipts, sorted by number
	Refused  []Refused // sorted by number
}

// Basis is what the proofs about a log stand on.
type Basis int

const (
	ByNothing Basis = iota // neither a roster nor a key of the log was given: nothing is proved
	ByKey                  // the verifier key of the log
	ByRoster               // the roster of the line
)

// Counts say how many there are of each list of a Log.
type Counts struct{ Wrong, Believed, Receipts, Refused, Earlier uint64 }

// Message is an entry that can be believed.
type Message struct {
	Number     uint64
	Generation int         // of the log, counted from 1 (spec/GENERATION.md §1)
	Time       parley.Time // as the sender says
	Released   *release.Released

	// Refers are the names of the messages that it refers to, as its writer meant
	// them (spec/GENERATION.md §1); of a log that is not of the line the number and
	// its id, and where it is not shown in which generation, the party and the number.
	Refers []string

	// Doubts are the compromised keys that signed it, where it is in doubt
	// whether their officers did (spec/CHANGE.md §5).
	Doubts []roster.Compromise
}

// Decision is a believed entry in which officers decided about a fork of the
// peer's log. What it says of that log is its writers' word.
type Decision struct {
	Number   uint64
	Time     parley.Time // as the sender says
	Officers []string
	transcript.Decision
}

// Receipt is a single receipt by the peer for one entry.
type Receipt struct {
	Number   uint64
	Received parley.Time // as the peer says
	Doubt    InDoubt

	stolen bool // the key is compromised
}

// InDoubt is what of a receipt is in doubt because the key that signed it was
// compromised (spec/CHANGE.md §5).
type InDoubt uint8

// The doubts.
const (
	NoDoubt   InDoubt = 0
	DoubtTime InDoubt = 1 // when it was received: whoever held the key could write any time
	DoubtFact InDoubt = 2 // that it was received, too: no entry of the peer says it has seen it
)

// Refused is an entry that the peer holds and does not believe.
type Refused struct {
	Number uint64
	Reason wire.Reason
	At     parley.Time // as the peer says

	// Doubt is set where the key that signed it was compromised: whether the peer
	// refused it is in doubt, unless Found says that it had to.
	Doubt bool

	// Found is what the audit itself finds wrong in the entry; nil if the peer
	// refused content in which nothing wrong is found.
	Found error
}

// Wrong is one wrong thing.
type Wrong struct {
	Party parley.Party // whose log; empty where it is the file
	Entry uint64       // from 1; 0 where it is no single entry
	Line  int          // of the file, where the entry stands; 0 where it stands nowhere
	Err   error
}

func (w *Wrong) Error() string {
	switch {
	case w.Party == "":
		return w.Err.Error()
	case w.Entry == 0:
		return fmt.Sprintf("log of %s: %v", w.Party, w.Err)
	}
	return fmt.Sprintf("log of %s, entry %d: %v", w.Party, w.Entry, w.Err)
}

// Unwrap returns what was found.
func (w *Wrong) Unwrap() error { return w.Err }
