package screen

import (
	"bufio"
	"context"
	"io"
)

// The keys that are no characters. No terminal sends a negative character.
const (
	KeyUp rune = -1 - iota
	KeyDown
	KeyPageUp
	KeyPageDown
	KeyHome
	KeyEnd
	KeyOther // a key that is none of these
)

// The keys that are control characters.
const (
	KeyTab    rune = '\t'
	KeyEnter  rune = '\r'
	KeyEscape rune = '\x1b'
	KeyRedraw rune = '\x0c' // Ctrl-L

	// interrupt is what Ctrl-C gives where a terminal does not turn it into a signal.
	interrupt rune = '\x03'
)

// sequence returns the key that terminals send as ESC and s.
func sequence(s string) rune {
	switch s {
	case "[A", "OA":
		return KeyUp
	case "[B", "OB":
		return KeyDown
	case "[5~":
		return KeyPageUp
	case "[6~":
		return KeyPageDown
	case "[H", "OH", "[1~":
		return KeyHome
	case "[F", "OF", "[4~":
		return KeyEnd
	}
	return KeyOther
}

// Keys returns the keys that a person presses on a terminal in raw mode, until
// ctx ends, the terminal is gone or Ctrl-C is pressed.
func Keys(ctx context.Context, terminal io.Reader) <-chan rune {
	keys := make(chan rune)
	// A read from a terminal cannot be broken off: this goroutine may wait for
	// a key that nobody presses any more until the program ends.
	go func() {
		defer close(keys)
		for in := bufio.NewReader(terminal); ; {
			key, err := next(in)
			if err != nil || key == interrupt {
				return
			}
			select {
			case keys <- key:
			case <-ctx.Done():
				return
			}
		}
	}()
	return keys
}

// longest bounds a sequence that no terminal would send.
const longest = 16

// next returns the next key. A terminal sends the whole of a sequence at once: an
// ESC that no sequence follows is the key of that name.
func next(in *bufio.Reader) (rune, error) {
	key, _, err := in.ReadRune()
	if err != nil || key != KeyEscape || in.Buffered() == 0 {
		return key, err
	}
	if first, err := in.Peek(1); err != nil || first[0] != '[' && first[0] != 'O' {
		return key, err
	}
	var s []byte
	for in.Buffered() > 0 && len(s) < longest {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if s = append(s, b); len(s) > 1 && b >= '@' && b <= '~' {
			break
		}
	}
	return sequence(string(s)), nil
}
