package main

import (
	"bytes"
	"crypto/ed25519"
	"testing"
)

// TestMirrored: with its own R the signature is the one of crypto/ed25519, so
// it is the point of order 2, and nothing else, that makes it bad.
func TestMirrored(t *testing.T) {
	k, message := north.station.private, []byte("message")
	good := ed25519.Sign(k, message)
	if !bytes.Equal(signWith(k, message, good[:32]), good) {
		t.Error("signing with the R of a signature gives another signature")
	}
	if r := plusOrder2(plusOrder2(good[:32])); !bytes.Equal(r, good[:32]) {
		t.Errorf("twice the point of order 2 is not nothing: %x", r)
	}
	if ed25519.Verify(north.station.public, message, mirrored(k, message)) {
		t.Error("crypto/ed25519 verifies with the cofactor: the specification says without")
	}
}
