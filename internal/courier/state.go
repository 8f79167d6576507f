package courier

import "time"

// Class is the kind of time a channel's frames take.
type Class uint8

const (
	Fast    Class = 1 // Fast is a route that answers within seconds: tcp, pipe.
	Carried Class = 2 // Carried is store and forward: frames wait for a carrier, for hours or days (pouch).
)

// String returns the class in one word, for people.
func (c Class) String() string {
	switch c {
	case Fast:
		return "fast"
	case Carried:
		return "carried"
	}
	return "unknown"
}

// Count is a number of frames and of the bytes in them, since the courier was made.
type Count struct {
	Frames uint64
	Bytes  uint64
}

func (c *Count) add(frame []byte) {
	c.Frames++
	c.Bytes += uint64(len(frame))
}

// State is what a courier knows of one of its channels. The times are zero for what has not happened.
type State struct {
	Name    string
	Class   Class
	Up      bool      // Up is whether the route is up, enabled or not. False while the courier does not run.
	Enabled bool      // Enabled is whether it may be used; see Courier.Disable.
	Since   time.Time // Since is when Up or Enabled last changed.

	Queued   int    // Queued is how many frames wait to be sent.
	Sent     Count  // Sent is what was handed over to the route.
	Received Count  // Received is what the route delivered, repeats included.
	Lost     uint64 // Lost is how many frames left the queue and were not handed over.
	Refused  uint64 // Refused is how often something arrived that was no frame.

	LastSent     time.Time
	LastReceived time.Time
	LastError    string // LastError is the newest error, for the person who must act; it stays when the channel is up again.
	LastErrorAt  time.Time
}
