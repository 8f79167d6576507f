package demo

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley"
	"parley/internal/api"
	"parley/wire"
)

// scripted is a station that dies at chosen moments. It keeps drafts and
// messages as a station does.
type scripted struct {
	t        *testing.T
	drafts   map[string]*api.Draft
	messages []api.Message
	made     int             // drafts made in all
	content  []byte          // of any draft
	die      map[string]bool // moments at which it dies, each once
}

// dies breaks off the connection without an answer, once for each moment.
func (s *scripted) dies(w http.ResponseWriter, moment string) bool {
	if !s.die[moment] {
		return false
	}
	delete(s.die, moment)
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.t.Error(err)
		return true
	}
	if err := c.Close(); err != nil {
		s.t.Error(err)
	}
	return true
}

func (s *scripted) answer(w http.ResponseWriter, v any) {
	if v == nil {
		w.WriteHeader(http.StatusNotFound)
		v = api.Error{Code: api.CodeMissing, Message: "no such thing"}
	}
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("draft")
	switch r.Pattern {
	case "GET /v1/lines":
		s.answer(w, []api.Line{})
	case "POST /v1/lines/south/drafts":
		if s.dies(w, "before the draft is kept") {
			return
		}
		s.made++
		d := &api.Draft{ID: fmt.Sprintf("%032x", s.made), Quorum: 2, Approved: []string{}, Content: s.content}
		s.drafts[d.ID] = d
		if !s.dies(w, "after the draft is kept") {
			s.answer(w, d)
		}
	case "GET /v1/lines/south/drafts":
		all := []*api.Draft{}
		for _, d := range s.drafts {
			all = append(all, d)
		}
		s.answer(w, all)
	case "DELETE /v1/lines/south/drafts/{draft}":
		delete(s.drafts, id)
		s.answer(w, struct{}{})
	case "GET /v1/lines/south/drafts/{draft}":
		if s.dies(w, "when it is asked for the draft") {
			return
		}
		if d, ok := s.drafts[id]; ok {
			s.answer(w, d)
		} else {
			s.answer(w, nil)
		}
	case "POST /v1/lines/south/drafts/{draft}/approvals":
		s.approve(w, id)
	case "GET /v1/lines/south/messages":
		if !s.dies(w, "when it is asked for the messages") {
			s.answer(w, s.messages)
		}
	default:
		s.t.Errorf("unexpected: %s %s", r.Method, r.URL)
	}
}

func (s *scripted) approve(w http.ResponseWriter, id string) {
	d, ok := s.drafts[id]
	if !ok {
		s.t.Errorf("approval of draft %q, which is not there", id)
		return
	}
	nth := [...]string{"first", "second"}[len(d.Approved)]
	if s.dies(w, "before the "+nth+" approval is kept") {
		return
	}
	d.Approved = append(d.Approved, nth)
	out := api.Approved{Draft: *d}
	if len(d.Approved) == d.Quorum {
		delete(s.drafts, id)
		n := uint64(len(s.messages) + 1)
		s.messages = append(s.messages, api.Message{Number: n, Seq: n, Draft: id, Mine: true})
		out.Released = "north/1"
	}
	if !s.dies(w, "after the "+nth+" approval is kept") {
		s.answer(w, out)
	}
}

// serveScripted returns a side whose station is s.
func serveScripted(t *testing.T, s *scripted) *Side {
	t.Helper()
	// A socket's path is short, and the folder of a test is not.
	dir, err := os.MkdirTemp("", "parley-demo-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, pattern := range []string{
		"GET /v1/lines", "POST /v1/lines/south/drafts", "GET /v1/lines/south/drafts", "DELETE /v1/lines/south/drafts/{draft}",
		"GET /v1/lines/south/drafts/{draft}", "POST /v1/lines/south/drafts/{draft}/approvals", "GET /v1/lines/south/messages",
	} {
		mux.Handle(pattern, s)
	}
	server := &http.Server{Handler: mux}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(l); err != http.ErrServerClosed {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	side := &Side{Party: north, Peer: south, client: api.NewClient(socket), patience: time.Minute}
	for _, name := range names {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		side.officers = append(side.officers, officer{name, key})
	}
	return side
}

// TestReleaseOnce kills the station at every moment of a release, and at some
// two: the message is released once, and its number is found.
func TestReleaseOnce(t *testing.T) {
	for name, c := range map[string]struct {
		die      []string
		lookedUp bool
	}{
		"nothing":               {nil, false},
		"before draft":          {[]string{"before the draft is kept"}, false},
		"after draft":           {[]string{"after the draft is kept"}, false},
		"both":                  {[]string{"before the draft is kept", "after the draft is kept"}, false},
		"before first":          {[]string{"before the first approval is kept"}, false},
		"after first":           {[]string{"after the first approval is kept"}, false},
		"before second":         {[]string{"before the second approval is kept"}, false},
		"after second":          {[]string{"after the second approval is kept"}, true},
		"and when asked again":  {[]string{"after the second approval is kept", "when it is asked for the draft"}, true},
		"and when asked a list": {[]string{"after the second approval is kept", "when it is asked for the messages"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := wire.AppendContent(nil, wire.Content{
				Line: parley.LineID{1}, Draft: parley.DraftID{2}, From: "north/duty", To: []parley.Desk{"south/duty"},
				Precedence: parley.Flash, Status: parley.Real, Kind: parley.Text, Language: "en", Body: "Hello",
			})
			if err != nil {
				t.Fatal(err)
			}
			s := &scripted{t: t, content: content, drafts: map[string]*api.Draft{}, die: map[string]bool{}}
			for _, moment := range c.die {
				s.die[moment] = true
			}
			m, err := serveScripted(t, s).Release(t.Context(), Text{"en", "Hello"}, parley.Flash)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.messages) != 1 || len(s.drafts) != 0 || m.Number != 1 || m.Draft != s.messages[0].Draft {
				t.Errorf("%d messages, %d drafts left, said %+v", len(s.messages), len(s.drafts), m)
			}
			if m.LookedUp != c.lookedUp || len(s.die) != 0 {
				t.Errorf("looked up: %v; did not die: %v", m.LookedUp, s.die)
			}
		})
	}
}
