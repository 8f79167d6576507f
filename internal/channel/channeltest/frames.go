package channeltest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
)

// Frame makes a frame of size bytes, unlike any other when it is not very short, and recognisable when whole.
func Frame(size int) []byte {
	frame := make([]byte, size)
	for i := range frame {
		frame[i] = byte(rand.Uint32())
	}
	if size > 40 {
		binary.BigEndian.PutUint64(frame, uint64(size))
		sum := sha256.Sum256(frame[:size-32])
		copy(frame[size-32:], sum[:])
	}
	return frame
}

// whole reports whether frame is one of Frame's, unaltered.
func whole(frame []byte) bool {
	if len(frame) <= 40 {
		return len(frame) > 0
	}
	sum := sha256.Sum256(frame[:len(frame)-32])
	return binary.BigEndian.Uint64(frame) == uint64(len(frame)) && bytes.Equal(sum[:], frame[len(frame)-32:])
}

// set is the frames that have still to arrive.
type set struct {
	mu     sync.Mutex
	frames map[string]bool
}

func (s *set) add(frame []byte) {
	if s.frames == nil {
		s.frames = make(map[string]bool)
	}
	s.frames[string(frame)] = true
}

func (s *set) take(t *testing.T, frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !whole(frame) {
		t.Errorf("a frame of %d bytes arrived that nobody sent", len(frame))
	}
	delete(s.frames, string(frame))
}

func (s *set) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.frames)
}
