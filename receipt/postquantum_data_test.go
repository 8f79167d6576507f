package receipt_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"filippo.io/mldsa"
)

// TestVectorSignatures makes the keys and signatures of ML-DSA-44 again that the
// generator of the vectors has as data, because it has the standard library alone.
func TestVectorSignatures(t *testing.T) {
	text, err := os.ReadFile("../spec/vectors/generate/mldsa.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line) // key PARTY receipt-pq PUBLIC, or signature PARTY receipt-pq MESSAGE SIGNATURE
		var data [][]byte
		for _, w := range words[3:] {
			b, err := base64.StdEncoding.Strict().DecodeString(w)
			if err != nil {
				t.Fatalf("%.40s: %v", line, err)
			}
			data = append(data, b)
		}
		seed := sha256.Sum256([]byte("parley vectors: " + words[1] + " " + words[2]))
		key, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed[:])
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case words[0] == "key" && len(data) == 1:
			if !bytes.Equal(key.PublicKey().Bytes(), data[0]) {
				t.Errorf("%.40s is another key", line)
			}
		case words[0] == "signature" && len(data) == 2:
			if sig, err := key.SignDeterministic(data[0], crypto.Hash(0)); err != nil || !bytes.Equal(sig, data[1]) {
				t.Errorf("%.80s is another signature (%v)", line, err)
			}
		default:
			t.Errorf("%.40s is no line of this file", line)
		}
	}
}
