package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// startLimit is how long a station may take until it serves.
const startLimit = 30 * time.Second

// serving begins the line that a station prints once all is up.
const serving = "serving"

// Process is a station that runs in a process of its own.
type Process struct {
	cmd   *exec.Cmd
	tail  *tail
	ended chan struct{} // closed when the process is gone and reaped
	kill  atomic.Bool   // it was told to go
}

// Start starts cmd, whose standard output begins a line with "serving" once
// the station serves, and waits for that line.
func Start(ctx context.Context, cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, tail: &tail{}, ended: make(chan struct{})}
	cmd.Stderr = p.tail
	// A grandchild that kept the pipe open must not keep Wait waiting.
	cmd.WaitDelay = 5 * time.Second
	dieWithParent(cmd)
	ready := make(chan struct{})
	cmd.Stdout = &announced{prefix: serving, found: ready}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		// How it ended does not matter: a station that ends is told of as such.
		_ = cmd.Wait()
		close(p.ended)
	}()
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	var err error
	select {
	case <-ready:
		return p, nil
	case <-p.ended:
		err = fmt.Errorf("the station ended before it served: %s", p.tail)
	case <-limit.C:
		err = fmt.Errorf("waited %s for the station to serve: %s", startLimit, p.tail)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return nil, errors.Join(err, p.Kill())
}

// Kill ends the process as a power cut would (kill -9) and waits until it is gone.
func (p *Process) Kill() error {
	p.kill.Store(true)
	if err := p.cmd.Process.Kill(); err != nil && p.Running() {
		return fmt.Errorf("kill station: %w", err)
	}
	<-p.ended
	return nil
}

// Running reports whether the process is there.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Fell returns an error if the process ended and nobody killed it.
func (p *Process) Fell() error {
	if p.Running() || p.kill.Load() {
		return nil
	}
	return fmt.Errorf("the station ended by itself: %s", p.tail)
}

// announced closes found at the first line written to it that begins with prefix.
type announced struct {
	prefix string
	found  chan struct{}
	line   []byte
	done   bool
}

func (a *announced) Write(p []byte) (int, error) {
	for _, b := range p {
		switch {
		case a.done:
		case b == '\n':
			a.line = a.line[:0]
		case len(a.line) < len(a.prefix):
			if a.line = append(a.line, b); string(a.line) == a.prefix {
				a.done = true
				close(a.found)
			}
		}
	}
	return len(p), nil
}

// tailLines is how many of the last lines of a station's log are kept.
const tailLines = 8

// tail keeps the last lines written to it, for the message about a failure.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := bufio.NewScanner(strings.NewReader(string(p))); s.Scan(); {
		t.lines = append(t.lines, s.Text())
	}
	t.lines = t.lines[max(0, len(t.lines)-tailLines):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == 0 {
		return "it said nothing"
	}
	return "it said last: " + strings.Join(t.lines, " | ")
}
