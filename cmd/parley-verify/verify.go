package main

import (
	"bytes"

	"parley"
	"parley/audit"
	"parley/roster"
	"parley/transcript"
)

// result is what one file came to: a report on a transcript, or a fork.
type result struct {
	file   string
	err    error         // the file is neither, or its fork is not proved
	report *audit.Report // of a transcript
	forked parley.Party  // of a fork: whose log
}

func (r result) proved() bool { return r.err == nil && (r.report == nil || r.report.Wrong == nil) }

// verify looks at one file. Its error is that the file cannot be read.
func verify(name string, r *roster.Roster) (result, error) {
	text, err := readTranscript(name)
	if err != nil {
		return result{}, err
	}
	res := result{file: name}
	if bytes.HasPrefix(text, []byte(transcript.ForkTitle+"\n")) {
		var f transcript.Fork
		if f, res.err = transcript.ParseFork(text); res.err == nil {
			res.forked, res.err = f.Check(r)
		}
		return res, nil
	}
	f, err := transcript.ParseFile(text)
	if err != nil {
		res.err = err
		return res, nil
	}
	res.report = audit.Audit(f, r)
	return res, nil
}
