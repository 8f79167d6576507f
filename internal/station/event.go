package station

import "parley"

// EventKind says what an Event tells.
type EventKind uint8

// The events a station tells. Each is told after it is durable.
const (
	EventReleased  EventKind = 1  // an entry of ours has its number
	EventProved    EventKind = 2  // the other side proved to hold ours up to Number
	EventSingle    EventKind = 3  // the other side proved to hold entry Number
	EventArrived   EventKind = 4  // an entry of theirs is stored and believed: Text is the name that it had where it was said, if a restore changed it
	EventRefused   EventKind = 5  // an entry of theirs is stored and not believed
	EventDisputed  EventKind = 6  // the other side refused entry Number of ours
	EventChannel   EventKind = 7  // a channel went up or down
	EventChecked   EventKind = 8  // a line check was answered on Channel
	EventAlarm     EventKind = 9  // a person must look: Text says at what
	EventFrameLost EventKind = 10 // a frame was refused: Text says why
	EventDraft     EventKind = 11 // a draft waits for officers, or for one fewer: Text is its id
	EventWithdrawn EventKind = 12 // a draft was withdrawn: Text is its id
	EventRoster    EventKind = 13 // the change in entry Number is in force: Text says what changed

	EventRenumbered EventKind = 14 // a message of theirs that people have seen has the number Number now: Text is its name before
	EventNotice     EventKind = 15 // a person wants to know, and need do nothing: Text says what
)

// Event is one piece of news from a line.
type Event struct {
	Kind    EventKind
	Line    parley.LineID
	Ref     parley.Ref
	At      parley.Time
	Channel string
	Text    string
}

func (k EventKind) String() string {
	switch k {
	case EventReleased:
		return "released"
	case EventProved:
		return "proved"
	case EventSingle:
		return "receipted"
	case EventArrived:
		return "arrived"
	case EventRefused:
		return "refused"
	case EventDisputed:
		return "disputed"
	case EventChannel:
		return "channel"
	case EventChecked:
		return "checked"
	case EventAlarm:
		return "alarm"
	case EventFrameLost:
		return "frame-refused"
	case EventDraft:
		return "draft"
	case EventWithdrawn:
		return "withdrawn"
	case EventRoster:
		return "roster"
	case EventRenumbered:
		return "renumbered"
	case EventNotice:
		return "notice"
	}
	return "unknown"
}
