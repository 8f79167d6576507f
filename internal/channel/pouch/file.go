package pouch

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"parley/internal/courier"
)

// A pouch file is the magic, the length of the body as a big-endian uint32, the body, and the SHA-256 of all that
// (spec/FRAME.md §4). The body is one frame or more, each after its length as a big-endian uint32.
const (
	magic   = "parley pouch v1\n"
	maxBody = 1 << 20 // bytes
	lenSize = 4
	head    = len(magic) + lenSize
	maxFile = head + maxBody + sha256.Size
)

// suffix ends the name of every pouch file. The rest of the name means nothing: people rename files.
const suffix = ".pouch"

// named reports whether a file of this name is meant for us. Some sticks turn names into capitals.
func named(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), suffix) && !strings.HasPrefix(name, ".")
}

// fits returns how many of the frames fit into one file.
func fits(frames [][]byte) int {
	size := 0
	for i, frame := range frames {
		if size += lenSize + len(frame); size > maxBody {
			return i
		}
	}
	return len(frames)
}

// appendFile appends the file that holds frames, which fit, to b, which is empty.
func appendFile(b []byte, frames [][]byte) []byte {
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint32(b, 0) // known below
	for _, frame := range frames {
		b = binary.BigEndian.AppendUint32(b, uint32(len(frame)))
		b = append(b, frame...)
	}
	binary.BigEndian.PutUint32(b[len(magic):], uint32(len(b)-head))
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// fileName is the name under which a file leaves: the same for the same frames, so that what is sent twice lies once.
func fileName(file []byte) string {
	return fmt.Sprintf("%x", file[len(file)-sha256.Size:][:16]) + suffix
}

// parseFile returns the frames of a file; they share its memory.
func parseFile(file []byte) ([][]byte, error) {
	if !bytes.HasPrefix(file, []byte(magic)) {
		return nil, errors.New("it does not begin as a pouch file")
	}
	if len(file) < head {
		return nil, errors.New("it is cut short")
	}
	size := int64(binary.BigEndian.Uint32(file[len(magic):]))
	if size > maxBody {
		return nil, fmt.Errorf("its body is said to be of %d bytes; at most %d are allowed", size, maxBody)
	}
	want := int64(head) + size + sha256.Size
	if int64(len(file)) != want {
		return nil, fmt.Errorf("it is of %d bytes and should be of %d", len(file), want)
	}
	rest, sum := file[:len(file)-sha256.Size], file[len(file)-sha256.Size:]
	if got := sha256.Sum256(rest); !bytes.Equal(got[:], sum) {
		return nil, errors.New("its checksum is wrong")
	}
	var frames [][]byte
	for rest = rest[head:]; len(rest) > 0; {
		if len(rest) < lenSize {
			return nil, errors.New("its last frame has no length")
		}
		n := int64(binary.BigEndian.Uint32(rest))
		rest = rest[lenSize:]
		if n > int64(len(rest)) {
			return nil, errors.New("its last frame is cut short")
		}
		frame := rest[:n:n]
		if err := courier.CheckFrame(frame); err != nil {
			return nil, err
		}
		frames = append(frames, frame)
		rest = rest[n:]
	}
	if len(frames) == 0 {
		return nil, errors.New("it holds no frame")
	}
	return frames, nil
}
