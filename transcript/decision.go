package transcript

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"parley"
)

// Decision is what officers of one party say, in a message of theirs, of the log
// of the other party that was found forked: that they go on with the history
// that their station holds (spec/TRANSCRIPT.md §8). Nothing is proved by it of
// the fork; that it was decided, when and by whom is what the message proves.
type Decision struct {
	Log   parley.LogID // of the other party
	Held  Mark         // the history that they go on with, as far as its owner signed it
	Other []Mark       // what contradicts it; at most MaxOther; none where nothing of it was signed
}

// Mark names a checkpoint of a log.
type Mark struct {
	Size uint64
	Root parley.Hash
}

// MaxOther bounds the checkpoints that one decision names beside the held one.
const MaxOther = 32

// DecisionTitle is the first line of the text of a decision.
const DecisionTitle = "parley-decision v1"

// AppendDecision appends d as the body of a message. It refuses what
// ParseDecision would refuse.
func AppendDecision(dst []byte, d Decision) ([]byte, error) {
	if len(d.Other) > MaxOther {
		return nil, fmt.Errorf("append decision: %w: %d other checkpoints, more than %d", ErrMalformed, len(d.Other), MaxOther)
	}
	w := newPrinter(DecisionTitle)
	w.Line("log", d.Log.String())
	for i, m := range append([]Mark{d.Held}, d.Other...) {
		if err := (Checkpoint{Size: m.Size, Root: m.Root}).check(); err != nil {
			return nil, fmt.Errorf("append decision: %w: %w", ErrMalformed, err)
		}
		keyword := "held"
		if i > 0 {
			keyword = "other"
		}
		w.Line(keyword, strconv.FormatUint(m.Size, 10), m.Root.String())
	}
	return append(dst, w.End()...), nil
}

// IsDecision reports whether a body has the first line of a decision.
func IsDecision(body string) bool { return strings.HasPrefix(body, DecisionTitle+"\n") }

// ParseDecision is the inverse of AppendDecision. The error wraps ErrMalformed.
func ParseDecision(text []byte) (Decision, error) {
	s, err := newScanner("decision", DecisionTitle, text)
	if err != nil {
		return Decision{}, err
	}
	var d Decision
	d.Log = parley.LogID(s.Hex("log", len(d.Log)))
	d.Held = s.mark("held")
	for s.Next("other") && len(d.Other) < MaxOther {
		d.Other = append(d.Other, s.mark("other"))
	}
	if err := s.Finish(); err != nil {
		return Decision{}, err
	}
	again, err := AppendDecision(nil, d)
	if err != nil || !bytes.Equal(again, text) {
		return Decision{}, fmt.Errorf("decision: %w: not in its one form", ErrMalformed)
	}
	return d, nil
}

func (d *scanner) mark(keyword string) (m Mark) {
	words := d.Words(keyword, 2)
	m.Size = d.Number(keyword, words[0], 0, MaxSize)
	if b := d.Unhex(keyword, words[1], len(m.Root)); len(b) == len(m.Root) {
		m.Root = parley.Hash(b)
	}
	return m
}
