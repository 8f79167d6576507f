package link

import (
	"parley"
	"parley/wire"
)

// Event is something that has happened. Everything an event says is true and, where it speaks of the journal or the
// keyring, durable before the event is given to Step.
type Event interface{ event() }

// Queued is one entry of our own log that is not yet proved held by the peer.
type Queued struct {
	Number     uint64
	Precedence parley.Precedence
	Bytes      int // Bytes is the size of the entry as it stands in a frame.
}

// Up says that a channel can be sent on, or that it was connected again.
type Up struct{ Channel string }

// Down says that a channel cannot be sent on.
type Down struct{ Channel string }

// Committed says that entries of our own log are durable. Their numbers follow those committed before.
type Committed struct{ Entries []Queued }

// Loaded answers Load: the lowest entries of Precedence above Load.After that are proved neither by a cosignature nor
// by a single receipt, in number order, and whether there are more.
type Loaded struct {
	Precedence parley.Precedence
	Entries    []Queued
	More       bool
}

// Proved says that the peer's cosignature over our log to Size is verified and durable here.
type Proved struct{ Size uint64 }

// ProvedSingle says that the peer's single receipt of our entry Number is verified and durable here.
type ProvedSingle struct{ Number uint64 }

// Reported says what the peer holds, in its own words: authentic by the epoch it came under, and not evidence. A report
// of more than we have is the station's affair: it halts and does not pass it on.
type Reported struct {
	Channel string
	Report  wire.Report
}

// Stored says that the peer's entry Number is durable here (Fresh), or that a copy of a held one came. Size is the
// contiguous size of the peer's log here, now. Single says that a single receipt of the entry is to go, because no
// cosignature will cover it soon.
type Stored struct {
	Channel    string
	Number     uint64
	Precedence parley.Precedence
	Fresh      bool
	Size       uint64
	Single     bool
}

// HeldBack says that an entry of the peer's came by a channel and was not stored, because it is over a quota. The report
// that answers it says so, at the rate of copies.
type HeldBack struct{ Channel string }

// Cosigned says that our cosignature of the peer's log to Size is durable: it may be sent.
type Cosigned struct{ Size uint64 }

// Refused says how many refusals of the peer's entries are durable here, in all.
type Refused struct{ Count uint64 }

// Disputed says that refusals of our entries came by a channel and are durable here: the peer repeats them until a report
// counts them.
type Disputed struct{ Channel string }

// Heard says that an authentic frame came by a channel: proof that it lives. It is given once for every such frame,
// before the events of what is inside it.
type Heard struct{ Channel string }

// EpochReady answers NewEpoch: our new epoch is durable in the keyring.
type EpochReady struct{ ID parley.EpochID }

// EpochProved says that the peer surely holds our epoch. The link finds this out by itself from receipts, reports and
// line checks (spec/ENVELOPE.md §2); the event is for a station that knows it from elsewhere.
type EpochProved struct{ ID parley.EpochID }

// Unknown says that the peer cannot open these epochs of ours.
type Unknown struct {
	Channel string
	IDs     []parley.EpochID
}

// Rotate asks for another epoch in the place of the current one, as soon as a channel is up: the station has another key
// to open it by (spec/CHANGE.md §6).
type Rotate struct{}

// Unopened says that a frame of the peer's epoch ID came by a channel and cannot be opened here. It is not
// authenticated, so what follows from it is bounded: at most one statement a second and channel.
type Unopened struct {
	Channel string
	ID      parley.EpochID
}

// CheckNow asks for a line check on every channel.
type CheckNow struct{}

// Checked says that a line check came by a channel: the peer's question (CheckAsk), or its answer (CheckAnswer) to ours,
// and then Channel is the one we asked by.
type Checked struct {
	Channel string
	Kind    CheckKind
}

// Busy says that the courier's queue was full, or the channel down after all: the entries of a Send did not leave.
type Busy struct {
	Channel string
	Numbers []uint64
}

// Wake says that the time asked for by WakeAt has come.
type Wake struct{}

func (Up) event()           {}
func (Down) event()         {}
func (Committed) event()    {}
func (Loaded) event()       {}
func (Proved) event()       {}
func (ProvedSingle) event() {}
func (Reported) event()     {}
func (Stored) event()       {}
func (HeldBack) event()     {}
func (Cosigned) event()     {}
func (Refused) event()      {}
func (Disputed) event()     {}
func (Heard) event()        {}
func (EpochReady) event()   {}
func (EpochProved) event()  {}
func (Unknown) event()      {}
func (Unopened) event()     {}
func (Rotate) event()       {}
func (CheckNow) event()     {}
func (Checked) event()      {}
func (Busy) event()         {}
func (Wake) event()         {}
