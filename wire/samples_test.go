package wire

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"

	"parley"
)

// The samples are one valid value of each format; each call makes a new one.

var (
	sampleLine  = parley.LineID(sha256.Sum256([]byte("line")))
	sampleLog   = parley.LogID{1, 2, 3}
	samplePeer  = parley.LogID{9, 8, 7}
	sampleHash  = parley.Hash(sha256.Sum256([]byte("previous")))
	sampleEpoch = parley.EpochID{4, 5, 6}
)

const sampleTime parley.Time = 1_795_867_200_000

// sampleKey is a key pair that is the same in every run.
func sampleKey(name byte) ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{name}, ed25519.SeedSize)))
	if err != nil {
		panic(err)
	}
	return key
}

func sampleContent() Content {
	return Content{
		Line: sampleLine, Draft: parley.DraftID{7, 7, 7}, From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Flash, Status: parley.Real, Kind: parley.Text,
		Language: "en", Body: strings.Repeat("Aircraft has crossed the line.", 10),
	}
}

func sampleAcknowledgement() Content {
	c := sampleContent()
	c.Kind, c.Body = parley.Acknowledgement, ""
	c.References = []parley.Ref{{Log: sampleLog, Number: 300}}
	c.Answer, c.By = parley.ReplyBy, sampleTime
	return c
}

// sampleSigned is c under the signatures of n keys.
func sampleSigned(t testing.TB, c Content, n int) Signed {
	t.Helper()
	s := Signed{Content: must(AppendContent(nil, c))(t)}
	for i := range n {
		key := parley.KeyID{byte(i), 1}
		sig := ed25519.Sign(sampleKey(byte(i)), ToBeSigned(DomainContent, key, s.Content))
		s.Signatures = append(s.Signatures, Signature{Key: key, Sig: [64]byte(sig)})
	}
	return s
}

func sampleEntry(t testing.TB, s Signed) Entry {
	t.Helper()
	return Entry{
		Header: Header{
			Version: EntryVersion, Log: sampleLog, Number: 300, Previous: sampleHash,
			Seen: []Seen{{Log: samplePeer, Size: 299}}, Time: sampleTime,
		},
		Signed: must(AppendSigned(nil, s))(t),
	}
}

func sampleSigned1(t testing.TB) Signed1 {
	t.Helper()
	s, err := Sign1(sampleKey(1), parley.KeyID{1}, DomainReceipt, must(AppendReceipt(nil, sampleReceipt()))(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sampleReceipt() Receipt {
	return Receipt{Log: sampleLog, Number: 300, Leaf: sampleHash, Received: sampleTime, Size: 16}
}

func sampleRefusal() Refusal {
	return Refusal{Log: sampleLog, Number: 300, Leaf: sampleHash, Reason: ReasonText, Time: sampleTime}
}

func sampleCheck() Check {
	return Check{
		Line: sampleLine, From: "north", Nonce: [8]byte{1}, Answers: [8]byte{2}, Time: sampleTime,
		Channel: "cable", Roster: sampleHash,
	}
}

func sampleOpening() Opening {
	return Opening{Line: sampleLine, Roster: sampleHash, From: "north", To: "south", Prekey: sampleHash, Enc: bytes.Repeat([]byte{3}, EncSize), Epoch: sampleEpoch}
}

func samplePrekeys() Prekeys {
	return Prekeys{
		Line: sampleLine, From: "north", Keys: [][]byte{make([]byte, PrekeySize), bytes.Repeat([]byte{1}, PrekeySize)},
		LastResort: bytes.Repeat([]byte{2}, PrekeySize), Time: sampleTime,
	}
}

func sampleClosed() Closed {
	return Closed{Line: sampleLine, From: "north", Epoch: sampleEpoch, Time: sampleTime}
}

func sampleUnknown() Unknown { return Unknown{Epochs: []parley.EpochID{sampleEpoch, {}}} }

func sampleReport() Report {
	return Report{Log: samplePeer, Size: 16, Ahead: []Range{{First: 18, Last: 18}, {First: 20, Last: 40}}, Refusals: 2, Cosigned: 300, Wait: 30}
}

func sampleBundle(t testing.TB) []Part {
	t.Helper()
	return []Part{
		{Type: PartEntry, Bytes: must(AppendEntry(nil, sampleEntry(t, sampleSigned(t, sampleContent(), 2))))(t)},
		{Type: PartReport, Bytes: must(AppendReport(nil, sampleReport()))(t)},
		{Type: 4000, Bytes: []byte("from a later version")},
	}
}

func sampleFrame(t testing.TB) Frame {
	t.Helper()
	return Frame{
		Tag: Tag(sampleLine, "north"), Opening: must(AppendSigned1(nil, sampleSigned1(t)))(t), Form: Wide,
		Epoch: sampleEpoch, Salt: [16]byte{5}, Ciphertext: make([]byte, 1040),
	}
}

// must returns b, or ends the test: must(AppendX(nil, x))(t).
func must(b []byte, err error) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func sampleRenewal() Renewal {
	return Renewal{Line: sampleLine, Party: "north", Log: samplePeer, Time: sampleTime}
}

func sampleClosing() Closing {
	return Closing{
		Line: sampleLine, Party: "north", Closed: sampleLog, Size: 17, Root: sampleHash, Opened: samplePeer, Own: 3, Time: sampleTime,
	}
}

func sampleGeneration(t testing.TB) Generation {
	t.Helper()
	b := must(AppendSigned1(nil, sampleSigned1(t)))(t)
	return Generation{Renewal: b, Closing: b}
}

func sampleRecall() Recall { return Recall{Log: sampleLog, Size: 17} }
