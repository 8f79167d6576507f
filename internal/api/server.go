package api

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/witness"
	"parley/roster"
)

// Server serves one station on one socket.
type Server struct {
	station *station.Station
	news    *News
	mux     *http.ServeMux
	keys    func(*station.Line, roster.Role) (ed25519.PublicKey, error) // makes keys; nil: it does not
	asked   func(*station.Line) []witness.State                         // nil: no witness is
}

// Witnesses lets the server tell how the witnesses of a line stand. It is called before
// Serve.
func (v *Server) Witnesses(f func(*station.Line) []witness.State) { v.asked = f }

// MakeKeys lets the server ask for a hop, station or receipt key that a line has never had, for
// which the station has the private half. It is called before Serve.
func (v *Server) MakeKeys(f func(*station.Line, roster.Role) (ed25519.PublicKey, error)) { v.keys = f }

// NewServer returns a server for s, whose Config.Notify must be news.Tell.
func NewServer(s *station.Station, news *News) *Server {
	v := &Server{station: s, news: news, mux: http.NewServeMux()}
	v.handle("GET /v1/lines", v.lines)
	v.onLine("GET /v1/lines/{line}/status", v.status)
	v.onLine("POST /v1/lines/{line}/check", check)
	v.onLine("POST /v1/lines/{line}/channels/{channel}/{verb}", channel)
	v.onLine("GET /v1/lines/{line}/messages", messages)
	v.onLine("GET /v1/lines/{line}/messages/{party}/{number}", message)
	v.onLine("GET /v1/lines/{line}/drafts", drafts)
	v.onLine("POST /v1/lines/{line}/drafts", draft)
	v.onLine("POST /v1/lines/{line}/changes", v.draftChange)
	v.onLine("GET /v1/lines/{line}/roster", rosterNow)
	v.onDraft("GET /v1/lines/{line}/drafts/{draft}", oneDraft)
	v.onDraft("DELETE /v1/lines/{line}/drafts/{draft}", withdraw)
	v.onDraft("POST /v1/lines/{line}/drafts/{draft}/approvals", approve)
	v.onDraft("POST /v1/lines/{line}/drafts/{draft}/consents", consent)
	v.onLine("GET /v1/lines/{line}/forks", forks)
	v.onLine("POST /v1/lines/{line}/forks", decide)
	v.mux.HandleFunc("GET /v1/lines/{line}/transcript", v.transcript)
	v.mux.HandleFunc("GET /v1/lines/{line}/proofs/{party}/{first}/{last}", v.proof)
	v.mux.HandleFunc("GET /v1/events", v.events)
	return v
}

// handle registers a verb that answers with one JSON value or an Error.
func (v *Server) handle(pattern string, f func(w http.ResponseWriter, r *http.Request) (any, error)) {
	v.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		got, err := f(w, r)
		if err != nil {
			refuse(w, err)
			return
		}
		write(w, http.StatusOK, got)
	})
}

// onLine is handle for a verb about the line that a request names.
func (v *Server) onLine(pattern string, f func(l *station.Line, w http.ResponseWriter, r *http.Request) (any, error)) {
	v.handle(pattern, func(w http.ResponseWriter, r *http.Request) (any, error) {
		l, err := v.line(r)
		if err != nil {
			return nil, err
		}
		return f(l, w, r)
	})
}

// onDraft is onLine for a verb about the draft that a request names.
func (v *Server) onDraft(pattern string, f func(l *station.Line, id parley.DraftID, w http.ResponseWriter, r *http.Request) (any, error)) {
	v.onLine(pattern, func(l *station.Line, w http.ResponseWriter, r *http.Request) (any, error) {
		id, err := draftID(r.PathValue("draft"))
		if err != nil {
			return nil, err
		}
		return f(l, id, w, r)
	})
}

func refuse(w http.ResponseWriter, err error) {
	e, status := errorOf(err)
	write(w, status, e)
}

// Listen opens the socket for this user alone. A socket that a station left
// behind is replaced; one that a running station holds is an error.
func Listen(path string) (net.Listener, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// The socket has its mode only after it is made: until then, and for good
	// measure later, the folder keeps others out.
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: mode %04o lets others in: chmod 700 %s", dir, info.Mode().Perm(), dir)
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		return nil, errors.Join(fmt.Errorf("a station is already running there: %s answers", path), c.Close())
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("%w (a socket's path has at most 100 characters: a shorter home folder may help)", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Handler returns what answers the requests, for whoever serves it otherwise.
func (v *Server) Handler() http.Handler { return v.mux }

// Serve answers on l until ctx ends.
func (v *Server) Serve(ctx context.Context, l net.Listener) error {
	s := &http.Server{
		Handler:           v.mux,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		// What is under way has the context, which has ended; an approval has a
		// moment more, so that its officer is told how it ended.
		moment, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if s.Shutdown(moment) != nil {
			_ = s.Close()
		}
	})
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	<-closed
	return nil
}

// line returns the line that a request names by its name or by its id.
func (v *Server) line(r *http.Request) (*station.Line, error) {
	name := r.PathValue("line")
	for _, l := range v.station.Lines() {
		if l.Name() == name || l.ID().String() == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("line %q: %w", name, station.ErrNoLine)
}
