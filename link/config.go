package link

import (
	"time"

	"parley"
	"parley/wire"
)

// Class is the kind of time a channel's frames take.
type Class uint8

const (
	Fast    Class = 1 // Fast is interactive: answers come within seconds.
	Carried Class = 2 // Carried is store and forward: answers come within hours or days, as by pouch.
)

// Channel is one route to the peer.
type Channel struct {
	Name   string // Name differs from that of every other channel of the line.
	Class  Class
	Narrow bool // Narrow: bytes are dear; frames are small and few.
}

// Config is what a link is made of. A zero stands for the default.
type Config struct {
	Channels []Channel // Channels, in the order of preference among equals.
	First    bool      // First: our name sorts before the peer's, so our line checks go first (spec/RECEIPT.md §5).

	Window        int           // Window is how many entries are held in memory for each precedence; 512.
	FrameBytes    int           // FrameBytes bounds the entries of one frame on a wide channel; 24 KiB. One entry always fits.
	NarrowBytes   int           // NarrowBytes bounds the entries of one frame on a narrow channel; 1 KiB. One entry always fits.
	InFlight      int           // InFlight bounds the bytes sent and not yet answered, for each precedence and channel, where time does not (see pace); 256 KiB.
	NarrowFlight  int           // NarrowFlight is InFlight for a narrow channel; 8 KiB.
	EpochEntries  int           // EpochEntries is how many entries are sent under one epoch; 10,000.
	EpochAge      time.Duration // EpochAge is how long one epoch is used; 1 h.
	EpochLinger   time.Duration // EpochLinger is how long an epoch that was replaced stays open at least; 2 min.
	CheckEvery    time.Duration // CheckEvery is how often a line check goes over each channel, ours and theirs together; 1 min.
	CarriedCheck  time.Duration // CarriedCheck is how often a line check goes over a carried channel at most; 24 h.
	CarriedTrip   time.Duration // CarriedTrip is how long a carrier may take one way with a line check before nobody can open it; 72 h.
	AnswerDelay   time.Duration // AnswerDelay is how long an answer waits at most for the cosignature; 50 ms, and on a wide channel 5 ms.
	AnswerEvery   time.Duration // AnswerEvery is how often copies are answered at most on one channel; 200 ms.
	FirstTimeout  time.Duration // FirstTimeout is when a receipt is late on a channel that was never measured; 1 s.
	TimeoutFloor  time.Duration // TimeoutFloor is the least a measured timeout can be; 200 ms.
	HedgeFloor    time.Duration // HedgeFloor is the least time after which the next channel carries a copy too; 30 ms.
	TimeoutCap    time.Duration // TimeoutCap is the most that repeats are apart on a channel that is up; 30 s.
	PouchRepeat   time.Duration // PouchRepeat is how often one entry goes over a carried channel at most; 6 h.
	PouchGrace    time.Duration // PouchGrace is how long no fast channel is up before Priority and Routine are carried; 2 s.
	PouchLateness time.Duration // PouchLateness is how late a receipt is before Priority and Routine are carried all the same; 10 min.
}

// Start is the durable state that a link begins with. Sizes are numbers of entries.
type Start struct {
	Own    uint64 // Own is the size of our log.
	Proved uint64 // Proved is the size of our log that the peer cosigned.

	Peer     uint64       // Peer is the contiguous size of the peer's log held here.
	Ahead    []wire.Range // Ahead are the peer's entries held above Peer.
	Cosigned uint64       // Cosigned is the size of the peer's log that we cosigned.
	Refused  uint64       // Refused is how many refusals of the peer's entries we hold.

	Epochs []parley.EpochID // Epochs are those of ours, from earlier runs, that are not closed.

	// Carried is how much longer a carrier may be on its way with a line check or an answer under one of Epochs; 0 when none
	// is. They are not closed before, nor kept open for longer than CarriedTrip by it.
	Carried time.Duration
}

// CarriedTrip is Config.CarriedTrip unless it is set.
const CarriedTrip = 72 * time.Hour

func (c Config) withDefaults() Config {
	ints := []struct {
		field *int
		value int
	}{
		{&c.Window, 512}, {&c.FrameBytes, 24 << 10}, {&c.NarrowBytes, 1 << 10}, {&c.InFlight, 256 << 10},
		{&c.NarrowFlight, 8 << 10}, {&c.EpochEntries, 10_000},
	}
	for _, d := range ints {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	times := []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.EpochAge, time.Hour}, {&c.EpochLinger, 2 * time.Minute}, {&c.CheckEvery, time.Minute},
		{&c.CarriedCheck, 24 * time.Hour}, {&c.CarriedTrip, CarriedTrip},
		{&c.AnswerDelay, 50 * time.Millisecond}, {&c.AnswerEvery, 200 * time.Millisecond},
		{&c.FirstTimeout, time.Second}, {&c.TimeoutFloor, 200 * time.Millisecond},
		{&c.HedgeFloor, 30 * time.Millisecond}, {&c.TimeoutCap, 30 * time.Second},
		{&c.PouchRepeat, 6 * time.Hour}, {&c.PouchGrace, 2 * time.Second}, {&c.PouchLateness, 10 * time.Minute},
	}
	for _, d := range times {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return c
}
