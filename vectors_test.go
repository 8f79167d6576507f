package parley_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley"
	"parley/audit"
	"parley/deniable"
	"parley/proof"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// outcomes are the words of "expect:" and what they are in Go.
var outcomes = map[string][]error{
	"accept":         {nil},
	"malformed":      {wire.ErrMalformed, roster.ErrMalformed},
	"version":        {wire.ErrVersion},
	"limit":          {wire.ErrLimit},
	"text":           {wire.ErrText},
	"form":           {wire.ErrForm},
	"bad signature":  {wire.ErrSignature},
	"ended key":      {receipt.ErrEnded},
	"quorum":         {release.ErrQuorum, roster.ErrQuorum},
	"officer":        {release.ErrOfficer},
	"desk":           {release.ErrDesk},
	"addressee":      {release.ErrAddressee},
	"line":           {release.ErrLine},
	"opening":        {seal.ErrOpening},
	"prekey":         {seal.ErrPrekey},
	"cannot open":    {seal.ErrOpen},
	"log":            {transcript.ErrLog},
	"size":           {transcript.ErrSize},
	"bad proof":      {transcript.ErrProof},
	"root signature": {roster.ErrSignature},
	"key":            {roster.ErrKey},
	"party":          {roster.ErrParty},
	"invite":         {roster.ErrInvite},
	"deniable":       {roster.ErrDeniable},
	"change":         {roster.ErrChange},
	"generation":     {roster.ErrGeneration},
	"replay":         {release.ErrReplay},
	"roster":         {audit.ErrRoster},
	"missing":        {audit.ErrMissing},
	"altered":        {audit.ErrAltered},
	"statement":      {audit.ErrStatement},
	"seen":           {audit.ErrSeen},
	"closing":        {audit.ErrClosing},
}

// readers say what we make of the inputs of a vector, by its format.
var readers = map[string]func(v vector) error{
	"content": func(v vector) error {
		c, err := wire.ParseContent(v.in["input"])
		return v.again(err, func() ([]byte, error) { return wire.AppendContent(nil, c) })
	},
	"entry": func(v vector) error {
		e, err := wire.ParseEntry(v.in["input"])
		return v.again(err, func() ([]byte, error) { return wire.AppendEntry(nil, e) })
	},
	"change": func(v vector) error {
		c, err := roster.ParseChange(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return c.Text(), nil }); err != nil {
			return err
		}
		_, err = roster.NewHistory(v.roster).Apply("north", roster.Place{Number: 2}, c)
		return err
	},
	"changed": func(v vector) error {
		_, err := release.Verify(v.in["input"], roster.NewHistory(v.roster), "north", "south", roster.Place{Number: 2})
		return err
	},
	"place": func(v vector) error {
		c, err := roster.ParseChange(v.in["change"])
		if err != nil {
			return err
		}
		h, err := roster.NewHistory(v.roster).Apply("south", roster.Place{Number: v.number("number"), Seen: v.number("seen")}, c)
		if err != nil {
			return err
		}
		seen := v.number("entry seen")
		switch string(v.in["what"]) {
		case "cosigned":
			_, _, err = receipt.OpenCosigned(v.in["input"], h, "north", "south")
			return err
		case "receipt":
			r, term, err := receipt.VerifyBy(v.in["input"], h, "south")
			if err != nil {
				return err
			}
			return receipt.CheckReceipt(r, term, roster.Place{Number: r.Number, Seen: seen})
		default:
			r, term, err := receipt.RefusalBy(v.in["input"], h, "south")
			if err != nil {
				return err
			}
			return receipt.CheckRefusal(term, roster.Place{Number: r.Number, Seen: seen})
		}
	},
	"receipt": signed1(roster.RoleReceipt, wire.DomainReceipt, wire.ParseReceipt, wire.AppendReceipt),
	"refusal": signed1(roster.RoleStation, wire.DomainRefusal, wire.ParseRefusal, wire.AppendRefusal),
	"closed":  signed1(roster.RoleStation, wire.DomainClosed, wire.ParseClosed, wire.AppendClosed),
	"check":   signed1(roster.RoleStation, wire.DomainCheck, wire.ParseCheck, wire.AppendCheck),
	"prekeys": signed1(roster.RoleStation, wire.DomainPrekeys, wire.ParsePrekeys, wire.AppendPrekeys),
	"renewal": signed1(roster.RoleLog, wire.DomainRenewal, wire.ParseRenewal, wire.AppendRenewal),
	"closing": signed1(roster.RoleReceipt, wire.DomainClosing, wire.ParseClosing, wire.AppendClosing),
	"generation": func(v vector) error {
		g, err := wire.ParseGeneration(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return wire.AppendGeneration(nil, g) }); err != nil {
			return err
		}
		h := roster.NewHistory(v.roster)
		if b := v.in["before"]; b != nil {
			if _, h, err = receipt.OpenGeneration(b, h, "north"); err != nil {
				return fmt.Errorf("before: %v", err)
			}
		}
		_, _, err = receipt.OpenGeneration(v.in["input"], h, "north")
		return err
	},
	"recall": func(v vector) error {
		r, err := wire.ParseRecall(v.in["input"])
		return v.again(err, func() ([]byte, error) { return wire.AppendRecall(nil, r) })
	},
	"report": func(v vector) error {
		r, err := wire.ParseReport(v.in["input"])
		return v.again(err, func() ([]byte, error) { return wire.AppendReport(nil, r) })
	},
	"unknown": func(v vector) error {
		u, err := wire.ParseUnknown(v.in["input"])
		return v.again(err, func() ([]byte, error) { return wire.AppendUnknown(nil, u) })
	},
	"padding": func(v vector) error {
		plain, err := wire.Unpad(v.in["input"])
		if err == nil && !bytes.Equal(plain, v.in["plain"]) {
			return fmt.Errorf("holds %x", plain)
		}
		return v.again(err, func() ([]byte, error) { return wire.Pad(plain), nil })
	},
	"bundle": func(v vector) error {
		parts, err := wire.ParseBundle(v.in["input"])
		return v.again(err, func() ([]byte, error) { return wire.AppendBundle(nil, parts) })
	},
	"header": func(v vector) error {
		_, err := wire.ParseEntryHeader(v.in["input"])
		return err
	},
	"card": func(v vector) error {
		_, err := roster.ParseCard(v.in["input"])
		return err
	},
	"invite": func(v vector) error {
		_, err := roster.ParseInvite(v.in["input"])
		return err
	},
	"accept": func(v vector) error {
		invite, err := os.ReadFile("spec/vectors/line/invite.txt")
		if err != nil {
			return err
		}
		r, err := roster.Confirm(invite, v.in["input"])
		if err == nil && r.Line != v.roster.Line {
			return fmt.Errorf("makes line %s", r.Line)
		}
		return err
	},
	"roster": func(v vector) error {
		r, err := roster.ParseRoster(v.in["input"])
		return v.again(err, func() ([]byte, error) { return r.Text(), nil })
	},
	"deniable": func(v vector) error {
		r, err := roster.ParseRoster(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return r.Text(), nil }); err != nil {
			return err
		}
		private, err := ecdh.X25519().NewPrivateKey(v.in["private"])
		if err != nil {
			return err
		}
		l, err := deniable.New(r, "north", private)
		if err == nil && !bytes.Equal(l.Roster().Text(), v.in["derived"]) {
			return fmt.Errorf("derives\n%s", l.Roster().Text())
		}
		return err
	},
	"transcript": transcriptVector,
	"renewed":    transcriptVector,
	"rekeyed":    transcriptVector,
	"proof":      proofVector,
	"proof-cbor": proofVector,
	"tlog-proof": proofVector,
	"codes":      proofVector,
	"set": func(v vector) error {
		var places []transcript.Place
		for b := range slices.Chunk(v.in["places"], 40) {
			places = append(places, transcript.Place{Index: binary.BigEndian.Uint64(b), Leaf: parley.Hash(b[8:])})
		}
		return transcript.CheckSet(v.hashes(), v.number("size"), parley.Hash(v.in["root"]), places)
	},
	"released": func(v vector) error {
		_, err := release.Verify(v.in["input"], roster.NewHistory(v.roster), "north", "south", roster.Place{Number: 1})
		return err
	},
	"narrow": func(v vector) error {
		e, err := wire.RestoreEntry(v.in["input"], parley.LineID(v.in["line"]), parley.LogID(v.in["log"]), parley.Hash(v.in["previous"]), parley.LogID(v.in["peer log"]))
		if err == nil && !bytes.Equal(e, v.in["entry"]) {
			return fmt.Errorf("is restored as %x", e)
		}
		return v.again(err, func() ([]byte, error) { return wire.NarrowEntry(e) })
	},
	"checkpoint": func(v vector) error {
		north, _ := v.roster.Side("north")
		_, err := transcript.OpenCheckpoint(v.in["input"], v.roster.Line, north.Log, north.LogKey)
		return err
	},
	"cosigned": func(v vector) error {
		_, _, err := receipt.OpenCosigned(v.in["input"], roster.NewHistory(v.roster), "north", "south")
		return err
	},
	"witnessed": func(v vector) error {
		w, err := transcript.ParseWitnessed(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return transcript.AppendWitnessed(nil, w) }); err != nil {
			return err
		}
		c, err := transcript.OpenCheckpointBy(w.Checkpoint, roster.NewHistory(v.roster), "north")
		if err != nil {
			return err
		}
		k, err := transcript.ParseWitnessKey(string(v.in["key"]))
		if err != nil {
			return fmt.Errorf("key: %v", err)
		}
		for _, s := range w.Cosignatures {
			if k.Made(s) {
				return k.Check(c.Checkpoint, s)
			}
		}
		return transcript.ErrSignature
	},
	"cosigned-pq": func(v vector) error {
		r, err := roster.ParseRoster(v.in["roster"])
		if err != nil {
			return err
		}
		_, err = receipt.OpenCosignedPQ(v.in["input"], roster.NewHistory(r), "north", "south")
		return err
	},
	"inclusion": func(v vector) error {
		return transcript.CheckInclusion(v.hashes(), v.number("size"), parley.Hash(v.in["root"]), v.number("index"), parley.Hash(v.in["leaf"]))
	},
	"consistency": func(v vector) error {
		return transcript.CheckConsistency(v.hashes(), v.number("from"), parley.Hash(v.in["from root"]), v.number("to"), parley.Hash(v.in["to root"]))
	},
	"fork": func(v vector) error {
		f, err := transcript.ParseFork(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return transcript.AppendFork(nil, f) }); err != nil {
			return err
		}
		_, err = f.Check(v.roster)
		return err
	},
	"decision": func(v vector) error {
		d, err := transcript.ParseDecision(v.in["input"])
		return v.again(err, func() ([]byte, error) { return transcript.AppendDecision(nil, d) })
	},
	"opening": func(v vector) error {
		_, err := v.accept(v.in["input"])
		return err
	},
	"frame": func(v vector) error {
		f, err := wire.ParseFrame(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return wire.AppendFrame(nil, f) }); err != nil {
			return err
		}
		e, err := v.accept(v.in["opening"])
		if err != nil {
			return err
		}
		b, err := e.Open(f)
		if err == nil && !bytes.Equal(b, v.in["bundle"]) {
			return fmt.Errorf("holds %x", b)
		}
		return err
	},
}

func transcriptVector(v vector) error {
	f, err := transcript.ParseFile(v.in["input"])
	if err := v.again(err, func() ([]byte, error) { return transcript.AppendFile(nil, f) }); err != nil {
		return err
	}
	if wrong := audit.Audit(f, v.roster).Wrong; wrong != nil {
		return wrong
	}
	return nil
}

// signed1 reads a statement as its receiver does: form, signature, payload.
func signed1[T any](role roster.Role, d wire.Domain, parse func([]byte) (T, error), appendTo func([]byte, T) ([]byte, error)) func(vector) error {
	return func(v vector) error {
		s, err := wire.ParseSigned1(v.in["input"])
		if err := v.again(err, func() ([]byte, error) { return wire.AppendSigned1(nil, s) }); err != nil {
			return err
		}
		key := ed25519.PublicKey(v.in["key"])
		if err := s.Verify(key, roster.KeyID(role, key), d); err != nil {
			return err
		}
		p, err := parse(s.Payload)
		if err != nil {
			return err
		}
		if again, err := appendTo(nil, p); err != nil || !bytes.Equal(again, s.Payload) {
			return fmt.Errorf("the payload is written again as %x (%v)", again, err)
		}
		return nil
	}
}

// hashes are the hashes of a proof, one behind the other.
func (v vector) hashes() (proof []parley.Hash) {
	for h := range slices.Chunk(v.in["input"], len(parley.Hash{})) {
		proof = append(proof, parley.Hash(h))
	}
	return proof
}

func (v vector) number(name string) uint64 { return binary.BigEndian.Uint64(v.in[name]) }

// accept accepts the epoch of an opening, north to south, as south.
func (v vector) accept(opening []byte) (*seal.Epoch, error) {
	r := v.roster
	t := seal.Terms{Line: r.Line, Roster: r.Hash(), From: "north", To: "south"}
	e, _, err := seal.AcceptEpoch(t, opening, v.in["key"], func(h parley.Hash) ([]byte, error) {
		south, _ := r.Side("south")
		for i, k := range south.Prekeys {
			if seal.PrekeyHash(k) == h {
				return v.in[fmt.Sprintf("prekey %d", i+1)], nil
			}
		}
		return nil, seal.ErrPrekey
	})
	return e, err
}

// TestVectors walks spec/vectors: what the specification says of each input,
// in bytes that a program of the standard library alone has written. Pouch files
// are read by their channel.
func TestVectors(t *testing.T) {
	r := vectorLine(t)
	folders, err := os.ReadDir("spec/vectors")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		format := folder.Name()
		if !folder.IsDir() || slices.Contains([]string{"generate", "line", "pouch"}, format) {
			continue
		}
		t.Run(format, func(t *testing.T) {
			read, ok := readers[format]
			if !ok {
				t.Fatal("nobody reads this format")
			}
			files, err := filepath.Glob(filepath.Join("spec/vectors", format, "*.txt"))
			if err != nil || len(files) == 0 {
				t.Fatal("no vectors", err)
			}
			for _, file := range files {
				v := readVector(t, file)
				v.roster = r
				if v.format != format {
					t.Errorf("%s: it is of format %q", file, v.format)
				}
				want, ok := outcomes[v.expect]
				if !ok {
					t.Errorf("%s: the outcome %q is not known", file, v.expect)
				}
				if err := read(v); !slices.ContainsFunc(want, func(w error) bool { return errors.Is(err, w) }) {
					t.Errorf("%s: %v\nexpected: %s, because %s", file, err, v.expect, v.why)
				}
			}
		})
	}
}

// vectorLine returns the roster of the line of the vectors, with the prekeys of the cards.
func vectorLine(t *testing.T) *roster.Roster {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("spec/vectors/line", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	r, err := roster.Confirm(read("invite.txt"), read("accept.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Text(), read("roster.txt")) {
		t.Fatalf("the ceremony gives another roster:\n%s", r.Text())
	}
	return r
}

// vector is one file of spec/vectors (spec/vectors/README.md).
type vector struct {
	format, expect, why string
	in                  map[string][]byte
	roster              *roster.Roster
}

// again adds to the outcome of a parser that what it took must be written again to the same bytes.
func (v vector) again(err error, write func() ([]byte, error)) error {
	if err != nil {
		return err
	}
	b, err := write()
	if err != nil || !bytes.Equal(b, v.in["input"]) {
		return fmt.Errorf("it is written again as %x (%v)", b, err)
	}
	return nil
}

func readVector(t *testing.T, file string) vector {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v := vector{in: make(map[string][]byte)}
	header, inputs, _ := strings.Cut(string(b), "\n\n")
	for _, l := range strings.Split(header, "\n") {
		name, value, _ := strings.Cut(l, ": ")
		switch name {
		case "format":
			v.format = value
		case "expect":
			v.expect = value
		case "why":
			v.why = value
		default:
			t.Fatalf("%s: header %q", file, l)
		}
	}
	for _, in := range strings.Split(inputs, "\n\n") {
		first, lines, _ := strings.Cut(in, "\n")
		name, size, _ := strings.Cut(first, ": ")
		value, err := hex.DecodeString(strings.ReplaceAll(lines, "\n", ""))
		if err != nil || size != fmt.Sprintf("%d bytes", len(value)) {
			t.Fatalf("%s: input %q: %v, %d bytes", file, first, err, len(value))
		}
		v.in[name] = value
	}
	return v
}

// proofVector judges a proof of messages in the form of its format.
func proofVector(v vector) error {
	form := map[string]proof.Form{"proof": proof.Text, "proof-cbor": proof.CBOR, "tlog-proof": proof.Tlog, "codes": proof.Coded}[v.format]
	read := map[string]func([]byte) (*proof.Proof, error){
		"proof": proof.ParseText, "proof-cbor": proof.ParseCBOR, "codes": proof.ParseCodes,
		"tlog-proof": func(b []byte) (*proof.Proof, error) { return proof.ParseTlog(b, v.roster) },
	}[v.format]
	p, err := read(v.in["input"])
	if err := v.again(err, func() ([]byte, error) { return proof.Append(nil, p, form) }); err != nil {
		return err
	}
	if wrong := audit.Proof(p, v.roster).Wrong; wrong != nil {
		return wrong
	}
	return nil
}
