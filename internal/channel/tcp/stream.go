package tcp

import (
	"encoding/binary"
	"fmt"
	"io"

	"parley/internal/courier"
)

// header is the size of a frame's length on the stream, in bytes.
const header = 4

// appendFrame appends a frame as it goes over the stream: its length as a big-endian uint32, and the frame
// (spec/FRAME.md §3).
func appendFrame(b, frame []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(frame)))
	return append(b, frame...)
}

// readFrame reads what appendFrame wrote. A length that no frame has is refused; it says nothing then of what follows.
// The error is io.EOF only between frames.
func readFrame(r io.Reader) ([]byte, error) {
	var h [header]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(h[:])
	if size < 1 || size > courier.MaxFrame {
		return nil, fmt.Errorf("%w: a frame said to be of %d bytes: %w", courier.ErrRefused, size, courier.ErrFrame)
	}
	frame := make([]byte, size)
	if _, err := io.ReadFull(r, frame); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return frame, nil
}

// The listening side greets with a length of 0 once it has accepted the dialling side's key, which TLS 1.3 does not
// tell by itself; the dialling side is connected only then.

func writeGreeting(w io.Writer) error {
	_, err := w.Write(make([]byte, header))
	return err
}

func readGreeting(r io.Reader) error {
	var h [header]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return fmt.Errorf("the peer has not accepted our key: %w", err)
	}
	if h != [header]byte{} {
		return fmt.Errorf("the peer's greeting is %x: %w", h, courier.ErrRefused)
	}
	return nil
}
