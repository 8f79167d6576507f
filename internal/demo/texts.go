package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"

	"parley/wire"
)

//go:embed texts/*.txt
var builtIn embed.FS

// Text is something to be said.
type Text struct {
	Language string // BCP 47
	Body     string
}

// ErrNoText is returned for a file in which there is nothing to say.
var ErrNoText = errors.New("there is no text in it")

// Texts returns what the demo says if nobody gives it anything: notices and
// reports of incidents in Arabic, Chinese, English, French, Russian and
// Spanish, in turn.
func Texts() ([]Text, error) {
	files, err := builtIn.ReadDir("texts")
	if err != nil {
		return nil, err
	}
	var all [][]Text
	for _, f := range files {
		b, err := builtIn.ReadFile("texts/" + f.Name())
		if err != nil {
			return nil, err
		}
		texts, err := ParseTexts(b, strings.TrimSuffix(f.Name(), path.Ext(f.Name())))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all = append(all, texts)
	}
	return inTurn(all), nil
}

// ParseTexts takes a text apart into its paragraphs, each of which becomes a
// message. Blank lines are between paragraphs and belong to none; all other
// bytes are kept. What Parley could not send as it is, it refuses, and says
// which paragraph (spec/MESSAGE.md §5).
func ParseTexts(b []byte, language string) ([]Text, error) {
	var out []Text
	var paragraph []byte
	end := func() error {
		if body := string(bytes.TrimSuffix(paragraph, []byte("\n"))); body != "" {
			if len(body) > wire.MaxBody {
				return fmt.Errorf("paragraph %d has %d bytes and a message at most %d: %w", len(out)+1, len(body), wire.MaxBody, wire.ErrLimit)
			}
			if err := wire.CheckText(body); err != nil {
				return fmt.Errorf("paragraph %d: %w", len(out)+1, err)
			}
			out = append(out, Text{language, body})
		}
		paragraph = nil
		return nil
	}
	for line := range bytes.Lines(b) {
		if len(bytes.TrimSpace(line)) > 0 {
			paragraph = append(paragraph, line...)
			continue
		}
		if err := end(); err != nil {
			return nil, err
		}
	}
	if err := end(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, ErrNoText
	}
	return out, nil
}

// inTurn returns the first of each list, then the second of each, and so on.
func inTurn(lists [][]Text) (out []Text) {
	for i, more := 0, true; more; i++ {
		more = false
		for _, l := range lists {
			if i < len(l) {
				out, more = append(out, l[i]), true
			}
		}
	}
	return out
}
