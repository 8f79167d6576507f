package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestStrangerTalksToAStation is DESIGN.md §5, as a test: south is this
// implementation, which knows spec/ and the standard library only, and north is
// a station of this repository, run as its own program. They agree on a line,
// prove the channel, and say something to each other that both receipt; what is
// not released is refused (R27). It follows spec/FLOW.md §4.
func TestStrangerTalksToAStation(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the whole program")
	}
	n := found(t)
	s := n.invite()
	n.serve()
	s.connect(n.ended)

	s.send(s.check(nil), s.report())
	s.await("proven")

	// North speaks: its program returns once our cosignature is verified there.
	said := "Patrol boat P-21 leaves harbour at 0600Z for a survey."
	n.run(said, "send", "--to", "south/duty", "--precedence", "immediate", "--officer", "alice", "--passphrase-file", "alice.pass", "--wait", "120s")
	s.await("entry 1")
	content := s.believed(s.entry(1))
	if content[11] != said {
		t.Errorf("north said %q", content[11])
	}

	// South speaks.
	answer := "Understood. P-30 keeps clear until 0900Z."
	s.say(s.content("one", 2, answer), "a")
	s.await("cosigned 1")
	if shown := n.run("", "show", "south/1", "--wait", "120s"); !strings.Contains(shown, answer) || !strings.Contains(shown, "south a") {
		t.Errorf("north shows\n%s", shown)
	}

	// A Flash takes two officers. This one has one: it is held, receipted and refused.
	s.say(s.content("two", 1, "All clear."), "b")
	s.await("refused 2 for 4")
	s.await("cosigned 2")
}

// limit ends every wait: far more than any takes.
const limit = 3 * time.Minute

// station is north, run as a program.
type station struct {
	t       *testing.T
	dir     string
	program string
	address string
	ended   chan struct{} // closed when serve has ended
}

// found builds the program and founds north, with two officers.
func found(t *testing.T) *station {
	t.Helper()
	n := &station{t: t, dir: t.TempDir()}
	n.program = filepath.Join(n.dir, "parley")
	build := exec.Command("go", "build", "-o", n.program, "../../../cmd/parley")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	for _, who := range []string{"root", "alice", "bob"} {
		if err := os.WriteFile(filepath.Join(n.dir, who+".pass"), []byte("five quiet words of "+who+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n.run("", "init", "--party", "north", "--root-passphrase-file", "root.pass")
	for _, who := range []string{"alice", "bob"} {
		n.run("", "officer", "add", who, "--desk", "duty", "--passphrase-file", who+".pass")
	}
	return n
}

// run runs one command of north's and returns what it printed.
func (n *station) run(stdin string, args ...string) string {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := n.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.t.Fatalf("parley %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (n *station) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, n.program, append(args, "--home", filepath.Join(n.dir, "n"))...)
	cmd.Dir = n.dir
	return cmd
}

// invite holds the ceremony: north invites, the stranger accepts, and the words
// that it reads out are typed at north (ROSTER §5, §8).
func (n *station) invite() *stranger {
	n.t.Helper()
	n.address = freeAddress(n.t)
	n.run("", "line", "invite", "south", "--channel", "cable=tcp,north,"+n.address, "--out", "for-south.txt", "--root-passphrase-file", "root.pass")
	invited, err := os.ReadFile(filepath.Join(n.dir, "for-south.txt"))
	if err != nil {
		n.t.Fatal(err)
	}
	s := &stranger{t: n.t, in: make(map[string]epoch), events: make(chan string, 1024)}
	if err := s.read(string(invited)); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "for-north.txt"), accept(south.card(), invited), 0o600); err != nil {
		n.t.Fatal(err)
	}
	list, err := os.ReadFile("../../../roster/english.txt")
	if err != nil {
		n.t.Fatal(err)
	}
	read := strings.Join(words(s.line, strings.Fields(string(list))), " ")
	n.run("", "line", "confirm", "south", "--file", "for-north.txt", "--words", read)
	return s
}

// freeAddress is an address of this machine that nobody listens on. Where all
// of 127.0.0.0/8 is the machine's own, it is one that nobody else will take
// before north does.
func freeAddress(t *testing.T) string {
	t.Helper()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		r := random(3)
		host = fmt.Sprintf("127.%d.%d.%d", 1+r[0]%250, r[1], 1+r[2]%250)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// serve runs the station until the test ends.
func (n *station) serve() {
	n.t.Helper()
	cmd := n.command(context.Background(), "serve")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	var ended error
	n.ended = make(chan struct{})
	go func() {
		ended = cmd.Wait()
		close(n.ended)
	}()
	n.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended, which Wait tells
		select {
		case <-n.ended:
		case <-time.After(limit):
			_ = cmd.Process.Kill()
			<-n.ended
			n.t.Errorf("north did not stop within %v of being asked", limit)
		}
		if ended != nil || n.t.Failed() {
			n.t.Logf("north ended: %v\n%s", ended, out.String())
		}
	})
}

// stranger is south: what it knows of north from the card, and the exchange.
type stranger struct {
	t *testing.T

	address                             string // of north
	line, log                           []byte // log is north's
	logKey, stationKey, receiptKey, hop ed25519.PublicKey
	officers                            map[string]ed25519.PublicKey // north's, by key id
	prekey                              []byte

	conn    *tls.Conn
	writing sync.Mutex
	out     epoch // ours
	opening []byte
	nonce   []byte
	events  chan string

	mu       sync.Mutex
	in       map[string]epoch // north's, by id
	entries  [][]byte         // north's
	leaves   [][]byte
	cosigned int      // the size of north's log that we cosigned
	refused  uint64   // how many refusals of our entries we hold
	own      [][]byte // leaves of our own log
}

// read takes an invite and makes the roster (ROSTER §3, §5).
func (s *stranger) read(invite string) error {
	_, rest, _ := strings.Cut(invite, "to south\n")
	terms, card, ok := strings.Cut(rest, "parley-card v1\n")
	if !ok {
		return errors.New("not an invite")
	}
	identity := card
	for _, k := range []string{"prekey ", "last-resort "} {
		if at := strings.Index(identity, "\n"+k); at >= 0 {
			identity = identity[:at+1]
		}
	}
	s.line = lineOf(end("parley-roster v1\n" + identity + south.identity() + terms))
	s.officers = make(map[string]ed25519.PublicKey)
	for l := range strings.Lines(card) {
		keyword, value, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		first, _, _ := strings.Cut(value, " ")
		decoded, err := base64.StdEncoding.DecodeString(first)
		switch keyword {
		case "log":
			s.log, err = hex.DecodeString(value)
		case "log-key":
			s.logKey = decoded
		case "station":
			s.stationKey = decoded
		case "receipt":
			s.receiptKey = decoded
		case "hop":
			s.hop = decoded
		case "officer":
			s.officers[string(keyID("officer", decoded))] = decoded
		case "last-resort":
			s.prekey = decoded
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", keyword, err)
		}
	}
	for l := range strings.Lines(terms) {
		if address, ok := strings.CutPrefix(l, "channel cable tcp north "); ok {
			s.address = strings.TrimSpace(address)
		}
	}
	return nil
}

// connect dials north (FRAME §3), opens an epoch (ENVELOPE §2), and begins to read.
func (s *stranger) connect(ended <-chan struct{}) {
	s.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, south.hop.public, south.hop.private)
	if err != nil {
		s.t.Fatal(err)
	}
	config := &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         []string{"parley-tcp/1"},
		Certificates:       []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: south.hop.private}},
		InsecureSkipVerify: true, // there is no chain; the key itself is compared
		VerifyConnection: func(c tls.ConnectionState) error {
			if key, ok := c.PeerCertificates[0].PublicKey.(ed25519.PublicKey); !ok || !key.Equal(s.hop) {
				return errors.New("not north's hop key")
			}
			return nil
		},
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for s.conn == nil {
		conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", s.address)
		if err == nil {
			s.conn = conn.(*tls.Conn)
			break
		}
		select {
		case <-again.C: // north may still be starting
		case <-ended:
			s.t.Fatalf("north has ended; dialling it: %v", err)
		case <-ctx.Done():
			s.t.Fatalf("dialled north for %v: %v", limit, err)
		}
	}
	s.t.Cleanup(func() { _ = s.conn.Close() })
	greeting := make([]byte, 4)
	if _, err := io.ReadFull(s.conn, greeting); err != nil || !bytes.Equal(greeting, make([]byte, 4)) {
		s.t.Fatalf("north's greeting: %x, %v", greeting, err)
	}

	s.out = epoch{id: random(8), tag: tagOf(s.line, "south")}
	enc, shared := encapsulateTo(s.prekey)
	f := fields{
		{1, bstr(s.line)}, {2, bstr(s.line)}, {3, tstr("south")}, {4, tstr("north")},
		{5, bstr(hash(s.prekey))}, {6, bstr(enc)}, {7, bstr(s.out.id)},
	}
	s.out.direction = export(shared, join([]byte("parley/v1/epoch\x00"), f.without(6).encode()), "parley/v1/direction")
	s.opening = sign1(south.station, openingDomain, f.encode())
	s.nonce = random(8)
	go s.listen()
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// listen reads until the connection ends. What is wrong becomes an event.
func (s *stranger) listen() {
	r := bufio.NewReader(s.conn)
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			s.events <- "lost: " + err.Error()
			return
		}
		b := make([]byte, new8(head[:]))
		if _, err := io.ReadFull(r, b); err != nil {
			s.events <- "lost: " + err.Error()
			return
		}
		if err := s.frame(b); err != nil {
			s.events <- "wrong: " + err.Error()
		}
	}
}

// await waits for an event, and passes over those before it.
func (s *stranger) await(want string) {
	s.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var passed []string
	for {
		select {
		case got := <-s.events:
			passed = append(passed, got)
			if strings.HasPrefix(got, "wrong: ") || strings.HasPrefix(got, "lost: ") {
				s.t.Fatalf("waiting for %q: %s, after %q", want, got, passed)
			}
			if got == want {
				return
			}
		case <-timer.C:
			s.t.Fatalf("waited %v for %q, and saw %q", limit, want, passed)
		}
	}
}

// frame judges one frame of north's.
func (s *stranger) frame(b []byte) error {
	f, err := readFrame(b)
	if err != nil {
		return err
	}
	tag, _ := f[1].([]byte)
	opening, _ := f[2].([]byte)
	id, _ := f[4].([]byte)
	if !bytes.Equal(tag, tagOf(s.line, "north")) {
		return errors.New("a frame with another tag")
	}
	e, known := s.in[string(id)]
	if !known {
		if e, err = s.accept(opening); err != nil {
			return err
		}
		s.in[string(e.id)] = e
	}
	parts, err := e.open(f)
	if err != nil {
		return err
	}
	var reply [][]byte
	for _, p := range parts {
		part, _ := p.([]any)
		if len(part) != 2 {
			return errors.New("a part that is none")
		}
		value, _ := part[1].([]byte)
		answer, err := s.part(part[0], value)
		if err != nil {
			return fmt.Errorf("part of type %v: %w", part[0], err)
		}
		reply = append(reply, answer...)
	}
	if len(reply) > 0 {
		s.send(append(reply, s.report())...)
	}
	return nil
}

// accept accepts an opening of north's (ENVELOPE §2).
func (s *stranger) accept(opening []byte) (epoch, error) {
	o, err := openSign1(opening, "station", s.stationKey, openingDomain)
	if err != nil {
		return epoch{}, fmt.Errorf("opening: %w", err)
	}
	enc, _ := o[6].([]byte)
	id, _ := o[7].([]byte)
	prekeyHash, _ := o[5].([]byte)
	want := map[uint64]any{1: s.line, 2: s.line, 3: "north", 4: "south", 5: prekeyHash, 6: enc, 7: id}
	if !bytes.Equal(encode(o), encode(want)) {
		return epoch{}, errors.New("an opening of other terms")
	}
	for _, p := range append(south.prekeys, south.lastResort) {
		if !bytes.Equal(p.hash(), prekeyHash) {
			continue
		}
		shared, err := p.decapsulate(enc)
		if err != nil {
			return epoch{}, err
		}
		delete(o, 6)
		info := join([]byte("parley/v1/epoch\x00"), encode(o))
		return epoch{id, export(shared, info, "parley/v1/direction"), tagOf(s.line, "north")}, nil
	}
	return epoch{}, errors.New("an opening to a prekey that is not ours")
}

// part judges one part and returns what answers it (RECEIPT §7).
func (s *stranger) part(kind any, b []byte) (answer [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case uint64(1):
		return nil, s.store(b)
	case uint64(3):
		return s.cosign(b)
	case uint64(4):
		return nil, s.receipted(b)
	case uint64(6):
		r, err := openSign1(b, "station", s.stationKey, refusalDomain)
		if err != nil {
			return nil, err
		}
		s.refused = max(s.refused, 1) // north refuses one thing in this test
		s.events <- fmt.Sprintf("refused %v for %v", r[2], r[4])
	case uint64(8):
		p, err := openSign1(b, "station", s.stationKey, prekeysDomain)
		if err != nil {
			return nil, err
		}
		if p[2] != "north" || len(encode(p[4])) != 3+1216 {
			return nil, errors.New("prekeys of another party, or without a last resort")
		}
	case uint64(10):
		c, err := openSign1(b, "station", s.stationKey, checkDomain)
		if err != nil {
			return nil, err
		}
		nonce, _ := c[3].([]byte)
		answers, isAnswer := c[4].([]byte)
		switch {
		case c[6] != "cable" || !bytes.Equal(encode(c[7]), bstr(s.line)):
			return nil, errors.New("a check of another channel or roster")
		case !isAnswer:
			return [][]byte{s.check(nonce)}, nil
		case bytes.Equal(answers, s.nonce):
			s.events <- "proven"
		}
	}
	return nil, nil
}

// store takes an entry of north's, in its place (MESSAGE §5).
func (s *stranger) store(b []byte) error {
	v, err := decode(b)
	e, ok := v.(map[uint64]any)
	if err != nil || !ok {
		return errors.New("not an entry")
	}
	n, _ := e[3].(uint64)
	if n <= uint64(len(s.entries)) {
		return nil // a copy
	}
	previous := zeros
	if n > 1 {
		previous = s.leaves[n-2]
	}
	if n != uint64(len(s.entries)+1) || !bytes.Equal(encode(e[2]), bstr(s.log)) || !bytes.Equal(encode(e[4]), bstr(previous)) {
		return fmt.Errorf("entry %d is not in its place", n)
	}
	s.entries, s.leaves = append(s.entries, b), append(s.leaves, leafHash(b))
	s.events <- fmt.Sprintf("entry %d", n)
	return nil
}

// cosign receipts a checkpoint of north's whose entries are all held (RECEIPT §2).
func (s *stranger) cosign(note []byte) ([][]byte, error) {
	name := originOf(s.line, s.log)
	text, size, err := s.checkpoint(note, name, s.log)
	if err != nil {
		return nil, err
	}
	if size > len(s.leaves) || size <= s.cosigned {
		return nil, nil
	}
	if text != checkpointTextOf(name, uint64(size), treeRoot(s.leaves[:size])) {
		return nil, errors.New("the checkpoint has another root than the entries")
	}
	s.cosigned = size
	line := cosignature(south.receipt, receiptNameOf(s.line, "south"), text, uint64(time.Now().Unix()))
	return [][]byte{array(u(4), bstr(append(bytes.Clone(note), line...)))}, nil
}

// checkpoint reads a note that one log key signed (TRANSCRIPT §3).
func (s *stranger) checkpoint(note []byte, name string, log []byte) (text string, size int, err error) {
	text, _, ok := strings.Cut(string(note), "\n\n")
	lines := strings.Split(text, "\n")
	text += "\n"
	if !ok || len(lines) != 3 || lines[0] != name {
		return "", 0, errors.New("not a checkpoint of this log")
	}
	if size, err = strconv.Atoi(lines[1]); err != nil {
		return "", 0, err
	}
	public := s.logKey
	if bytes.Equal(log, south.log) {
		public = south.logKey.public
	}
	first, _, _ := strings.Cut(string(note)[len(text)+1:], "\n")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(first, "\u2014 "+name+" "))
	if err != nil || len(raw) != 68 || !bytes.Equal(raw[:4], noteKeyHash(name, 1, public)) || !ed25519.Verify(public, []byte(text), raw[4:]) {
		return "", 0, errors.New("not signed by the log key")
	}
	return text, size, nil
}

// receipted takes north's cosignature of our log.
func (s *stranger) receipted(note []byte) error {
	name := originOf(s.line, south.log)
	text, size, err := s.checkpoint(note, name, south.log)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(note)[len(text)+1:], "\n"), "\n")
	cosigner := receiptNameOf(s.line, "north")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[len(lines)-1], "\u2014 "+cosigner+" "))
	if err != nil || len(lines) != 2 || len(raw) != 76 || !bytes.Equal(raw[:4], noteKeyHash(cosigner, 4, s.receiptKey)) {
		return errors.New("not cosigned by north")
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", new8(raw[4:12]), text)
	if !ed25519.Verify(s.receiptKey, []byte(message), raw[12:]) {
		return errors.New("the cosignature does not verify")
	}
	if text != checkpointTextOf(name, uint64(size), treeRoot(s.own[:size])) {
		return errors.New("north receipted other entries")
	}
	s.events <- fmt.Sprintf("cosigned %d", size)
	return nil
}

// entry returns what is inside entry n of north's.
func (s *stranger) entry(n int) []byte {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := decode(s.entries[n-1])
	e, _ := v.(map[uint64]any)
	signed, ok := e[7].([]byte)
	if err != nil || !ok {
		s.t.Fatalf("entry %d: %v", n, err)
	}
	return signed
}

// believed returns content that one officer of north released (MESSAGE §4, §6).
func (s *stranger) believed(signed []byte) map[uint64]any {
	s.t.Helper()
	v, err := decode(signed)
	list, ok := v.([]any)
	if err != nil || !ok || len(list) != 4 {
		s.t.Fatalf("not a COSE_Sign: %x", signed)
	}
	content, _ := list[2].([]byte)
	for id, public := range s.officers {
		if !ed25519.Verify(public, toBeSigned("parley/v1/content", []byte(id), content), signatureOf(list[3])) {
			continue
		}
		v, err := decode(content)
		c, ok := v.(map[uint64]any)
		if err != nil || !ok || !bytes.Equal(encode(c[1]), bstr(s.line)) {
			s.t.Fatalf("not content of this line: %x", content)
		}
		return c
	}
	s.t.Fatal("no officer of north signed it")
	return nil
}

// signatureOf is the signature of the only signer.
func signatureOf(signers any) []byte {
	list, _ := signers.([]any)
	if len(list) != 1 {
		return nil
	}
	signer, _ := list[0].([]any)
	if len(signer) != 3 {
		return nil
	}
	sig, _ := signer[2].([]byte)
	return sig
}

// content is a text of south to north/duty.
func (s *stranger) content(draft string, precedence uint64, body string) []byte {
	return fields{
		{1, bstr(s.line)}, {2, bstr(seed("stranger " + draft)[:16])}, {3, tstr("south/duty")}, {4, array(tstr("north/duty"))},
		{5, u(precedence)}, {6, u(1)}, {7, u(1)}, {10, tstr("en")}, {11, tstr(body)},
	}.encode()
}

// say numbers content that one officer signed, and sends it with a checkpoint.
func (s *stranger) say(content []byte, by string) {
	s.t.Helper()
	s.mu.Lock()
	n, previous := len(s.own)+1, zeros
	if n > 1 {
		previous = s.own[n-2]
	}
	e := fields{
		{1, u(1)}, {2, bstr(south.log)}, {3, u(uint64(n))}, {4, bstr(previous)},
		{6, u(uint64(time.Now().UnixMilli()))}, {7, bstr(sign(content, south.officer(by[0])))},
	}.encode()
	s.own = append(s.own, leafHash(e))
	name := originOf(s.line, south.log)
	note := signNote(name, south.logKey, checkpointTextOf(name, uint64(n), treeRoot(s.own)))
	s.mu.Unlock()
	s.send(array(u(1), bstr(e)), array(u(3), bstr(note)))
}

// check is a line check: a question, or the answer to one (RECEIPT §5).
func (s *stranger) check(answers []byte) []byte {
	f := fields{
		{1, bstr(s.line)}, {2, tstr("south")}, {3, bstr(s.nonce)},
		{5, u(uint64(time.Now().UnixMilli()))}, {6, tstr("cable")}, {7, bstr(s.line)},
	}
	if answers != nil {
		f = f.with(3, bstr(random(8))).with(4, bstr(answers))
	}
	return array(u(10), bstr(sign1(south.station, checkDomain, f.encode())))
}

// report says what we hold of north's log (RECEIPT §6).
func (s *stranger) report() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := fields{{1, bstr(s.log)}, {2, u(uint64(len(s.entries)))}}
	if s.refused > 0 {
		f = f.with(4, u(s.refused))
	}
	return array(u(7), bstr(f.encode()))
}

// send sends one frame. It carries the opening every time, which is always right.
func (s *stranger) send(parts ...[]byte) {
	frame := s.out.seal(s.opening, random(16), array(parts...))
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, err := s.conn.Write(stream(frame)[4:]); err != nil {
		s.events <- "lost: " + err.Error()
	}
}
