package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/wire"
)

// limit is how long a test waits for anything at most.
const limit = 2 * time.Minute

// served is north's station of a world, answering on a socket.
type served struct {
	*stationtest.World
	*api.Client
	news   *api.News
	socket string
	ctx    context.Context
	stop   context.CancelFunc
}

func serve(t *testing.T, opts ...rostertest.Option) *served {
	t.Helper()
	w := stationtest.New(t, []string{"one"}, opts...)
	s := &served{World: w, news: api.NewNews(), socket: filepath.Join(t.TempDir(), "run", "parley.sock")}
	s.ctx, s.stop = context.WithTimeout(context.Background(), limit)
	l, err := api.Listen(s.socket)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- api.NewServer(w.North.Station, s.news).Serve(s.ctx, l) }()
	t.Cleanup(func() {
		s.stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	s.Client = api.NewClient(s.socket)
	return s
}

func text(body string) api.DraftRequest {
	return api.DraftRequest{From: "north/duty", To: []string{"south/duty"}, Precedence: "routine", Language: "en", Body: body}
}

func TestMessageThroughTheSocket(t *testing.T) {
	s := serve(t)
	d, err := s.Draft(s.ctx, "south", text("A text."))
	if err != nil {
		t.Fatal(err)
	}
	if d.Text.Body != "A text." || d.Quorum != 1 || len(d.Approved) != 0 {
		t.Fatalf("the draft is %+v", d)
	}
	if all, err := s.Drafts(s.ctx, "south"); err != nil || len(all) != 1 || all[0].ID != d.ID {
		t.Fatalf("the drafts are %+v, %v", all, err)
	}
	if again, err := s.DraftByID(s.ctx, "south", d.ID); err != nil || !bytes.Equal(again.Content, d.Content) {
		t.Fatalf("the draft again is %+v, %v", again, err)
	}
	_, key := s.Line.North.Officer(t, "north a")
	done, err := s.Approve(s.ctx, "south", d, key)
	if err != nil || done.Released != "north/1" {
		t.Fatalf("approved: %+v, %v; want north/1 released", done, err)
	}
	s.North.Proved(1)
	m, err := s.Message(s.ctx, "south", "north/1")
	if err != nil {
		t.Fatal(err)
	}
	if !m.Believed || !m.Mine || !m.Receipted || m.Body != "A text." || m.Officers[0] != "north a" || m.Name != "north/1" {
		t.Errorf("the message is %+v", m)
	}
	list, err := s.Messages(s.ctx, "south", api.List{Mine: true, Newest: true, Limit: 5})
	if err != nil || len(list) != 1 || list[0].Name != "north/1" {
		t.Errorf("the list is %+v, %v", list, err)
	}
	if list, err := s.Messages(s.ctx, "south", api.List{Mine: true, After: m.Seq, Limit: 5}); err != nil || len(list) != 0 {
		t.Errorf("after the last there is %+v, %v", list, err)
	}
	st, err := s.Status(s.ctx, "south")
	if err != nil || st.Ours.Size != 1 || len(st.Channels) != 1 || st.Line.Self != "north" {
		t.Errorf("the status is %+v, %v", st, err)
	}
	var file bytes.Buffer
	if err := s.Transcript(s.ctx, "south", &file); err != nil || !strings.HasPrefix(file.String(), "parley-transcript v1\n") {
		t.Errorf("the transcript is %.60q, %v", file.String(), err)
	}
}

func TestWithdrawnDraftIsGone(t *testing.T) {
	s := serve(t)
	d, err := s.Draft(s.ctx, "south", text("Not sent."))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Withdraw(s.ctx, "south", d.ID); err != nil {
		t.Fatal(err)
	}
	_, key := s.Line.North.Officer(t, "north a")
	_, err = s.Approve(s.ctx, "south", d, key)
	wantCode(t, err, api.CodeMissing)
}

func TestChannelsThroughTheSocket(t *testing.T) {
	s := serve(t)
	if err := s.Check(s.ctx, "south"); err != nil {
		t.Fatal(err)
	}
	if err := s.Disable(s.ctx, "south", "one"); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Status(s.ctx, "south"); err != nil || st.Channels[0].Enabled {
		t.Errorf("after disable: %+v, %v", st.Channels, err)
	}
	if err := s.Enable(s.ctx, "south", "one"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.Disable(s.ctx, "south", "two"), api.CodeMissing)
}

// Every error has its code, and a hint where a person can do something.
func TestErrorsHaveCodes(t *testing.T) {
	s := serve(t, rostertest.Quorum(parley.Flash, 2))
	draft := func(change func(*api.DraftRequest)) error {
		d := text("A text.")
		change(&d)
		_, err := s.Draft(s.ctx, "south", d)
		return err
	}
	for _, c := range []struct {
		name string
		err  error
		want api.Code
	}{
		{"no such line", func() error { _, err := s.Status(s.ctx, "east"); return err }(), api.CodeMissing},
		{"no such message", func() error { _, err := s.Message(s.ctx, "south", "south/9"); return err }(), api.CodeMissing},
		{"no such party", func() error { _, err := s.Message(s.ctx, "south", "east/1"); return err }(), api.CodeRequest},
		{"number zero", func() error { _, err := s.Message(s.ctx, "south", "south/0"); return err }(), api.CodeRequest},
		{"no draft id", s.Withdraw(s.ctx, "south", "zz"), api.CodeRequest},
		{"no such draft", s.Withdraw(s.ctx, "south", strings.Repeat("00", 16)), api.CodeMissing},
		{"precedence", draft(func(d *api.DraftRequest) { d.Precedence = "fast" }), api.CodeRequest},
		{"answer", draft(func(d *api.DraftRequest) { d.Answer = "agreed" }), api.CodeRequest},
		{"desk's name", draft(func(d *api.DraftRequest) { d.To = []string{"south"} }), api.CodeRequest},
		{"no such desk", draft(func(d *api.DraftRequest) { d.To = []string{"south/moon"} }), api.CodeRefused},
		{"own desk", draft(func(d *api.DraftRequest) { d.To = []string{"north/duty"} }), api.CodeRefused},
		{"control character", draft(func(d *api.DraftRequest) { d.Body = "a\x1bb" }), api.CodeRefused},
		{"override", draft(func(d *api.DraftRequest) { d.Body = "a\u202eb" }), api.CodeRefused},
		{"too long", draft(func(d *api.DraftRequest) { d.Body = strings.Repeat("a", 40_000) }), api.CodeRefused},
	} {
		t.Run(c.name, func(t *testing.T) { wantCode(t, c.err, c.want) })
	}
}

func wantCode(t *testing.T, err error, want api.Code) {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("the error is %v (%+v), want the code %q", err, e, want)
	}
	if want != api.CodeRequest && e.Hint == "" {
		t.Errorf("%q has no hint", e.Message)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	w := stationtest.New(t, []string{"one"})
	h := api.NewServer(w.North.Station, api.NewNews()).Handler()
	for _, c := range []struct{ name, method, path, body string }{
		{"no JSON", "POST", "/v1/lines/south/drafts", "x"},
		{"nothing", "POST", "/v1/lines/south/drafts", ""},
		{"unknown field", "POST", "/v1/lines/south/drafts", `{"colour":1}`},
		{"two values", "POST", "/v1/lines/south/drafts", `{} {}`},
		{"too much", "POST", "/v1/lines/south/drafts", `{"body":"` + strings.Repeat("a", 1<<20) + `"}`},
		{"no number", "GET", "/v1/lines/south/messages?after=x", ""},
		{"verb", "POST", "/v1/lines/south/channels/one/paint", ""},
		{"signature", "POST", "/v1/lines/south/drafts/" + strings.Repeat("00", 16) + "/approvals", `{"key":"00","signature":""}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
			if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), `"code":"request"`) {
				t.Errorf("answered %d %s", rec.Code, rec.Body)
			}
		})
	}
}

// Only this user reaches the socket, and two stations never share it.
func TestSocketIsPrivate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run", "parley.sock")
	l, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
	if _, err := api.Listen(path); err == nil || !strings.Contains(err.Error(), "already running") {
		t.Errorf("a second station on the socket: %v", err)
	}
	// A station that was killed leaves its socket behind.
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, err = api.Listen(path)
	if err != nil {
		t.Fatalf("a socket that was left behind: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := api.Listen(path); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("a folder that others can look into: %v", err)
	}
	_, err = api.NewClient(path).Lines(t.Context())
	if !errors.Is(err, api.ErrNotRunning) {
		t.Errorf("without a station: %v, want ErrNotRunning", err)
	}
}

// What an approval sends is a signature: nothing of the officer's private key.
func TestApprovalSendsNoKey(t *testing.T) {
	s := serve(t)
	d, err := s.Draft(s.ctx, "south", text("A text."))
	if err != nil {
		t.Fatal(err)
	}
	// A listener that keeps what the client says.
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.Header.Write(&said)
		_, _ = io.Copy(&said, r.Body)
		_, _ = io.WriteString(w, "{}")
	})}}
	server.Start()
	_, key := s.Line.North.Officer(t, "north a")
	_, err = api.NewClient(path).Approve(s.ctx, "south", d, key)
	server.Close()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), `"signature"`) {
		t.Fatalf("no approval was sent: %q", said.String())
	}
	for _, form := range []string{
		string(key.Seed()), hex.EncodeToString(key.Seed()), base64.StdEncoding.EncodeToString(key.Seed()),
		base64.StdEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key.Seed()),
	} {
		if strings.Contains(said.String(), form) {
			t.Fatal("the request holds the private key")
		}
	}
}

func TestEventsReachWhoListens(t *testing.T) {
	s := serve(t)
	stop := errors.New("enough")
	var got []api.Event
	err := s.Events(s.ctx, func() error {
		s.news.Tell(station.Event{Kind: station.EventArrived, Line: s.Line.Roster.Line, Ref: parley.Ref{Log: s.Line.South.Log, Number: 3}, At: 1000})
		s.news.Tell(station.Event{Kind: station.EventAlarm, Line: s.Line.Roster.Line, Text: "look"})
		return nil
	}, func(e api.Event) error {
		if got = append(got, e); len(got) == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if got[0].Kind != "arrived" || got[0].Message != "south/3" || got[0].Line != "south" || got[1].Text != "look" {
		t.Errorf("the events are %+v", got)
	}
}

// A listener that does not read holds up nothing, and is told what it missed.
func TestSlowListenerMissesNews(t *testing.T) {
	news := api.NewNews()
	events, missed, stop := news.Listen()
	for range 5000 {
		news.Tell(station.Event{Kind: station.EventArrived})
	}
	kept := uint64(len(events))
	if m := missed(); m == 0 || m+kept != 5000 {
		t.Errorf("%d kept and %d missed of 5000", kept, m)
	}
	if m := missed(); m != 0 {
		t.Errorf("%d missed are told twice", m)
	}
	stop()
	news.Tell(station.Event{Kind: station.EventArrived})
	if uint64(len(events)) != kept || missed() != 0 {
		t.Error("one who stopped listening is still told")
	}
}

// FuzzDraftRequest: whatever is asked for is drafted or refused with a code;
// what is drafted is what was asked for.
func FuzzDraftRequest(f *testing.F) {
	for _, s := range []string{
		`{"from":"north/duty","to":["south/duty"],"precedence":"routine","language":"en","body":"A text."}`,
		`{"from":"north/duty","to":["south/duty"],"precedence":"flash","language":"en","answer":"read","references":["south/1"]}`,
		`{"from":"north/duty","to":["south/duty"],"precedence":"flash","language":"en","answer":"reply-by","by":18446744073709551615}`,
		`{"expires":-1}`, `[]`, `null`, `{"body":"\ud800"}`,
	} {
		f.Add([]byte(s))
	}
	w := stationtest.New(f, []string{"one"})
	h := api.NewServer(w.North.Station, api.NewNews()).Handler()
	f.Fuzz(func(t *testing.T, b []byte) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("POST", "/v1/lines/south/drafts", bytes.NewReader(b)))
		switch rec.Code {
		case http.StatusOK:
			var d api.Draft
			decode(t, rec.Body.Bytes(), &d)
			c, err := wire.ParseContent(d.Content)
			if err != nil || c.Body != d.Text.Body || string(c.From) != d.Text.From {
				t.Fatalf("%q became %+v, %v", b, d, err)
			}
			rec = httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest("DELETE", "/v1/lines/south/drafts/"+d.ID, nil))
			if rec.Code != http.StatusOK {
				t.Fatalf("the draft cannot be withdrawn: %s", rec.Body)
			}
		case http.StatusBadRequest, http.StatusConflict, http.StatusNotFound:
			var e api.Error
			decode(t, rec.Body.Bytes(), &e)
			if e.Code == "" || e.Message == "" {
				t.Fatalf("%q is refused with %+v", b, e)
			}
		default:
			t.Fatalf("%q is answered with %d: %s", b, rec.Code, rec.Body)
		}
	})
}

func decode(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%q: %v", b, err)
	}
}
