// Command parley-verify says what a transcript file proves, offline, to anyone
// who has the roster of the line.
//
//	parley-verify --roster FILE [--json] [--show] TRANSCRIPT...
//
// It also reads the portable proof that a log was forked. It exits with 0 if
// everything is proved, 1 if something is not, and 2 if it could not look: a
// wrong use, or a file that cannot be read.
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

	"parley/roster"
)

// The exit codes.
const (
	exitProved   = 0
	exitUnproved = 1
	exitUnread   = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

const usage = `parley-verify says what a transcript file proves, offline, to anyone who has the roster of the line.

usage: parley-verify --roster FILE [--json] [--show] TRANSCRIPT...

  --roster FILE   the roster of the line; compare the twelve words printed with both parties
  --json          print one JSON object instead of sentences
  --show          print the messages that are proved as well

exit code: 0 all is proved, 1 something is not, 2 a wrong use or a file that cannot be read
`

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("parley-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	rosterFile := flags.String("roster", "", "")
	asJSON := flags.Bool("json", false, "")
	show := flags.Bool("show", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitProved
	case err == nil && *rosterFile == "":
		err = errors.New("give the roster of the line: --roster FILE")
	case err == nil && flags.NArg() == 0:
		err = errors.New("give at least one transcript file")
	}
	if err != nil {
		fmt.Fprintf(stderr, "parley-verify: %v\n\n%s", err, usage)
		return exitUnread
	}
	r, err := readRoster(*rosterFile)
	if err != nil {
		fmt.Fprintf(stderr, "parley-verify: %v\n", err)
		return exitUnread
	}
	code := exitProved
	var results []result
	for _, name := range flags.Args() {
		res, err := verify(name, r)
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
	if *asJSON {
		err = printJSON(stdout, r, results, *show)
	} else {
		err = printText(stdout, r, results, *show)
	}
	if err != nil {
		fmt.Fprintf(stderr, "parley-verify: print the result: %v\n", err)
		return exitUnread
	}
	return code
}

func readRoster(name string) (*roster.Roster, error) {
	text, err := read(name, roster.MaxFile)
	if err != nil {
		return nil, err
	}
	r, err := roster.ParseRoster(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return r, nil
}

// read returns a file of at most so many bytes.
func read(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%q has more than %d bytes, the most that is read here", name, most)
	}
	return b, nil
}

// readTranscript reads a file that is read whole.
func readTranscript(name string) ([]byte, error) { return read(name, 256<<20) }
