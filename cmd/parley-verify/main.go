//go:build !js

// Command parley-verify says what a transcript file proves, offline, to anyone
// who has the roster of the line, or one line of text: the verifier key of a log.
//
//	parley-verify --roster FILE [--witness KEY]... [--json] [--show] TRANSCRIPT...
//	parley-verify --key KEY [--key KEY] [--witness KEY]... [--json] TRANSCRIPT...
//
// It also reads the portable proof that a log was forked. A TRANSCRIPT of "-" is
// standard input. Without a TRANSCRIPT it prints the words of the roster and the
// verifier keys of its logs. The exit codes stand in exit.go, the JSON in
// docs/verify.md.
//
// The roster is believed, so compare its twelve words with the parties: a
// roster that came along with a transcript proves nothing by itself
// (spec/TRANSCRIPT.md §7).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"parley/roster"
	"parley/transcript"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

const usage = `parley-verify says what a transcript file proves, offline, to anyone who has the roster of the line.

usage: parley-verify --roster FILE [--witness KEY]... [--json] [--show] TRANSCRIPT...
       parley-verify --key KEY [--key KEY] [--witness KEY]... [--json] TRANSCRIPT...
       parley-verify --roster FILE

  --roster FILE   the roster of the line; compare the twelve words printed with both parties
  --key KEY       where there is no roster: the verifier key of a log, one line of text;
                  it proves less, and what it does not prove is said
  --witness KEY   the verifier key of a neutral witness, from its operator; what it cosigned of a
                  transcript is then checked. Cosignatures of other witnesses are said to be unverified
  --json          print one JSON object instead of sentences
  --show          print the messages that are proved as well

A TRANSCRIPT of "-" is standard input. Without one, the words of the roster and the
verifier keys of its two logs are printed.

exit code: 0 all is proved
           1 something is not: the first wrong thing is named
           2 a wrong use, or a file that cannot be read: nothing is said of it
           3 nothing is wrong, and it is no proof: the line is deniable
`

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("parley-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	rosterFile := flags.String("roster", "", "")
	asJSON := flags.Bool("json", false, "")
	show := flags.Bool("show", false, "")
	var keys []transcript.LogKey
	var badKey error // nothing that the usage could explain
	flags.Func("key", "", func(s string) error {
		k, err := transcript.ParseLogKey(s)
		keys, badKey = append(keys, k), err
		return err
	})
	var witnesses []transcript.WitnessKey
	flags.Func("witness", "", func(s string) error {
		k, err := transcript.ParseWitnessKey(s)
		witnesses, badKey = append(witnesses, k), err
		return err
	})
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitProved
	case err != nil:
	case *rosterFile == "" && len(keys) == 0:
		err = errors.New("give the roster of the line, --roster FILE, or the verifier key of a log, --key KEY")
	case *rosterFile != "" && len(keys) > 0:
		err = errors.New("give a roster or verifier keys, not both: a roster says whose keys are whose")
	case len(keys) > 2 || len(keys) == 2 && keys[0].Log == keys[1].Log:
		err = errors.New("give one verifier key for each of the two logs")
	case *show && len(keys) > 0:
		err = errors.New("messages are shown with a roster only: a verifier key does not prove who released them")
	case flags.NArg() == 0 && (len(keys) > 0 || len(witnesses) > 0 || *asJSON || *show):
		err = errors.New("give at least one transcript file")
	}
	if badKey != nil {
		fmt.Fprintf(stderr, "parley-verify: %v\n", err)
		return exitUnread
	}
	if err != nil {
		fmt.Fprintf(stderr, "parley-verify: %v\n\n%s", err, usage)
		return exitUnread
	}
	p := program{trust: trust{keys: keys, witnesses: witnesses}, show: *show, json: *asJSON, workers: runtime.GOMAXPROCS(0)}
	if *rosterFile != "" {
		if p.trust.roster, err = readRoster(*rosterFile); err != nil {
			fmt.Fprintf(stderr, "parley-verify: %v\n", err)
			return exitUnread
		}
	}
	code, results := p.verifyAll(flags.Args(), stdin, stderr)
	code = p.trust.exit(code, len(results))
	if *asJSON {
		err = printJSON(stdout, p.trust, results, code)
	} else {
		err = printText(stdout, p.trust, results)
	}
	if err := errors.Join(err, closeAll(results)); err != nil {
		fmt.Fprintf(stderr, "parley-verify: print the result: %v\n", err)
		return exitUnread
	}
	return code
}

// verifyAll looks at the files. What cannot be read is told on stderr.
func (p program) verifyAll(names []string, stdin io.Reader, stderr io.Writer) (code int, results []result) {
	for _, name := range names {
		res, err := p.verifyFile(name, stdin, stderr)
		if err != nil {
			fmt.Fprintf(stderr, "parley-verify: %v\n", err)
			code = exitUnread
			continue
		}
		results = append(results, res)
		if !res.proved() {
			code = max(code, exitUnproved)
		}
	}
	return code, results
}

func (p program) verifyFile(name string, stdin io.Reader, stderr io.Writer) (result, error) {
	in, err := open(name, stdin)
	if err != nil {
		return result{}, err
	}
	defer in.close()
	bar := newBar(stderr, name)
	p.progress = bar.at
	defer bar.done()
	res, err := p.verify(name, in.source, in.size)
	if err != nil {
		return result{}, fmt.Errorf("%q: %w", name, err)
	}
	return res, nil
}

func readRoster(name string) (*roster.Roster, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, roster.MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > roster.MaxFile {
		return nil, fmt.Errorf("%q has more than %d bytes, the most that is read here", name, roster.MaxFile)
	}
	r, err := roster.ParseRoster(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return r, nil
}
