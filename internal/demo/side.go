package demo

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"sync"
	"time"

	"parley"
	"parley/audit"
	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/keyring"
	"parley/roster"
	"parley/transcript"
)

// Side is one party: its folder, its station's process, and the officers who
// release for it.
type Side struct {
	Party, Peer parley.Party

	home     *home.Home
	client   *api.Client
	officers []officer
	command  func(home string) *exec.Cmd
	patience time.Duration // how long the station may be away in mid-release

	mu      sync.Mutex // guards process
	process *Process
}

// officer is a person who may release, with the key unlocked once.
type officer struct {
	name string
	key  crypto.Signer
}

// The officers of each side: two, as a Flash needs.
var names = [...]string{"first", "second"}

// desk is the desk that answers at each side.
const desk = "duty"

// NewSide makes a party in dir by the steps a person would take, with generated
// passphrases, and returns what opens its root key.
func NewSide(dir string, party, peer parley.Party, command func(string) *exec.Cmd) (*Side, home.RootKey, error) {
	fail := func(err error) (*Side, home.RootKey, error) {
		return nil, home.RootKey{}, fmt.Errorf("set up %s: %w", party, err)
	}
	root, err := generated()
	if err != nil {
		return fail(err)
	}
	h, err := home.Init(dir, home.InitOptions{Party: party, Root: root})
	if err != nil {
		return fail(err)
	}
	s := &Side{Party: party, Peer: peer, home: h, client: api.NewClient(h.Socket()), command: command, patience: answerLimit}
	for _, name := range names {
		pass, err := generated()
		if err != nil {
			return fail(err)
		}
		if _, err := h.AddOfficer(name, []string{desk}, pass); err != nil {
			return fail(err)
		}
		key, err := keyring.UnlockOfficer(h.Keys(), name, pass)
		if err != nil {
			return fail(err)
		}
		s.officers = append(s.officers, officer{name, key})
	}
	return s, home.RootKey{Passphrase: root}, nil
}

// generated returns a passphrase that nobody knows.
func generated() (keyring.Passphrase, error) { return keyring.NewPassphrase([]byte(rand.Text())) }

func (s *Side) desk() string      { return string(s.Party) + "/" + desk }
func (s *Side) addressee() string { return string(s.Peer) + "/" + desk }

// Home is the side's folder.
func (s *Side) Home() *home.Home { return s.home }

// Client speaks to the side's station.
func (s *Side) Client() *api.Client { return s.client }

// Line is the name of the line at this side.
func (s *Side) Line() string { return string(s.Peer) }

// Start starts the side's station and waits until it serves.
func (s *Side) Start(ctx context.Context) error {
	p, err := Start(ctx, s.command(s.home.Dir()))
	if err != nil {
		return fmt.Errorf("start %s: %w", s.Party, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = p
	return nil
}

// Kill ends the station as a power cut would.
func (s *Side) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	return s.process.Kill()
}

// Running reports whether the station's process is there.
func (s *Side) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process != nil && s.process.Running()
}

// Pid is the number of the station's process, or 0 if there is none.
func (s *Side) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || !s.process.Running() {
		return 0
	}
	return s.process.cmd.Process.Pid
}

// Fell returns an error if the station ended and nobody killed it.
func (s *Side) Fell() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	if err := s.process.Fell(); err != nil {
		return fmt.Errorf("%s: %w", s.Party, err)
	}
	return nil
}

// askEvery is how often a station that does not answer is asked again.
const askEvery = 25 * time.Millisecond

// await waits until the station answers.
func (s *Side) await(ctx context.Context, limit time.Duration) error {
	return Until(ctx, limit, fmt.Sprintf("%s to answer", s.Party), func(ctx context.Context) (bool, error) {
		if _, err := s.client.Lines(ctx); err == nil {
			return true, nil
		}
		return false, s.Fell()
	})
}

// Until asks done again and again until it says so, fails, or limit is over.
func Until(ctx context.Context, limit time.Duration, what string, done func(context.Context) (bool, error)) error {
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		ok, err := done(waiting)
		if waiting.Err() == nil && (ok || err != nil) {
			return err
		}
		select {
		case <-tick.C:
		case <-waiting.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("waited %s for %s", limit, what)
		}
	}
}

// unanswered reports whether err leaves open what the station did: it went
// away before it answered, or was stopping.
func unanswered(err error) bool {
	var answer *api.Error
	if errors.As(err, &answer) {
		return answer.Code == api.CodeStopped
	}
	var transport *url.Error
	return errors.Is(err, api.ErrNotRunning) || errors.As(err, &transport) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// missing reports whether err says that there is no such thing at the station.
func missing(err error) bool {
	var answer *api.Error
	return errors.As(err, &answer) && answer.Code == api.CodeMissing
}

// Export returns the transcript of the line as the side's station exports it,
// and what an audit with the roster finds in it.
func (s *Side) Export(ctx context.Context, r *roster.Roster) ([]byte, *audit.Report, error) {
	var b bytes.Buffer
	if err := s.client.Transcript(ctx, s.Line(), &b); err != nil {
		return nil, nil, err
	}
	f, err := transcript.ParseFile(b.Bytes())
	if err != nil {
		return nil, nil, err
	}
	return b.Bytes(), audit.Audit(f, r), nil
}
