package link

import (
	"parley"
)

// Step takes one event that happened at now and returns what is to be done, in order. Only the time that passes from
// step to step counts: a clock that is set back loses what it was set back by, and one that is set forward makes things
// due early.
//
//  1. take      what the event says
//  2. judge     which channels owe an answer
//  3. epochs    a seal to send under; the close of those that are done
//  4. control   answers, reports and line checks: small, one frame for each channel
//  5. dispatch  entries: by precedence, then by number
//  6. refill    what did not fit in memory
//  7. wake      when the next of these is due
func (l *Link) Step(now parley.Time, e Event) []Action {
	first := l.now == 0
	switch {
	case first:
		l.now = max(now, 1)
	case now > l.given:
		l.now += now - l.given
	case now < l.given:
		l.wakeAt = 0 // It was asked for by the clock as it was.
	}
	l.given = now
	l.out = nil
	if first {
		l.begin()
	}
	l.take(e)
	l.judge()
	l.turnEpochs()
	l.control()
	l.dispatch()
	l.refill()
	l.wake()
	return l.out
}

func (l *Link) begin() {
	l.fastLost = l.now
	for _, e := range l.epochs.old {
		e.retired, e.carried = l.now, l.after(l.epochs.carried)
	}
}

func (l *Link) take(e Event) {
	switch e := e.(type) {
	case Up:
		l.up(l.byName[e.Channel])
	case Down:
		l.down(l.byName[e.Channel])
	case Disputed:
		l.disputed(l.byName[e.Channel])
	case Heard:
		l.heard(l.byName[e.Channel])
	case Busy:
		l.busy(l.byName[e.Channel], e.Numbers)
	case Checked:
		l.checked(l.byName[e.Channel], e.Kind)
	case CheckNow:
		l.checkNow()

	case Committed:
		l.committed(e.Entries)
	case Loaded:
		l.loaded(e)
	case Proved:
		l.provedTo(e.Size)
	case ProvedSingle:
		l.provedOne(e.Number)
	case Reported:
		l.reported(l.byName[e.Channel], e.Report)

	case Stored:
		l.stored(l.byName[e.Channel], e)
	case HeldBack:
		l.heldBack(l.byName[e.Channel])
	case Cosigned:
		l.cosignedTo(e.Size)
	case Refused:
		l.refusedTo(e.Count)

	case EpochReady:
		l.epochReady(e.ID)
	case EpochProved:
		l.epochProved(e.ID)
	case Unknown:
		l.unknown(l.byName[e.Channel], e.IDs)
	case Rotate:
		l.epochs.rotate = true
	case Unopened:
		l.unopened(l.byName[e.Channel], e.ID)
	case Wake:
		l.wakeAt = 0
	}
}
