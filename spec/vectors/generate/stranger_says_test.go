package main

import (
	"time"
)

// content is a text of south to north/duty.
func (s *stranger) content(draft string, precedence uint64, body string) []byte {
	return fields{
		{1, bstr(s.line)}, {2, bstr(seed("stranger " + draft)[:16])}, {3, tstr("south/duty")}, {4, array(tstr("north/duty"))},
		{5, u(precedence)}, {6, u(1)}, {7, u(1)}, {10, tstr("en")}, {11, tstr(body)},
	}.encode()
}

// say numbers content that one officer signed, and sends it with a checkpoint.
func (s *stranger) say(content []byte, by string) {
	s.t.Helper()
	s.mu.Lock()
	n, previous := len(s.own)+1, zeros
	if n > 1 {
		previous = s.own[n-2]
	}
	e := fields{
		{1, u(1)}, {2, bstr(south.log)}, {3, u(uint64(n))}, {4, bstr(previous)},
		{6, u(uint64(time.Now().UnixMilli()))}, {7, bstr(sign(content, south.officer(by[0])))},
	}.encode()
	s.own = append(s.own, leafHash(e))
	name := originOf(s.line, south.log)
	note := signNote(name, south.logKey, checkpointTextOf(name, uint64(n), treeRoot(s.own)))
	s.mu.Unlock()
	s.send(array(u(1), bstr(e)), array(u(3), bstr(note)))
}

// check is a line check: a question, or the answer to one (RECEIPT §5).
func (s *stranger) check(answers []byte) []byte {
	f := fields{
		{1, bstr(s.line)}, {2, tstr("south")}, {3, bstr(s.nonce)},
		{5, u(uint64(time.Now().UnixMilli()))}, {6, tstr("cable")}, {7, bstr(s.line)},
	}
	if answers != nil {
		f = f.with(3, bstr(random(8))).with(4, bstr(answers))
	}
	return array(u(10), bstr(sign1(south.station, checkDomain, f.encode())))
}

// report says what we hold of north's log (RECEIPT §6).
func (s *stranger) report() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := fields{{1, bstr(s.log)}, {2, u(uint64(len(s.entries)))}}
	if s.refused > 0 {
		f = f.with(4, u(s.refused))
	}
	return array(u(7), bstr(f.encode()))
}

// send sends one frame. It carries the opening every time, which is always right.
func (s *stranger) send(parts ...[]byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	frame := s.out.seal(s.opening, random(16), array(parts...))
	if _, err := s.conn.Write(stream(frame)[4:]); err != nil {
		s.events <- "lost: " + err.Error()
	}
}
