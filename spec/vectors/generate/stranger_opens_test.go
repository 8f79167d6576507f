package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"
)

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

	s.open(s.prekey)
	s.nonce = random(8)
	go s.listen()
}

// reopen closes the epoch and opens another to a prekey of north's batch
// (ENVELOPE §1, §4).
func (s *stranger) reopen() {
	s.t.Helper()
	old := s.out.id
	s.mu.Lock()
	fresh := s.fresh
	s.mu.Unlock()
	if len(fresh) != 1216 {
		s.t.Fatal("north has sent no prekeys")
	}
	s.open(fresh)
	closed := fields{{1, bstr(s.line)}, {2, tstr("south")}, {3, bstr(old)}, {4, u(uint64(time.Now().UnixMilli()))}}
	s.send(array(u(9), bstr(sign1(south.station, closedDomain, closed.encode()))), s.report())
}

// open opens an epoch to a prekey of north's.
func (s *stranger) open(prekey []byte) {
	out := epoch{id: random(8), tag: tagOf(s.line, "south")}
	enc, shared := encapsulateTo(prekey)
	f := fields{
		{1, bstr(s.line)}, {2, bstr(s.line)}, {3, tstr("south")}, {4, tstr("north")},
		{5, bstr(hash(prekey))}, {6, bstr(enc)}, {7, bstr(out.id)},
	}
	out.direction = export(shared, join([]byte("parley/v1/epoch\x00"), f.without(6).encode()), "parley/v1/direction")
	s.writing.Lock()
	defer s.writing.Unlock()
	s.out, s.opening = out, sign1(south.station, openingDomain, f.encode())
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
