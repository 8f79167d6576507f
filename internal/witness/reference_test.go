package witness

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/internal/rostertest"
	"parley/transcript"
)

// party is a witness's name and key, made with tools that are not ours.
type party struct {
	signer note.Signer
	key    transcript.WitnessKey
}

func newParty(t testing.TB, name string) party {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	if public, err = cosignature.VKeyToCosignatureV1(public); err != nil {
		t.Fatal(err)
	}
	s, err := cosignature.NewSignerForCosignatureV1(secret)
	if err != nil {
		t.Fatal(err)
	}
	k, err := transcript.ParseWitnessKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return party{s, k}
}

// line returns a cosignature as a witness answers it.
func (p party) line(t testing.TB, of transcript.Checkpoint) string {
	t.Helper()
	signed, err := note.Sign(&note.Note{Text: of.Text()}, p.signer)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed[len(of.Text())+1:])
}

// reference is a witness by the letter of C2SP tlog-witness: its signatures, proofs and
// forms are those of transparency-dev, and none of it is ours. The real one of another
// hand is in real_test.go.
type reference struct {
	party
	logs note.Verifiers // whom it knows

	mu    sync.Mutex
	asked int
	size  uint64
	root  []byte
}

func (w *reference) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	status, answer := w.add(body(r))
	if status == http.StatusConflict {
		rw.Header().Set("Content-Type", sizeType)
	}
	rw.WriteHeader(status)
	fmt.Fprint(rw, answer)
}

func (w *reference) add(req []byte) (int, string) {
	head, signed, ok := strings.Cut(string(req), "\n\n")
	lines := strings.Split(head, "\n")
	old, err := strconv.ParseUint(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if !ok || err != nil || fmt.Sprintf("old %d", old) != lines[0] || len(lines) > 64 {
		return 400, "no old size"
	}
	var hashes [][]byte
	for _, l := range lines[1:] {
		h, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(h) != 32 {
			return 400, "no hash"
		}
		hashes = append(hashes, h)
	}
	n, err := note.Open([]byte(signed), w.logs)
	if err != nil {
		return 403, err.Error()
	}
	var c log.Checkpoint
	if rest, err := c.Unmarshal([]byte(n.Text)); err != nil || len(rest) > 0 {
		return 400, "no checkpoint"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	switch {
	case old > c.Size:
		return 400, "old is larger"
	case old != w.size:
		return 409, fmt.Sprintf("%d\n", w.size)
	case old == c.Size && string(w.root) != string(c.Hash):
		return 409, fmt.Sprintf("%d\n", w.size)
	case old == 0 && len(hashes) > 0:
		return 422, "a proof from nothing"
	case old > 0 && proof.VerifyConsistency(rfc6962.DefaultHasher, old, c.Size, hashes, w.root, c.Hash) != nil:
		return 422, "not consistent"
	}
	w.size, w.root = c.Size, c.Hash
	cosigned, err := note.Sign(&note.Note{Text: n.Text}, w.signer)
	if err != nil {
		return 500, err.Error()
	}
	return 200, string(cosigned[len(n.Text)+1:])
}

// times returns how often the witness was asked about a log that it knows.
func (w *reference) times() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// newReference serves a witness that knows the log of l.
func newReference(t testing.TB, l *fakeLog) (*reference, string) {
	t.Helper()
	w := &reference{party: newParty(t, "witness.example/w1"), logs: verifiers(t, l)}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return w, server.URL
}

func body(r *http.Request) []byte {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	return b
}

// fakeLog is north's log in memory.
type fakeLog struct {
	line *rostertest.Line
	id   parley.LogID
	vkey string

	mu     sync.Mutex
	leaves leaves
	kept   []transcript.Cosignature
	sizes  []uint64 // of what is kept
	full   error    // what KeepWitnessed returns, where it is set
}

type leaves []parley.Hash

func (l leaves) Leaf(i uint64) (parley.Hash, error) { return l[i], nil }

func newLog(t testing.TB) *fakeLog {
	line := rostertest.New(t)
	return &fakeLog{
		line: line, id: line.North.Log,
		vkey: transcript.LogKey{Line: line.Roster.Line, Log: line.North.Log, Key: line.North.Side.LogKey}.String(),
	}
}

// grow adds n entries.
func (l *fakeLog) grow(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		l.leaves = append(l.leaves, transcript.LeafHash(fmt.Appendf(nil, "entry %d", len(l.leaves)+1)))
	}
}

func (l *fakeLog) newest(t testing.TB) ([]byte, transcript.Checkpoint) {
	t.Helper()
	n, err := l.OwnCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	c, err := transcript.ReadCheckpoint(n)
	if err != nil {
		t.Fatal(err)
	}
	return n, c
}

func (l *fakeLog) OwnCheckpoint() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := uint64(len(l.leaves))
	if size == 0 {
		return nil, nil
	}
	root, err := transcript.Root(size, l.leaves)
	if err != nil {
		return nil, err
	}
	signed, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: l.line.Roster.Line, Log: l.id, Size: size, Root: root}, l.line.North.LogKey)
	return signed.Note(), err
}

func (l *fakeLog) OwnConsistency(from, to uint64) ([]parley.Hash, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return transcript.ProveConsistency(from, to, l.leaves)
}

func (l *fakeLog) KeepWitnessed(_ context.Context, by transcript.WitnessKey, n []byte, c transcript.Cosignature) error {
	of, err := transcript.ReadCheckpoint(n)
	if err != nil {
		return err
	}
	if err := by.Check(of, c); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept, l.sizes = append(l.kept, c), append(l.sizes, of.Size)
	return l.full
}

func verifiers(t testing.TB, l *fakeLog) note.Verifiers {
	t.Helper()
	v, err := note.NewVerifier(l.vkey)
	if err != nil {
		t.Fatal(err)
	}
	return note.VerifierList(v)
}

// logKey is the verifier key of a log under the id that it has now.
func logKey(l *fakeLog) string {
	return transcript.LogKey{Line: l.line.Roster.Line, Log: l.id, Key: l.line.North.Side.LogKey}.String()
}

// direct hands requests to a handler without a network.
type direct struct{ to http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	d.to.ServeHTTP(rec, r)
	return rec.Result(), nil
}
