package demo

import (
	"context"
	"time"
)

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
