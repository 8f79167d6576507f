package recordtest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"parley"
	"parley/transcript"
)

// Witness is a neutral witness of Ed25519, by the text of C2SP tlog-cosignature.
type Witness struct {
	name string
	key  ed25519.PrivateKey
}

// NewWitness returns the witness of a name, with the same key each time.
func NewWitness(name string) Witness {
	seed := sha256.Sum256([]byte("witness " + name))
	return Witness{name, ed25519.NewKeyFromSeed(seed[:])}
}

// Key returns its verifier key, one line of text.
func (w Witness) Key() string {
	public := w.public()
	return fmt.Sprintf("%s+%08x+%s", w.name, w.id(), base64.StdEncoding.EncodeToString(public))
}

// public is the type of a cosignature and the public key.
func (w Witness) public() []byte { return append([]byte{4}, w.key.Public().(ed25519.PublicKey)...) }

func (w Witness) id() uint32 {
	hash := sha256.Sum256(slices.Concat([]byte(w.name), []byte("\n"), w.public()))
	return binary.BigEndian.Uint32(hash[:])
}

// Cosign returns its cosignature of the checkpoint in a note.
func (w Witness) Cosign(note []byte, at parley.Time) transcript.Cosignature {
	text, _, _ := strings.Cut(string(note), "\n\n")
	seconds := uint64(at / 1000)
	return transcript.Cosignature{
		Name: w.name, ID: w.id(), Seconds: seconds,
		Signature: ed25519.Sign(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s\n", seconds, text)),
	}
}

// Witness has witnesses cosign owner's log as it is.
func (r *Record) Witness(owner parley.Party, by ...Witness) {
	r.t.Helper()
	l := r.log(owner)
	r.now += 1000
	note := transcript.Witnessed{Checkpoint: l.file.Checkpoint}
	for _, w := range by {
		note.Cosignatures = append(note.Cosignatures, w.Cosign(note.Checkpoint, r.now))
	}
	slices.SortFunc(note.Cosignatures, transcript.Cosignature.Compare)
	b, err := transcript.AppendWitnessed(nil, note)
	r.must(err)
	l.file.Witnessed = append(l.file.Witnessed, b)
}
