package bench

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"

	"parley"
	"parley/lines"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// record is a line of two parties who have said much, and the transcript of it in a
// file: written entry by entry, because it may be larger than memory.
type record struct {
	roster     *roster.Roster
	ids        map[parley.Party]identity
	samples    []sample
	signatures int // that a verifier of the file verifies
}

// sample is a signature of the file.
type sample struct {
	key          ed25519.PublicKey
	message, sig []byte
}

// maxSamples is how many of them are kept.
const maxSamples = 4096

func newRecord() (*record, error) {
	north, south, err := identities()
	if err != nil {
		return nil, err
	}
	terms := roster.DefaultTerms()
	terms.Channels = []roster.Channel{{Name: "pipe", Kind: roster.Pipe}}
	invite, err := roster.Invite(north.card, "south", withoutSecond(terms))
	if err != nil {
		return nil, err
	}
	_, agreed, err := roster.Accept(invite, south.card)
	return &record{roster: agreed, ids: map[parley.Party]identity{"north": north, "south": south}}, err
}

// withoutSecond are terms under which one officer releases everything.
func withoutSecond(t roster.Terms) roster.Terms {
	for p := range t.Quorum {
		t.Quorum[p] = 1
	}
	return t
}

// write writes the transcript: n entries in all, half of each party.
func (r *record) write(path string, n int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriterSize(f, 1<<20)
	w := &counter{hash: sha256.New()}
	w.to = io.MultiWriter(buffered, w.hash)
	fmt.Fprintf(w, "parley-transcript v1\nline %s\nexporter north\n", r.roster.Line)
	for i, side := range r.roster.Sides {
		size := n / 2
		if i == 0 {
			size = n - size
		}
		if err := r.log(w, side, size); err != nil {
			return err
		}
	}
	fmt.Fprint(buffered, lines.EndLine(w.lines, [sha256.Size]byte(w.hash.Sum(nil))))
	return buffered.Flush()
}

// counter counts the lines that it passes on.
type counter struct {
	to    io.Writer
	hash  hash.Hash
	lines int
}

func (c *counter) Write(b []byte) (int, error) {
	c.lines += strings.Count(string(b), "\n")
	return c.to.Write(b)
}

// log writes one party's log, the whole of it cosigned by the other.
func (r *record) log(w io.Writer, side roster.Side, n int) error {
	peer, _ := r.roster.Peer(side.Party)
	id, other := r.ids[side.Party], r.ids[peer.Party]
	fmt.Fprintf(w, "log %s %s %d\n", side.Party, side.Log, n)
	chain := transcript.NewChain(side.Log)
	now := parley.Time(1_790_000_000_000)
	const piece = 8192
	for at := 0; at < n; at += piece {
		signed, err := r.sign(side.Party, peer.Party, id.officer, min(piece, n-at))
		if err != nil {
			return err
		}
		for _, s := range signed {
			now += 1000
			e, err := wire.AppendEntry(nil, wire.Entry{Header: wire.Header{
				Version: 1, Log: side.Log, Number: chain.Size() + 1, Previous: chain.Last(), Time: now}, Signed: s})
			if err != nil {
				return err
			}
			if _, err := chain.Append(e); err != nil {
				return err
			}
			fmt.Fprintf(w, "entry %d %s\n", chain.Size(), base64.StdEncoding.EncodeToString(e))
		}
	}
	c, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: r.roster.Line, Log: side.Log, Size: chain.Size(), Root: chain.Root()}, id.keys.log)
	if err != nil {
		return err
	}
	cosigned, err := receipt.Cosign(c, r.roster, peer.Party, other.keys.receipt, now)
	if err != nil {
		return err
	}
	var notes lines.Writer
	notes.Note("checkpoint", c.Note())
	notes.Note("cosigned", cosigned)
	_, err = w.Write(notes.Bytes())
	r.signatures += n + 3
	return err
}

// sign returns so many contents of a party, each with its officer's signature, made on
// all cores.
func (r *record) sign(from, to parley.Party, officer ed25519.PrivateKey, n int) ([][]byte, error) {
	signed, kept := make([][]byte, n), make([]sample, n)
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				signed[i], kept[i], errs[w] = r.signOne(from, to, officer)
			}
		})
	}
	all.Wait()
	if len(r.samples) < maxSamples {
		r.samples = append(r.samples, kept[:min(n, maxSamples-len(r.samples))]...)
	}
	return signed, errors.Join(errs...)
}

func (r *record) signOne(from, to parley.Party, officer ed25519.PrivateKey) ([]byte, sample, error) {
	c := wire.Content{
		Line: r.roster.Line, From: parley.Desk(from + "/duty"), To: []parley.Desk{parley.Desk(to + "/duty")},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	}
	if _, err := rand.Read(c.Draft[:]); err != nil {
		return nil, sample{}, err
	}
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		return nil, sample{}, err
	}
	sig, err := release.Approve(content, officer)
	if err != nil {
		return nil, sample{}, err
	}
	b, err := wire.AppendSigned(nil, wire.Signed{Content: content, Signatures: []wire.Signature{sig}})
	return b, sample{public(officer), wire.ToBeSigned(wire.DomainContent, sig.Key, content), sig.Sig[:]}, err
}
