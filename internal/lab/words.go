package lab

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// words are what is left of a line.
type words struct{ rest string }

// next takes the next word; "" at the end.
func (w *words) next() string {
	word := w.peek()
	w.rest = strings.TrimLeftFunc(strings.TrimPrefix(w.rest, word), unicode.IsSpace)
	return word
}

func (w *words) peek() string {
	w.rest = strings.TrimLeftFunc(w.rest, unicode.IsSpace)
	if i := strings.IndexFunc(w.rest, unicode.IsSpace); i >= 0 {
		return w.rest[:i]
	}
	return w.rest
}

func (w *words) oneOf(what string, all []string) (string, error) {
	word := w.next()
	if !slices.Contains(all, word) {
		return "", fmt.Errorf("%q is not %s: one of %s", word, what, strings.Join(all, ", "))
	}
	return word, nil
}

// maxDuration bounds what a script may wait for: a day.
const maxDuration = 24 * time.Hour

func (w *words) duration() (time.Duration, error) {
	word := w.next()
	d, err := time.ParseDuration(word)
	if err != nil || d <= 0 || d > maxDuration {
		return 0, fmt.Errorf("%q is not a time between nothing and a day, as in 25ms or 2s", word)
	}
	return d, nil
}

// maxOffset bounds how far a clock may be wrong: ten years.
const maxOffset = 10 * 365 * 24 * time.Hour

// offset reads how far a clock is ahead, or behind.
func (w *words) offset() (time.Duration, error) {
	word := w.next()
	d, err := time.ParseDuration(word)
	if err != nil || d.Abs() > maxOffset {
		return 0, fmt.Errorf("%q is not how far a clock is ahead, as in 72h, -72h or 0s", word)
	}
	return d, nil
}

// named reads a number after its name.
func (w *words) named(name string) (int, error) {
	if word := w.next(); word != name {
		return 0, fmt.Errorf("%q is not %s, and how many MiB of it", word, name)
	}
	return count(w.next())
}

// chance reads a percentage.
func (w *words) chance() (float64, error) { return percent(w.next()) }

func percent(word string) (float64, error) {
	number, ok := strings.CutSuffix(word, "%")
	p, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(p >= 0 && p <= 100) {
		return 0, fmt.Errorf("%q is not a chance between 0%% and 100%%", word)
	}
	return p / 100, nil
}

func percentOf(p float64) string { return strconv.FormatFloat(p*100, 'g', 12, 64) + "%" }

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// maxCount bounds every number of a script.
const maxCount = 1_000_000_000

func count(word string) (int, error) {
	n, err := strconv.Atoi(word)
	if !digits(word) || err != nil || n < 1 || n > maxCount {
		return 0, errors.New(strconv.Quote(word) + " is not a number from 1 to a billion")
	}
	return n, nil
}
