//go:build js

// The same verifier inside a page: cmd/parley-verify-page builds it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall/js"

	"parley/roster"
	"parley/transcript"
)

// main gives the worker that runs it one function, and stays:
//
//	parleyVerify(trust, name, file, show, progress) → {exit, text, json} or {error}
//
// trust is the text of a roster, or one or two verifier keys, each on a line; file is a
// Blob; progress is called with a share of 1. With a file of null, text has the words of
// the roster alone.
func main() {
	js.Global().Set("parleyVerify", js.FuncOf(func(_ js.Value, args []js.Value) any {
		out, err := inPage(args[0].String(), args[1].String(), args[2], args[3].Bool(), args[4])
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		return out
	}))
	select {}
}

// shown is how many messages of a log a page shows.
const shown = 500

func inPage(trustText, name string, file js.Value, show bool, progress js.Value) (map[string]any, error) {
	t, err := parseTrust(trustText)
	if err != nil {
		return nil, err
	}
	p := program{trust: t, show: show && t.roster != nil, most: shown, workers: 1}
	p.progress = func(share float64) { progress.Invoke(share) }
	var results []result
	code := exitProved
	if !file.IsNull() {
		res, err := p.verify(name, blob{file, js.Global().Get("FileReaderSync").New()}, int64(file.Get("size").Float()))
		if err != nil {
			return nil, err
		}
		if results = append(results, res); !res.proved() {
			code = exitUnproved
		}
	}
	var text, object bytes.Buffer
	code = t.exit(code, len(results))
	if err := printJSON(&object, t, withoutMessages(results), code); err != nil {
		return nil, err
	}
	if err := printText(&text, t, results); err != nil {
		return nil, err
	}
	return map[string]any{"exit": code, "text": text.String(), "json": object.String()}, nil
}

// withoutMessages are results that can be printed before those with their messages,
// which are printed once.
func withoutMessages(results []result) (out []result) {
	for _, r := range results {
		r.messages = nil
		out = append(out, r)
	}
	return out
}

// parseTrust reads a roster, or verifier keys.
func parseTrust(text string) (trust, error) {
	lines := strings.Fields(text)
	if !strings.HasPrefix(text, "parley/") && len(lines) > 0 {
		r, err := roster.ParseRoster([]byte(text))
		if err != nil {
			return trust{}, fmt.Errorf("this is neither a roster nor a verifier key: %w", err)
		}
		return trust{roster: r}, nil
	}
	if len(lines) < 1 || len(lines) > 2 || len(lines) == 2 && lines[0] == lines[1] {
		return trust{}, errors.New("give a roster, or the verifier keys of one log or two")
	}
	var t trust
	for _, line := range lines {
		k, err := transcript.ParseLogKey(line)
		if err != nil {
			return trust{}, err
		}
		t.keys = append(t.keys, k)
	}
	return t, nil
}

// blob reads a file that was given to the page, without the page holding it.
type blob struct{ file, reader js.Value }

func (b blob) ReadAt(dst []byte, at int64) (n int, err error) {
	defer func() {
		if failed := recover(); failed != nil {
			n, err = 0, fmt.Errorf("the file cannot be read, or has changed: %v", failed)
		}
	}()
	piece := b.file.Call("slice", float64(at), float64(at)+float64(len(dst)))
	bytes := js.Global().Get("Uint8Array").New(b.reader.Call("readAsArrayBuffer", piece))
	if n = js.CopyBytesToGo(dst, bytes); n < len(dst) {
		return n, io.EOF
	}
	return n, nil
}

// overflow has no disk here: what is shown is bounded instead.
func overflow() (io.ReadWriteSeeker, error) {
	return nil, errors.New("there is more to show than a page can hold: use parley-verify")
}
