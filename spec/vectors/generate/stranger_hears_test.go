package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

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
		batch, _ := p[3].([]any)
		if p[2] != "north" || len(encode(p[4])) != 3+1216 || len(batch) == 0 {
			return nil, errors.New("prekeys of another party, or none")
		}
		s.fresh, _ = batch[0].([]byte)
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
