package parley_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley"
	"parley/audit"
	"parley/proof"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// The specification is held to the code, and the code to it: its literal
// examples must parse and verify, its key numbers and tables must be those of
// the packages. The examples are written by spec/vectors/generate, which
// shares nothing with them.

// document returns one file of spec/.
func document(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("spec", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// specExamples returns the blocks behind <!-- example NAME --> in all documents.
func specExamples(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("spec/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	block := regexp.MustCompile("(?s)<!-- example ([a-z-]+) -->\n```([a-z]+)\n(.*?)```\n")
	found := make(map[string][]byte)
	for _, f := range files {
		text := document(t, filepath.Base(f))
		all := block.FindAllStringSubmatch(text, -1)
		if len(all) != strings.Count(text, "<!-- example ") {
			t.Errorf("%s: a marker without its block", f)
		}
		for _, m := range all {
			name, value := m[1], []byte(m[3])
			if m[2] == "hex" {
				if value, err = hex.DecodeString(strings.ReplaceAll(m[3], "\n", "")); err != nil {
					t.Errorf("%s: example %s: %v", f, name, err)
				}
			}
			if found[name] != nil {
				t.Errorf("%s: example %s stands twice", f, name)
			}
			found[name] = value
		}
	}
	return found
}

// TestSpecExamples checks every example, and that there is no other.
func TestSpecExamples(t *testing.T) {
	s := &specLine{t: t, in: specExamples(t), used: make(map[string]bool), roster: vectorLine(t)}
	s.north, _ = s.roster.Side("north")
	s.south, _ = s.roster.Side("south")

	s.message()
	s.change()
	s.deniable()
	s.envelope()
	s.frame()
	s.receipt()
	s.generation()
	s.transcript()
	s.witness()
	s.proof()

	for name := range s.in {
		if !s.used[name] {
			t.Errorf("nobody checks the example %q", name)
		}
	}
}

// specLine is the line of the examples.
type specLine struct {
	t            *testing.T
	in           map[string][]byte
	used         map[string]bool
	roster       *roster.Roster
	north, south roster.Side
}

// example returns the bytes of one example.
func (s *specLine) example(name string) []byte {
	s.t.Helper()
	b, ok := s.in[name]
	if !ok {
		s.t.Fatalf("there is no example %q", name)
	}
	s.used[name] = true
	return b
}

// equal wants the example to be these bytes.
func (s *specLine) equal(name string, want []byte) {
	s.t.Helper()
	if got := s.example(name); !bytes.Equal(got, want) {
		s.t.Errorf("example %q: %x\nwant %x", name, got, want)
	}
}

// ok wants no error.
func (s *specLine) ok(name string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Errorf("example %q: %v", name, err)
	}
}

func (s *specLine) generation() {
	h := roster.NewHistory(s.roster)
	r, err := receipt.OpenRenewal(s.example("renewal"), h, "north")
	s.ok("renewal", err)
	g, next, err := receipt.OpenGeneration(s.example("generation"), h, "north")
	s.ok("generation", err)
	if g.Renewal != r || err == nil && len(next.Generations("north")) != 2 {
		s.t.Errorf("example generation: %+v", g)
	}
	pair, err := wire.ParseGeneration(s.example("generation"))
	s.ok("generation", err)
	s.equal("closing", pair.Closing)
	_, err = wire.ParseRecall(s.example("recall"))
	s.ok("recall", err)
}

func (s *specLine) message() {
	content := s.example("content")
	_, err := wire.ParseContent(content)
	s.ok("content", err)
	ack, err := wire.ParseContent(s.example("acknowledgement"))
	s.ok("acknowledgement", err)
	if ack.Kind != parley.Acknowledgement || ack.Answer != parley.Read {
		s.t.Errorf("example acknowledgement: %+v", ack)
	}
	signed := s.example("signed")
	released, err := release.Verify(signed, roster.NewHistory(s.roster), "north", "south", roster.Place{Number: 1})
	if err != nil {
		s.t.Fatalf("example signed: %v", err)
	}
	if !slices.Equal(released.Officers(), []string{"north a"}) {
		s.t.Errorf("example signed: released by %q", released.Officers())
	}
	one, err := wire.ParseSigned(signed)
	s.ok("signed", err)
	if !bytes.Equal(one.Content, content) {
		s.t.Error("example signed holds another content")
	}
	s.equal("to-be-signed", wire.ToBeSigned(wire.DomainContent, one.Signatures[0].Key, content))

	chain := transcript.NewChain(s.north.Log)
	for _, name := range []string{"entry", "second-entry"} {
		_, err := chain.Append(s.example(name))
		s.ok(name, err)
	}
	e, err := wire.ParseEntry(s.example("entry"))
	s.ok("entry", err)
	if !bytes.Equal(e.Signed, signed) {
		s.t.Error("example entry holds something else")
	}
}

func (s *specLine) change() {
	side := s.north.Hash()
	s.equal("side", side[:])
	text := s.example("change")
	c, err := roster.ParseChange(text)
	s.ok("change", err)
	if !bytes.Equal(c.Text(), text) {
		s.t.Error("example change is written again in another way")
	}
	h, err := roster.NewHistory(s.roster).Apply("north", roster.Place{Number: 2}, c)
	s.ok("change", err)
	if _, in := h.Doubt("north", c.Leave[0].Key, 2); !in || len(h.At("north", 3).Sides[0].Officers) != 3 {
		s.t.Error("example change does something else than it says")
	}
}

func (s *specLine) deniable() {
	s.equal("derived", readVector(s.t, "spec/vectors/deniable/good.txt").in["derived"])
}

// epoch is that of the examples, as south has it.
func (s *specLine) epoch() *seal.Epoch {
	s.t.Helper()
	good := readVector(s.t, "spec/vectors/opening/good.txt")
	good.roster = s.roster
	e, err := good.accept(s.example("opening"))
	if err != nil {
		s.t.Fatalf("example opening: %v", err)
	}
	return e
}

func (s *specLine) envelope() {
	opening, err := wire.ParseSigned1(s.example("opening"))
	s.ok("opening", err)
	o, err := wire.ParseOpening(opening.Payload)
	s.ok("opening", err)
	if enc := append([]byte{0x06, 0x59, 0x04, 0x60}, o.Enc...); bytes.Contains(opening.Payload, enc) {
		info := bytes.Replace(opening.Payload, enc, nil, 1)
		info[0]-- // one pair less
		s.equal("info", append([]byte("parley/v1/epoch\x00"), info...))
	} else {
		s.t.Error("example opening: its encapsulation is not where it is expected")
	}
	stored, err := s.epoch().MarshalBinary()
	s.ok("direction-secret", err)
	s.equal("direction-secret", stored[len(stored)-32:])

	f, err := wire.ParseFrame(s.example("frame"))
	s.ok("frame", err)
	s.equal("aad", f.AAD())
	key, err := hkdf.Key(sha256.New, s.example("direction-secret"), f.Salt[:], "parley/v1/seal\x00"+string([]byte{byte(f.Form)}), 32)
	s.ok("frame-key", err)
	s.equal("frame-key", key)
	bundle, err := s.epoch().Open(f)
	s.ok("frame", err)
	s.equal("bundle", bundle)
	parts, err := wire.ParseBundle(bundle)
	s.ok("bundle", err)
	if len(parts) != 1 || parts[0].Type != wire.PartReport {
		s.t.Errorf("example bundle: %v", parts)
	}
	s.equal("report", parts[0].Bytes)

	restored, err := wire.RestoreEntry(s.example("narrow-entry"), s.roster.Line, s.north.Log, transcript.LeafHash(s.example("entry")), s.south.Log)
	s.ok("narrow-entry", err)
	s.equal("second-entry", restored)
	closed, err := receipt.OpenClosed(s.example("closed"), s.north.Station)
	s.ok("closed", err)
	unknown, err := wire.ParseUnknown(s.example("unknown"))
	s.ok("unknown", err)
	if closed.Epoch != f.Epoch || !slices.Equal(unknown.Epochs, []parley.EpochID{f.Epoch}) {
		s.t.Error("examples closed, unknown and frame are of several epochs")
	}
	for n, want := range map[int]int{600: 1024, 1024: 1088, 20000: 20480} { // ENVELOPE §5
		if got := len(wire.Pad(make([]byte, n))); got != want {
			s.t.Errorf("%d bytes are padded to %d, not %d", n, got, want)
		}
	}
}

func (s *specLine) frame() {
	tag := wire.Tag(s.roster.Line, "north")
	s.equal("tag", tag[:])
	frame := s.example("frame")
	counted := append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)
	s.equal("stream", append(make([]byte, 4), counted...))
	s.equal("quic", slices.Concat([]byte{0x0b, 3, 0, 0x0b, 7, 0x40, byte(len(frame))}, frame))
	file := append([]byte("parley pouch v1\n"), binary.BigEndian.AppendUint32(nil, uint32(len(counted)))...)
	file = append(file, counted...)
	sum := sha256.Sum256(file)
	s.equal("pouch", append(file, sum[:]...))
}

func (s *specLine) receipt() {
	c, _, err := receipt.OpenCosigned(s.example("cosigned"), roster.NewHistory(s.roster), "north", "south")
	s.ok("cosigned", err)
	r, err := receipt.Verify(s.example("receipt"), s.south.Receipt)
	s.ok("receipt", err)
	no, err := receipt.OpenRefusal(s.example("refusal"), s.south.Station)
	s.ok("refusal", err)
	leaf := transcript.LeafHash(s.example("second-entry"))
	if c.Size != 2 || r.Leaf != leaf || no.Leaf != leaf || no.Reason != wire.ReasonQuorum {
		s.t.Errorf("%+v\n%+v\n%+v\nare not of entry 2, or not of the quorum", c, r, no)
	}
	_, err = receipt.OpenCheck(s.example("check"), s.north.Station)
	s.ok("check", err)
	_, err = wire.ParseReport(s.example("report"))
	s.ok("report", err)
}

func (s *specLine) witness() {
	w, err := transcript.ParseWitnessed(s.example("witnessed"))
	s.ok("witnessed", err)
	k, err := transcript.ParseWitnessKey(strings.TrimSuffix(string(s.example("witness-key")), "\n"))
	s.ok("witness-key", err)
	if !bytes.Equal(w.Checkpoint, s.example("checkpoint")) || len(w.Cosignatures) != 1 {
		s.t.Fatalf("%+v is not of the checkpoint, or not of one witness", w)
	}
	c, err := transcript.ReadCheckpoint(w.Checkpoint)
	s.ok("checkpoint", err)
	s.ok("cosignature of the witness", k.Check(c, w.Cosignatures[0]))
}

func (s *specLine) transcript() {
	one, two := transcript.LeafHash(s.example("entry")), transcript.LeafHash(s.example("second-entry"))
	s.equal("leaves", slices.Concat(one[:], two[:]))
	var f transcript.Frontier
	f.Append(one)
	f.Append(two)
	root := f.Root()
	s.equal("root", root[:])
	c, err := transcript.OpenCheckpoint(s.example("checkpoint"), s.roster.Line, s.north.Log, s.north.LogKey)
	s.ok("checkpoint", err)
	if c.Size != 2 || c.Root != root {
		s.t.Errorf("example checkpoint: %+v", c)
	}
	s.ok("inclusion", transcript.CheckInclusion([]parley.Hash{parley.Hash(s.example("inclusion"))}, 2, root, 1, two))

	_, err = transcript.ParseDecision(s.example("decision"))
	s.ok("decision", err)
	fork, err := transcript.ParseFork(s.example("fork"))
	s.ok("fork", err)
	forger, err := fork.Check(s.roster)
	s.ok("fork", err)
	if forger != "north" {
		s.t.Errorf("example fork: forked by %q", forger)
	}
	file, err := transcript.ParseFile(s.example("transcript"))
	s.ok("transcript", err)
	if report := audit.Audit(file, s.roster); report.Wrong != nil {
		s.t.Errorf("example transcript: %v", report.Wrong)
	}
}

// cddlMap finds the maps of the CDDL blocks: their names, and what is inside.
var cddlMap = regexp.MustCompile(`(?ms)^([a-z0-9-]+) += \{(.*?)\}$`)

// cddlKey finds the keys in a map.
var cddlKey = regexp.MustCompile(`(?m)(?:^|[{,\n])\s*(\?)? ?(\d+) =>`)

// TestSpecKeys holds the keys of the CDDL maps to the tags of the structs.
func TestSpecKeys(t *testing.T) {
	structs := map[string]reflect.Type{
		"entry": reflect.TypeFor[wire.Entry](), "opening": reflect.TypeFor[wire.Opening](), "prekeys": reflect.TypeFor[wire.Prekeys](),
		"closed": reflect.TypeFor[wire.Closed](), "unknown": reflect.TypeFor[wire.Unknown](), "receipt": reflect.TypeFor[wire.Receipt](),
		"refusal": reflect.TypeFor[wire.Refusal](), "check": reflect.TypeFor[wire.Check](), "report": reflect.TypeFor[wire.Report](),
	}
	for _, name := range []string{"MESSAGE.md", "ENVELOPE.md", "RECEIPT.md"} {
		for _, block := range regexp.MustCompile("(?s)```cddl\n(.*?)```").FindAllStringSubmatch(document(t, name), -1) {
			text := regexp.MustCompile(`[ \t]*;[^\n]*`).ReplaceAllString(block[1], "")
			for _, m := range cddlMap.FindAllStringSubmatch(text, -1) {
				typ, ok := structs[m[1]]
				if !ok {
					continue
				}
				delete(structs, m[1])
				want := make(map[string]string)
				tags(typ, want)
				got := make(map[string]string)
				for _, k := range cddlKey.FindAllStringSubmatch(m[2], -1) {
					got[k[2]] = k[1]
				}
				if !maps.Equal(got, want) {
					t.Errorf("%s: %s has the keys %v, wire.%s has %v", name, m[1], got, typ.Name(), want)
				}
			}
		}
	}
	for name := range structs {
		t.Errorf("no CDDL of %s", name)
	}
}

// tags collects the key numbers of a struct, and "?" for those that may be absent.
func tags(typ reflect.Type, into map[string]string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag, ok := f.Tag.Lookup("cbor")
		if f.Anonymous {
			tags(f.Type, into)
		}
		if !ok {
			continue
		}
		key, options, _ := strings.Cut(tag, ",")
		into[key] = map[bool]string{true: "?"}[strings.Contains(options, "omit")]
	}
}

// TestSpecTables holds limits, reasons, part types and domains to the code.
func TestSpecTables(t *testing.T) {
	number := func(n uint64) string { // 32768 is 32,768
		s := fmt.Sprint(n)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	}
	rows := func(name string) string { return document(t, name) }
	wants := func(name, row string) {
		t.Helper()
		if !strings.Contains(rows(name), "\n"+row) {
			t.Errorf("%s has no row %q", name, row)
		}
	}
	for what, n := range map[string]uint64{
		"desks addressed": wire.MaxDesks, "references": wire.MaxReferences, "signatures of content": wire.MaxSignatures,
		"logs in `seen`": wire.MaxSeen, "time": uint64(wire.MaxTime),
	} {
		wants("MESSAGE.md", "| "+what+" | "+number(n))
	}
	for what, n := range map[string]uint64{
		"content": wire.MaxContent, "COSE_Sign of content": wire.MaxSigned, "entry": wire.MaxEntry, "frame, bundle": wire.MaxFrame,
	} {
		wants("MESSAGE.md", "| "+what+" | "+number(n)+" bytes |")
	}
	wants("MESSAGE.md", "| body | "+number(wire.MaxBody)+" bytes of UTF-8 |")
	wants("MESSAGE.md", fmt.Sprintf("| language tag | %d characters |", wire.MaxLanguage))
	if wire.MaxNumber != 1<<62-1 || transcript.MaxSize != 1<<40 || wire.UnicodeVersion != "15.0.0" {
		t.Error("MESSAGE §1 and §2 or TRANSCRIPT §2 have another number")
	}
	for n, name := range map[wire.Reason]string{
		wire.ReasonMalformed: "malformed", wire.ReasonVersion: "version", wire.ReasonText: "text", wire.ReasonQuorum: "quorum",
		wire.ReasonSignature: "signature", wire.ReasonOfficer: "officer", wire.ReasonAddressee: "addressee", wire.ReasonLine: "line",
		wire.ReasonReplay: "replay", wire.ReasonLimit: "limit", wire.ReasonDeniable: "deniable", wire.ReasonDesk: "desk",
		wire.ReasonChange: "change", wire.ReasonSeen: "seen",
	} {
		wants("RECEIPT.md", fmt.Sprintf("| %d %s |", n, name))
	}
	for n, name := range map[wire.PartType]string{
		wire.PartEntry: "entry", wire.PartNarrowEntry: "narrow entry", wire.PartCheckpoint: "checkpoint", wire.PartCosigned: "checkpoint of the addressee's log",
		wire.PartReceipt: "single receipt", wire.PartRefusal: "refusal", wire.PartReport: "report", wire.PartPrekeys: "prekeys",
		wire.PartClosed: "closed", wire.PartCheck: "line check", wire.PartUnknown: "unknown",
	} {
		wants("ENVELOPE.md", fmt.Sprintf("| %d | %s", n, name))
	}
	for a := parley.Read; a <= parley.ReplyBy; a++ {
		wants("MESSAGE.md", fmt.Sprintf("| %d %s |", a, a))
	}
	for _, d := range []wire.Domain{wire.DomainContent, wire.DomainOpening, wire.DomainPrekeys, wire.DomainCheck, wire.DomainRefusal, wire.DomainClosed, wire.DomainReceipt, wire.DomainCard} {
		if !strings.Contains(rows("ROSTER.md")+rows("RECEIPT.md")+rows("ENVELOPE.md"), "`"+string(d)+"`") {
			t.Errorf("no document names the domain %s", d)
		}
	}
}

// TestSpecCitations: every clause that the code cites stands in its document.
func TestSpecCitations(t *testing.T) {
	cited := regexp.MustCompile(`spec/([A-Z]+\.md) (§\d+)`)
	documents := make(map[string]string)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range cited.FindAllStringSubmatch(string(b), -1) {
			name, clause := m[1], m[2]
			if _, ok := documents[name]; !ok {
				documents[name] = document(t, name)
			}
			if !strings.Contains(documents[name], "\n## "+clause+" ") {
				t.Errorf("%s cites spec/%s %s, which does not exist", path, name, clause)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *specLine) proof() {
	leaf1, err := transcript.Inclusion([]parley.Hash{parley.Hash(s.example("set"))}, 2, 1)
	s.ok("set", err)
	s.equal("inclusion", leaf1[0][:])
	p, err := proof.Parse(s.example("proof"), s.roster)
	if err != nil {
		s.t.Fatal(err)
	}
	if wrong := audit.Proof(p, s.roster).Wrong; wrong != nil {
		s.t.Error(wrong)
	}
	for name, form := range map[string]proof.Form{"proof": proof.Text, "proof-cbor": proof.CBOR, "tlog-proof": proof.Tlog} {
		b, err := proof.Append(nil, p, form)
		s.ok(name, err)
		s.equal(name, b)
	}
}
