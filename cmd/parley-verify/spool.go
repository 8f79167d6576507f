package main

import (
	"bytes"
	"io"
)

// spool holds what is to be printed later, on disk where it is much: the messages of
// a log, which are known before it is known what they stand on.
type spool struct {
	few  bytes.Buffer
	many io.ReadWriteSeeker // set once there was too much for memory
	err  error
}

// fewBytes is how much is held in memory.
const fewBytes = 1 << 20

func (s *spool) Write(b []byte) (int, error) {
	if s.few.Len()+len(b) > fewBytes {
		s.spill()
	}
	return s.few.Write(b) // an error of the disk is told at the end, by copyTo
}

func (s *spool) spill() {
	if s.many == nil && s.err == nil {
		s.many, s.err = overflow()
	}
	if s.err == nil {
		_, s.err = s.few.WriteTo(s.many)
	}
	s.few.Reset()
}

// empty reports whether nothing was written.
func (s *spool) empty() bool { return s.many == nil && s.few.Len() == 0 && s.err == nil }

// copyTo writes all of it to w, and takes nothing more.
func (s *spool) copyTo(w io.Writer) error {
	if s.many != nil && s.err == nil {
		_, s.err = s.many.Seek(0, io.SeekStart)
		if s.err == nil {
			_, s.err = io.Copy(w, s.many)
		}
	}
	if s.err != nil {
		return s.err
	}
	_, err := s.few.WriteTo(w)
	return err
}

func (s *spool) close() error {
	if c, ok := s.many.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
