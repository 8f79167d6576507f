package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"parley"
	"parley/audit"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// trust is what the proofs stand on: a roster, or verifier keys; and those of witnesses.
type trust struct {
	roster    *roster.Roster
	keys      []transcript.LogKey
	witnesses []transcript.WitnessKey
}

// program looks at files, one after the other.
type program struct {
	trust   trust
	show    bool   // keep the messages
	json    bool   // for the JSON object
	most    uint64 // of the messages of a log; 0 is all
	workers int    // how many check signatures at once

	// progress, if it is set, is told how much of the work is done: a share of 1.
	progress func(share float64)
}

// result is what one file came to: a report on a transcript, a proof of messages, or a
// fork.
type result struct {
	file     string
	err      error         // the file is neither, or its fork is not proved
	report   *audit.Report // of a transcript
	messages *messages     // of the report, where they are kept
	forked   parley.Party  // of a fork: whose log

	shown *audit.ProofReport // of a proof of messages
	show  bool               // print them, too
}

func (r result) proved() bool {
	return r.err == nil && (r.report == nil || r.report.Wrong == nil) && (r.shown == nil || r.shown.Wrong == nil)
}

func closeAll(results []result) (err error) {
	for _, r := range results {
		if r.messages != nil {
			err = errors.Join(err, r.messages.close())
		}
	}
	return err
}

// kept is how many of each list of a report are kept.
const kept = 1000

// verify looks at one file, of whatever kind. Its error is that the file cannot be read: it says nothing
// of what stands in it.
func (p program) verify(name string, source io.ReaderAt, size int64) (result, error) {
	res := result{file: name}
	title, err := firstLine(source, size)
	if err != nil {
		return result{}, err
	}
	if title == transcript.ForkTitle {
		res.forked, res.err = p.fork(source, size)
		return res, unreadable(res.err)
	}
	if isProof(source, size) {
		res.shown, res.err = p.shown(source, size)
		res.show = p.show
		return res, unreadable(res.err)
	}
	read, err := transcript.Outline(&counted{source, size, p.report(0, reading)}, size)
	if err != nil {
		res.err = err
		return res, unreadable(err)
	}
	end := make(chan error, 1)
	go func() { end <- read.CheckEnd() }()
	a, err := p.audit(read, &res, size, nil)
	if err == nil && p.trust.roster != nil && inDoubt(res.report) {
		// Which messages are in doubt is known at the end of the log: look again.
		err = res.messages.reset()
		if err == nil {
			_, err = p.audit(read, &res, size, a.History())
		}
	}
	if err := cmp.Or(<-end, err); err != nil {
		res.err, res.report = err, nil
	}
	return res, unreadable(res.err)
}

// audit looks at a transcript whose form is known to be good.
func (p program) audit(read *transcript.Reader, res *result, size int64, known *roster.History) (*audit.Auditor, error) {
	// A thousand messages of the largest would be more than all the rest in memory.
	o := audit.Options{Most: kept, Witnesses: p.trust.witnesses, Known: known, Message: func(parley.Party, audit.Message) {}}
	if p.show {
		if res.messages == nil {
			res.messages = newMessages(p.json, p.most)
		}
		o.Message = res.messages.add
	}
	var a *audit.Auditor
	if p.trust.roster != nil {
		a = audit.New(read, p.trust.roster, o)
	} else {
		a = audit.NewWithKeys(read, p.trust.keys, o)
	}
	done, progress := int64(0), p.report(reading, 1)
	runAudit(a, p.workers, func(bytes int) {
		done += int64(bytes)
		progress(float64(done) / float64(size))
	})
	var err error
	res.report, err = a.Report()
	return a, err
}

// inDoubt reports whether a party said that an officer's key was compromised.
func inDoubt(r *audit.Report) bool {
	for i := range r.Logs {
		for _, k := range r.Logs[i].Keys {
			if k.Doubt > 0 && k.Role == roster.RoleOfficer {
				return true
			}
		}
	}
	return false
}

// unreadable returns err if it is that a file cannot be read, and nil if it is that
// what was read is wrong.
func unreadable(err error) error {
	for _, wrong := range []error{transcript.ErrMalformed, transcript.ErrSignature, transcript.ErrLog, transcript.ErrProof, transcript.ErrSize, wire.ErrLimit, wire.ErrVersion, wire.ErrText} {
		if err == nil || errors.Is(err, wrong) {
			return nil
		}
	}
	return err
}

// firstLine returns the title of a file; "" if it has none of a sensible length.
func firstLine(source io.ReaderAt, size int64) (string, error) {
	b := make([]byte, min(size, 64))
	if n, err := source.ReadAt(b, 0); n < len(b) {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	title, _, ended := strings.Cut(string(b), "\n")
	if !ended {
		return "", nil
	}
	return title, nil
}

// maxFork is more than the largest proof of a fork has.
const maxFork = 64 << 10

// fork looks at the proof of a fork.
func (p program) fork(source io.ReaderAt, size int64) (parley.Party, error) {
	if size > maxFork {
		return "", fmt.Errorf("fork: %w: more than %d bytes", transcript.ErrMalformed, maxFork)
	}
	text := make([]byte, size)
	if n, err := source.ReadAt(text, 0); n < len(text) {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	f, err := transcript.ParseFork(text)
	if err != nil {
		return "", err
	}
	if p.trust.roster == nil {
		return "", errForkWithoutRoster
	}
	return f.Check(p.trust.roster)
}

var errForkWithoutRoster = errors.New("a proof of a fork says whose log was forked: give the roster of the line, --roster FILE")

// reading is the share of the work that reading a file for its form is.
const reading = 0.03

// report returns a function that is told a share of a part of the work.
func (p program) report(from, to float64) func(float64) {
	return func(share float64) {
		if p.progress != nil {
			p.progress(from + (to-from)*share)
		}
	}
}

// counted tells how far its source was read.
type counted struct {
	io.ReaderAt
	size int64
	tell func(float64)
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	c.tell(float64(at) / float64(c.size))
	return c.ReaderAt.ReadAt(b, at)
}
