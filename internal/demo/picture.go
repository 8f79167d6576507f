package demo

import (
	"time"

	"parley"
)

// Picture is what the demo knows at a moment, ready to be shown.
type Picture struct {
	At       time.Time
	Words    string // of the line, which both sides compared
	Channels [len(channels)]ChannelPicture
	Stations [2]StationPicture // north, south
	Messages []MessagePicture  // the oldest first
	Note     string            // what the person did last
	Paused   bool
	Help     bool
}

// blank returns the picture of two parties that have no line yet.
func blank(now time.Time, note string) Picture {
	p := Picture{At: now, Note: note}
	for i, name := range channels {
		p.Channels[i].Name = name
	}
	for i, party := range [...]parley.Party{north, south} {
		p.Stations[i] = StationPicture{Party: party, State: Starting}
	}
	return p
}

// ChannelPicture is one channel between the two stations.
type ChannelPicture struct {
	Name      string
	Cut       bool
	Up        [2]bool   // as north and south see it
	Carried   [2]uint64 // frames that came to north and to south
	Waiting   int       // frames that wait at both ends
	RoundTrip time.Duration
}

// StationPicture is one side.
type StationPicture struct {
	Party   parley.Party
	State   State
	Said    int
	Proved  int // of these, proved to be held by the other side
	Arrived uint64
}

// State is what a station's process does.
type State string

// The states of a station's process.
const (
	Running  State = "running"
	Starting State = "starting"
	Killed   State = "KILLED"
)

// MessagePicture is one message.
type MessagePicture struct {
	Name       string // as in north/12
	Precedence parley.Precedence
	Language   string
	Body       string
	CameBy     [len(channels)]bool // the channels over which a copy arrived
	Proved     bool
	Took       time.Duration // until it was proved, or until now
}
