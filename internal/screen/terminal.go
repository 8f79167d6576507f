package screen

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Clear clears what is seen of a terminal.
const Clear = "\x1b[H\x1b[2J"

// Terminal shows frames on a terminal, and leaves it as it was.
type Terminal struct {
	// Out is the terminal.
	Out io.Writer
	// Size returns its width and height in cells; zero while it is not known.
	Size func() (width, height int)
	// Colour says whether to use colour.
	Colour bool

	last          []string
	width, height int
}

// Open takes the whole terminal; Close gives it back. A line that a terminal finds
// longer than Cells does is cut by it, and does not go on in the next row.
func (t *Terminal) Open() error { return t.write("\x1b[?1049h\x1b[?25l\x1b[?7l") }

// Close gives the terminal back as it was before Open.
func (t *Terminal) Close() error { return t.write("\x1b[?7h\x1b[?25h\x1b[?1049l") }

// Ring asks the terminal for its bell.
func (t *Terminal) Ring() error { return t.write("\a") }

// Forget makes the next Show write the whole frame, for a terminal that something
// else wrote on.
func (t *Terminal) Forget() { t.last = nil }

// Show shows what draw returns for the terminal's size: at most height lines of
// at most width cells. Only the lines that changed are written.
//
// The last column stays empty, and is not in the width that draw is given: a mark
// that takes no cell, written after that column, belongs to the cell before it for
// terminals that do not go on in the next row, and an isolate would end too early.
func (t *Terminal) Show(draw func(width, height int, colour bool) []string) error {
	width, height := t.Size()
	if width <= 0 || height <= 0 {
		return nil
	}
	lines := draw(width-1, height, t.Colour)
	var b strings.Builder
	// A row is erased before it is written: after a full one that would take its
	// last cell.
	if t.last == nil || width != t.width || height != t.height || len(lines) != len(t.last) {
		b.WriteString("\x1b[H\x1b[K" + strings.Join(lines, "\r\n\x1b[K"))
		if len(lines) < height {
			b.WriteString("\r\n\x1b[J")
		}
	} else {
		for i, line := range lines {
			if line != t.last[i] {
				fmt.Fprintf(&b, "\x1b[%d;1H\x1b[K%s", i+1, line)
			}
		}
	}
	t.last, t.width, t.height = slices.Clone(lines), width, height
	if b.Len() == 0 {
		return nil
	}
	return t.write(b.String())
}

func (t *Terminal) write(text string) error {
	_, err := io.WriteString(t.Out, text)
	return err
}
