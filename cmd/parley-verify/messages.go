package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"parley"
	"parley/audit"
)

// messages are those that are believed in the two logs of a file, as they will be
// printed.
type messages struct {
	json bool
	most uint64 // of a log; 0 is all
	logs map[parley.Party]*spool
	told map[parley.Party]uint64 // how many there were
}

func newMessages(asJSON bool, most uint64) *messages {
	return &messages{asJSON, most, make(map[parley.Party]*spool), make(map[parley.Party]uint64)}
}

// add keeps a message. An error of the disk is told by copyTo.
func (m *messages) add(party parley.Party, one audit.Message) {
	s := m.logs[party]
	if s == nil {
		s = new(spool)
		m.logs[party] = s
	}
	if m.told[party]++; m.most > 0 && m.told[party] > m.most {
		return
	}
	if !m.json {
		printMessage(s, party, one)
		return
	}
	if !s.empty() {
		io.WriteString(s, ",")
	}
	b, err := json.MarshalIndent(jsonOfMessage(one), messageIndent, "  ")
	if err != nil {
		s.err = errors.Join(s.err, err)
		return
	}
	io.WriteString(s, "\n"+messageIndent)
	s.Write(b)
}

// messageIndent is how far a message stands from the left in the JSON object.
const messageIndent = "            "

// has reports whether there are messages of a party.
func (m *messages) has(party parley.Party) bool {
	return m != nil && m.logs[party] != nil && !m.logs[party].empty()
}

// copyTo prints the messages of a party.
func (m *messages) copyTo(w io.Writer, party parley.Party) error {
	s := m.logs[party]
	if s == nil {
		return nil
	}
	if err := s.copyTo(w); err != nil {
		return err
	}
	if left := m.told[party] - m.most; m.most > 0 && m.told[party] > m.most {
		fmt.Fprintf(w, "\n    note: %d more messages are not shown here.\n", left)
	}
	return nil
}

// reset forgets them.
func (m *messages) reset() error {
	if m == nil {
		return nil
	}
	err := m.close()
	m.logs, m.told = make(map[parley.Party]*spool), make(map[parley.Party]uint64)
	return err
}

func (m *messages) close() (err error) {
	for _, s := range m.logs {
		err = errors.Join(err, s.close())
	}
	return err
}
