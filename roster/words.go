package roster

import (
	"crypto/subtle"
	_ "embed"
	"fmt"
	"strings"

	"parley"
)

// english is the English word list of BIP-39, one word a line: 2048 words of
// which the first four letters tell each from the others. A test holds it to
// its published SHA-256.
//
//go:embed english.txt
var english string

// wordCount words of 11 bits each are read aloud: 132 bits of the hash.
const wordCount = 12

// Words returns the first 132 bits of the roster's hash as twelve words, to be
// compared by voice or face to face (spec/ROSTER.md §8).
func (r *Roster) Words() string { return strings.Join(wordsOf(r.Hash()), " ") }

// Words returns the twelve words of the side's hash, made as those of a roster:
// people compare them aloud after a change (spec/CHANGE.md §1).
func (s Side) Words() string { return strings.Join(wordsOf(s.Hash()), " ") }

func wordsOf(h parley.Hash) []string {
	list := strings.Fields(english)
	words := make([]string, wordCount)
	for i := range words {
		index := 0
		for bit := i * 11; bit < (i+1)*11; bit++ {
			index = index<<1 | int(h[bit/8]>>(7-bit%8)&1)
		}
		words[i] = list[index]
	}
	return words
}

// CheckWords compares the twelve words a person typed, as the other party read
// them out, with those of the roster. Upper and lower case and the amount of
// white space do not matter. The error wraps ErrWords and names the first word
// that differs by its place, not the word that was expected. All words are
// compared whichever differ (spec/ROSTER.md §8).
func (r *Roster) CheckWords(typed string) error {
	if len(typed) > 1024 {
		return fmt.Errorf("%w: more was typed than twelve words", ErrWords)
	}
	got := strings.Fields(strings.ToLower(typed))
	if len(got) != wordCount {
		return fmt.Errorf("%w: %d words were typed; type all %d", ErrWords, len(got), wordCount)
	}
	first := 0
	for i, want := range wordsOf(r.Hash()) {
		same := subtle.ConstantTimeCompare([]byte(want), []byte(got[i]))
		first = subtle.ConstantTimeSelect(subtle.ConstantTimeEq(int32(first), 0)&(1-same), i+1, first)
	}
	if first != 0 {
		return fmt.Errorf("%w: word %d is not the same on both sides; have it read again, and if it still differs do not use this line: the files were changed on the way, start the ceremony again", ErrWords, first)
	}
	return nil
}
