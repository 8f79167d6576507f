package link

import "parley"

// Action is something the station is to do. The actions of one Step are done in their order.
type Action interface{ action() }

// CheckKind is the part of a line check that a frame carries.
type CheckKind uint8

const (
	NoCheck     CheckKind = 0 // NoCheck: none.
	CheckAsk    CheckKind = 1 // CheckAsk puts a fresh nonce to the peer.
	CheckAnswer CheckKind = 2 // CheckAnswer answers the newest nonce the peer put by this channel.
)

// Send is one frame: the station fetches what it names, seals it under Epoch and hands it to the courier. What the
// station does not have (a single receipt never issued, no checkpoint yet) it leaves out.
type Send struct {
	Channel string
	Urgency int            // Urgency is 0, the most urgent, to 3, as the courier counts it.
	Epoch   parley.EpochID // Epoch is what EpochReady named last.
	Opening bool           // Opening: the frame carries the epoch's opening.

	Entries    []uint64 // Entries are numbers of our own log, of one precedence, ascending.
	Checkpoint bool     // Checkpoint: the newest checkpoint of our own log.

	Cosigned bool     // Cosigned: our newest cosignature of the peer's log.
	Singles  []uint64 // Singles are numbers of the peer's entries whose single receipts go, ascending.
	Refusals bool     // Refusals: those of the peer's entries that its last report does not count.
	Report   bool     // Report: what we hold, as it is when the frame is made.

	Check   CheckKind
	Unknown []parley.EpochID // Unknown are epochs of the peer's that cannot be opened here.
	Closed  []parley.EpochID // Closed are epochs of ours that CloseEpoch has named.
}

// Load asks for entries that did not fit in memory; Loaded answers it. A Load that is not answered is asked again after
// 30 s, and not sooner.
type Load struct {
	Precedence parley.Precedence
	After      uint64
	Limit      int
}

// NewEpoch asks for a new epoch towards the peer; EpochReady answers it. A NewEpoch that is not answered is asked again
// after 30 s, and not sooner.
type NewEpoch struct{}

// CloseEpoch says that everything sent under an epoch is receipted: its secret is destroyed here, and the statement
// "closed" is kept to be sent.
type CloseEpoch struct{ ID parley.EpochID }

// WakeAt asks for Wake at a time, not before. The newest WakeAt replaces those before it.
type WakeAt struct{ Time parley.Time }

func (Send) action()       {}
func (Load) action()       {}
func (NewEpoch) action()   {}
func (CloseEpoch) action() {}
func (WakeAt) action()     {}
