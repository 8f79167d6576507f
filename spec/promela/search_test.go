// Package promela holds a model of the exchange of two stations (link.pml, docs/model.md) and has spin search all that
// can happen in it.
package promela

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// run is one search: what can happen, and what is looked for.
type run struct {
	name    string
	defines string // of link.pml; what it does not name is as it says there
	live    bool   // that everything is delivered, with weak fairness; otherwise the assertions
	large   bool   // only in `make model`
}

// calm is a world without accidents, on both channels.
const calm = "CUTS=0 CRASH_N=0 CRASH_S=0 "

// hold are the searches of the model as it is: nothing may be found.
var hold = []run{
	{name: "three messages", defines: calm + "N=3"},
	{name: "both crash", defines: "CUTS=0"},
	{name: "south loses its epochs", defines: calm + "LOSE_S=1 RADIO_S=0"},
	{name: "both lose their epochs", defines: calm + "LOSE_N=1 LOSE_S=1 RADIO_S=0", large: true},
	{name: "south restored; a radio to north", defines: calm + "RESTORE_S=1 RADIO_N=0"},
	{name: "south restored", defines: calm + "RESTORE_S=1", large: true},
	{name: "north restored; a radio to south", defines: calm + "RESTORE_N=1 RADIO_S=0"},
	{name: "north restored; a radio to north", defines: calm + "RESTORE_N=1 RADIO_N=0"},
	{name: "delivered, cable cut", defines: "CRASH_N=0 CRASH_S=0 RADIO_N=0 RADIO_S=0", live: true},
	{name: "delivered, both crash", defines: "CUTS=0 RADIO_N=0 RADIO_S=0", live: true},
	{name: "delivered, south loses its epochs", defines: calm + "LOSE_S=1 RADIO_N=0 RADIO_S=0", live: true},
	{name: "delivered, both lose their epochs", defines: calm + "LOSE_N=1 LOSE_S=1 RADIO_N=0 RADIO_S=0", live: true, large: true},
	{name: "delivered, south restored", defines: calm + "RESTORE_S=1 RADIO_N=0 RADIO_S=0", live: true},
	{name: "delivered, north restored", defines: calm + "RESTORE_N=1 RADIO_N=0 RADIO_S=0", live: true},
	{name: "delivered, three messages", defines: calm + "N=3 RADIO_S=0", live: true, large: true},

	{name: "both crash, cable cut", defines: "", large: true},
	{name: "both lose their epochs, two radios", defines: calm + "LOSE_N=1 LOSE_S=1", large: true},
	{name: "north restored, two radios", defines: calm + "RESTORE_N=1", large: true},
	{name: "south restored and crashes", defines: "CUTS=0 CRASH_N=0 RESTORE_S=1 RADIO_S=0", large: true},
	{name: "delivered, cable cut, two radios", defines: "CRASH_N=0 CRASH_S=0", live: true, large: true},
	{name: "delivered, both crash, cable cut", defines: "RADIO_N=0 RADIO_S=0", live: true, large: true},
	{name: "delivered, north restored; a radio to north", defines: calm + "RESTORE_N=1 RADIO_N=0", live: true, large: true},
	{name: "delivered, south restored, two radios", defines: calm + "RESTORE_S=1", live: true, large: true},
	{name: "delivered, north restored; a radio to south", defines: calm + "RESTORE_N=1 RADIO_S=0", live: true, large: true},
}

// broken are the searches with one rule left out: something must be found, or the searches above show nothing.
var broken = []run{
	{name: "RECEIPT_BEFORE_DURABLE", defines: "CUTS=0 CRASH_N=0"},
	{name: "SEND_BEFORE_DURABLE", defines: "CUTS=0 CRASH_S=0"},
	{name: "DEDUPE_IN_MEMORY", defines: "CUTS=0 CRASH_N=0"},
	{name: "COSIGN_OVER_GAP", defines: calm},
	{name: "WRITE_ON", defines: calm + "RESTORE_N=1"},
	{name: "END_AT_COPY", defines: calm + "RESTORE_N=1"},
	{name: "PLACE_TWICE", defines: calm + "RESTORE_N=1 RADIO_S=0"},
	{name: "DRAFT_AGAIN", defines: calm + "RESTORE_N=1 RADIO_S=0"},
	{name: "RECEIPT_OF_BEFORE", defines: calm + "RESTORE_S=1"},
	{name: "SINGLES_STAY", defines: calm + "RESTORE_S=1"},
	{name: "SEND_ONCE", defines: "CRASH_N=0 CRASH_S=0 RADIO_N=0 RADIO_S=0", live: true},
	{name: "NO_UNKNOWN", defines: calm + "LOSE_S=1 RADIO_N=0 RADIO_S=0", live: true},
	{name: "STRAYS_DROPPED", defines: calm + "RESTORE_N=1 RADIO_N=0 RADIO_S=0"},
	{name: "REPORT_OF_BEFORE", defines: calm + "RESTORE_N=1 RADIO_N=0", live: true, large: true},
}

// limit is how long one search may take on a machine that does much else.
const limit = 15 * time.Minute

// outcome is what spin's verifier says of a search.
type outcome struct {
	errors, states, depth int
	complete              bool
	found                 string
	took                  time.Duration
}

func TestModel(t *testing.T) {
	need(t)
	for _, r := range hold {
		if r.large && !large() {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			o := search(t, r, "")
			if o.errors != 0 || !o.complete {
				t.Fatalf("spin -D%s: %d errors, complete search: %v: %s", r.defines, o.errors, o.complete, o.found)
			}
			t.Logf("%d states, depth %d, complete, nothing found, %s", o.states, o.depth, o.took.Round(time.Second/10))
		})
	}
}

// TestBrokenModel shows that the properties bite.
func TestBrokenModel(t *testing.T) {
	need(t)
	for _, r := range broken {
		if r.large && !large() {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			o := search(t, r, "BREAK_"+r.name)
			want := "assertion violated"
			if r.live {
				want = "acceptance cycle"
			}
			if o.errors == 0 || !strings.Contains(o.found, want) {
				t.Fatalf("without this rule spin finds %q, want %q", o.found, want)
			}
			t.Logf("refused: %s", o.found)
		})
	}
}

// TestEveryBreakIsTried holds the list above to the model.
func TestEveryBreakIsTried(t *testing.T) {
	b, err := os.ReadFile("link.pml")
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, r := range broken {
		tried["BREAK_"+r.name] = true
	}
	in := map[string]bool{}
	for _, name := range regexp.MustCompile(`BREAK_[A-Z_]+`).FindAllString(string(b), -1) {
		in[strings.TrimSuffix(name, "_")] = true
	}
	delete(in, "BREAK")
	for name := range in {
		if !tried[name] {
			t.Errorf("link.pml has %s, which no search uses", name)
		}
	}
	for name := range tried {
		if !in[name] {
			t.Errorf("a search uses %s, which link.pml has not", name)
		}
	}
}

// large reports whether all searches are asked for.
func large() bool { return os.Getenv("PARLEY_MODEL") != "" }

// optimise returns how gcc builds a search: it takes longer over the small ones than they run.
func optimise() string {
	if large() {
		return "-O2"
	}
	return "-O0"
}

func need(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("searches take half a minute")
	}
	if _, err := exec.LookPath("spin"); err != nil {
		t.Skip("SKIPPED: spin is not installed: the model of the exchange is not searched (apt-get install spin)")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("SKIPPED: gcc is not installed: the model of the exchange is not searched (apt-get install gcc libc6-dev)")
	}
}

// search has spin write the verifier, builds it, and runs it in the test's own folder.
func search(t *testing.T, r run, breaks string) outcome {
	t.Helper()
	model, err := filepath.Abs("link.pml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := []string{"-a"}
	for _, d := range strings.Fields(r.defines + " " + breaks) {
		args = append(args, "-D"+d)
	}
	command(t, dir, "spin", append(args, model)...)
	// Bounded in memory, and never with a bit for a state: a search is all or it fails.
	build := []string{optimise(), "-w", "-DMEMLIM=1800", "-DVECTORSZ=512", "-o", "pan", "pan.c"}
	look := []string{"-n", "-m1000000", "-w22"}
	if r.live {
		build = append([]string{"-DNFAIR=3"}, build...)
		look = append(look, "-a", "-f")
	} else {
		build = append([]string{"-DSAFETY", "-DNOCLAIM"}, build...)
	}
	command(t, dir, "gcc", build...)
	began := time.Now()
	o := parse(t, command(t, dir, filepath.Join(dir, "pan"), look...))
	o.took = time.Since(began)
	return o
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

var (
	errorsLine = regexp.MustCompile(`depth reached (\d+), errors: (\d+)`)
	statesLine = regexp.MustCompile(`(?m)^\s*(\d+)(?:e\+\d+)? states, stored`)
	foundLine  = regexp.MustCompile(`(?m)^pan:\d+: (.*)$`)
)

func parse(t *testing.T, out string) outcome {
	t.Helper()
	m, s := errorsLine.FindStringSubmatch(out), statesLine.FindStringSubmatch(out)
	if m == nil || s == nil {
		t.Fatalf("spin's verifier says what is not understood here:\n%s", out)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(fmt.Errorf("a number of spin's verifier: %w", err))
		}
		return n
	}
	o := outcome{depth: number(m[1]), errors: number(m[2]), states: number(s[1])}
	o.complete = strings.Contains(out, "Full statespace search") &&
		!strings.Contains(out, "Search not completed") && !strings.Contains(out, "search depth too small")
	if f := foundLine.FindStringSubmatch(out); f != nil {
		o.found = f[1]
	}
	return o
}
