package demo

import (
	"io"
	"strings"
)

// Screen shows pictures on a terminal, and leaves it as it was.
type Screen struct {
	// Out is the terminal.
	Out io.Writer
	// Size returns its width and height in cells.
	Size func() (width, height int)
	// Colour says whether to use colour.
	Colour bool

	last string
}

// Open takes the whole terminal; Close gives it back.
func (s *Screen) Open() error { return s.write("\x1b[?1049h\x1b[?25l") }

// Close gives the terminal back as it was before Open.
func (s *Screen) Close() error { return s.write("\x1b[?25h\x1b[?1049l") }

// Show shows a picture. Nothing is written if nothing changed.
func (s *Screen) Show(p Picture) error {
	width, height := s.Size()
	if width <= 0 || height <= 0 {
		return nil
	}
	frame := "\x1b[H" + strings.Join(p.Lines(width, height, s.Colour), "\x1b[K\r\n") + "\x1b[K\x1b[J"
	if frame == s.last {
		return nil
	}
	s.last = frame
	return s.write(frame)
}

func (s *Screen) write(text string) error {
	_, err := io.WriteString(s.Out, text)
	return err
}
