package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley"
	"parley/internal/channel/pipe"
	"parley/internal/courier"
	"parley/internal/home"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
	"parley/wire"
)

// process measures the program itself: its size, what an idle station with one
// line needs of memory, and how long one with entries in its journal takes to
// be ready. The station's keys unlock unattended; the other side is never
// there.
func process(b *Bench, entries int) error {
	info, err := os.Stat(b.Program)
	if err != nil {
		return fmt.Errorf("the program to measure: %w", err)
	}
	b.set("binary_mb", float64(info.Size())/1e6)
	return b.inFolder(func(dir string) error {
		h, officer, err := newHome(dir)
		if err != nil {
			return err
		}
		rss, _, err := b.serve(h, 3*time.Second)
		if err != nil {
			return err
		}
		b.set("idle_rss_mb", rss)
		if err := b.fillHome(h, officer, entries); err != nil {
			return err
		}
		_, took, err := b.serve(h, 0)
		if err != nil {
			return err
		}
		b.set("start_s", took.Seconds())
		b.set("start_entries", float64(entries))
		if entries >= 100_000 {
			b.set("start_100k_s", took.Seconds())
		}
		return nil
	})
}

// serve starts the station of a folder, and returns how long it took to be
// ready and, after idle time, what it needs of memory in MB.
func (b *Bench) serve(h *home.Home, idle time.Duration) (rss float64, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.Program, "serve", "--home", h.Dir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		// What the station says of its interruption is of no interest here.
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "serving") {
	}
	took = time.Since(begun)
	if err := errors.Join(lines.Err(), ctx.Err()); err != nil {
		return 0, 0, fmt.Errorf("the station did not get ready: %w", err)
	}
	time.Sleep(idle)
	rss, err = resident(cmd.Process.Pid)
	return rss, took, err
}

// resident is the resident memory of a process in MB.
func resident(pid int) (float64, error) { return memory(pid, "VmRSS:") }

// memory is a figure that the machine gives of a process's memory, in MB.
func memory(pid int, name string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kb), " kB"))
			return float64(n) / 1000, err
		}
	}
	return 0, errors.New("the machine does not say what the process needs of memory")
}

// newHome makes a party's folder with one confirmed line to a party that is
// not there.
func newHome(dir string) (*home.Home, keyring.Passphrase, error) {
	pass, err := keyring.NewPassphrase([]byte("a passphrase of the benchmark"))
	if err != nil {
		return nil, pass, err
	}
	var both [2]*home.Home
	for i, p := range []parley.Party{"north", "south"} {
		if both[i], err = home.Init(filepath.Join(dir, string(p)), home.InitOptions{Party: p, Root: pass}); err != nil {
			return nil, pass, err
		}
		if _, err := both[i].AddOfficer("officer", []string{"duty"}, pass); err != nil {
			return nil, pass, err
		}
	}
	terms := roster.DefaultTerms()
	terms.Quorum[parley.Flash] = 1
	terms.Channels = []roster.Channel{{Name: "cable", Kind: roster.TCP, Listener: "south", Address: "127.0.0.1:1"}}
	root := home.RootKey{Passphrase: pass}
	invite, err := both[0].Invite("south", terms, true, root, time.Now())
	if err != nil {
		return nil, pass, err
	}
	accept, r, err := both[1].Accept(invite, root, time.Now())
	if err != nil {
		return nil, pass, err
	}
	if _, err := both[0].Receive("south", accept); err != nil {
		return nil, pass, err
	}
	return both[0], pass, both[0].Confirm("south", r.Words(), time.Now())
}

// fillHome releases entries into the journal of a folder whose station does
// not run, and measures the export of them.
func (b *Bench) fillHome(h *home.Home, pass keyring.Passphrase, entries int) error {
	state, err := h.Line("south")
	if err != nil {
		return err
	}
	keys, err := keyring.UnlockStation(h.Keys(), keyring.PlainFile())
	if err != nil {
		return err
	}
	epochs, err := keyring.OpenEpochs(h.Keys(), keys)
	if err != nil {
		return err
	}
	officer, err := keyring.UnlockOfficer(h.Keys(), "officer", pass)
	if err != nil {
		return err
	}
	j, err := journal.Open(filepath.Join(h.Dir(), "journal"), journal.Options{})
	if err != nil {
		return err
	}
	st, err := station.New(station.Config{Party: h.Party(), Journal: j, Keys: keys, Secrets: epochs, Now: time.Now})
	if err != nil {
		return errors.Join(err, j.Close())
	}
	nowhere, far := pipe.New("cable")
	nowhere.Cut()
	line, err := st.AddLine(station.LineConfig{
		Roster: state.Roster, Routes: []station.Route{{Channel: nowhere, Class: courier.Fast}}, Quota: station.NoQuota(),
		Prekeys: wire.Prekeys{Line: state.Roster.Line, From: "south"},
	})
	if err != nil {
		return errors.Join(err, j.Close(), far.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- st.Run(ctx) }()
	s := &side{party: h.Party(), officer: officer, line: line, journal: j}
	err = s.fill(entries)
	if err == nil {
		err = b.export(line, entries)
	}
	cancel()
	return errors.Join(err, <-ended, j.Close(), far.Close())
}

// export measures the transcript of a line that has so many entries.
func (b *Bench) export(line *station.Line, entries int) error {
	begun := time.Now()
	text, err := line.Export()
	if err != nil {
		return err
	}
	took := time.Since(begun)
	if got := bytes.Count(text, []byte("\nentry ")); got != entries {
		return fmt.Errorf("the transcript has %d entries of %d", got, entries)
	}
	b.set("export_s", took.Seconds())
	b.set("export_mb", float64(len(text))/1e6)
	if entries >= 100_000 {
		b.set("export_100k_s", took.Seconds())
	}
	return nil
}
