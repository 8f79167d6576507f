package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"math/big"
	"slices"
)

// mirrored is a signature whose R has the point of order 2 added to it. It
// verifies only with the cofactor, 8 times the equation, in which that point
// vanishes: two programs that differ here believe different records.
func mirrored(k ed25519.PrivateKey, message []byte) []byte {
	r := ed25519.Sign(k, message)[:32]
	return signWith(k, message, plusOrder2(r))
}

// signWith is RFC 8032 §5.1.6 with another R in the place of [r]B.
func signWith(k ed25519.PrivateKey, message, point []byte) []byte {
	h := sha512.Sum512(k.Seed())
	h[0] &= 248
	h[31] = h[31]&127 | 64
	nonce := sha512.Sum512(join(h[32:], message))
	challenge := sha512.Sum512(join(point, k.Public().(ed25519.PublicKey), message))
	s := new(big.Int).Mul(fromBytes(challenge[:]), fromBytes(h[:32]))
	s.Add(s, fromBytes(nonce[:])).Mod(s, groupOrder())
	return join(point, toBytes(s))
}

// plusOrder2 adds (0, -1) to an encoded point: both coordinates change sign.
func plusOrder2(point []byte) []byte {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	y := bytes.Clone(point)
	sign := y[31] & 0x80
	y[31] &^= 0x80
	b := toBytes(p.Sub(p, fromBytes(y)))
	b[31] |= sign ^ 0x80
	return b
}

// fromBytes reads a number whose lowest byte stands first.
func fromBytes(b []byte) *big.Int {
	b = bytes.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// toBytes is the inverse of fromBytes.
func toBytes(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// groupOrder is 2^252 + 27742317777372353535851937790883648493.
func groupOrder() *big.Int {
	c, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	return c.Add(c, new(big.Int).Lsh(big.NewInt(1), 252))
}
