package demo

import (
	"bufio"
	"context"
	"io"
	"time"
)

// interrupt is what Ctrl-C gives where a terminal does not turn it into a signal.
const interrupt = '\x03'

// Keys returns the keys that a person presses on a terminal in raw mode, until
// ctx ends, the terminal is gone or Ctrl-C is pressed.
func Keys(ctx context.Context, terminal io.Reader) <-chan rune {
	keys := make(chan rune)
	// A read from a terminal cannot be broken off: this goroutine may wait for
	// a key that nobody presses any more until the program ends.
	go func() {
		defer close(keys)
		for in := bufio.NewReader(terminal); ; {
			key, _, err := in.ReadRune()
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

// tour is what is pressed where there is nobody to press: a minute that shows
// everything once.
var tour = []struct {
	after time.Duration
	key   rune
}{
	{6 * time.Second, '1'}, {4 * time.Second, '2'}, {4 * time.Second, '3'}, // only the pouch is left
	{7 * time.Second, '1'}, {0, '2'}, {0, '3'},
	{4 * time.Second, 'l'}, {5 * time.Second, 'l'},
	{4 * time.Second, 'f'}, {3 * time.Second, 'k'}, {3 * time.Second, 'k'},
	{7 * time.Second, ' '}, {3 * time.Second, 'q'},
}

// Tour returns the keys of a minute that shows everything once, for where
// nobody can press any.
func Tour(ctx context.Context) <-chan rune {
	keys := make(chan rune)
	go func() {
		defer close(keys)
		for _, t := range tour {
			select {
			case <-time.After(t.after):
			case <-ctx.Done():
				return
			}
			select {
			case keys <- t.key:
			case <-ctx.Done():
				return
			}
		}
	}()
	return keys
}
