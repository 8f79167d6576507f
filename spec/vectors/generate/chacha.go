package main

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"slices"
)

// ChaCha20-Poly1305 as RFC 8439 writes it down, slowly: the standard library
// has it only inside other packages.

func chachaBlock(key []byte, counter uint32, nonce []byte) [64]byte {
	s := [16]uint32{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}
	for i := range 8 {
		s[4+i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	s[12] = counter
	for i := range 3 {
		s[13+i] = binary.LittleEndian.Uint32(nonce[4*i:])
	}
	w := s
	quarter := func(a, b, c, d int) {
		w[a] += w[b]
		w[d] = bits.RotateLeft32(w[d]^w[a], 16)
		w[c] += w[d]
		w[b] = bits.RotateLeft32(w[b]^w[c], 12)
		w[a] += w[b]
		w[d] = bits.RotateLeft32(w[d]^w[a], 8)
		w[c] += w[d]
		w[b] = bits.RotateLeft32(w[b]^w[c], 7)
	}
	for range 10 {
		quarter(0, 4, 8, 12)
		quarter(1, 5, 9, 13)
		quarter(2, 6, 10, 14)
		quarter(3, 7, 11, 15)
		quarter(0, 5, 10, 15)
		quarter(1, 6, 11, 12)
		quarter(2, 7, 8, 13)
		quarter(3, 4, 9, 14)
	}
	var out [64]byte
	for i := range w {
		binary.LittleEndian.PutUint32(out[4*i:], w[i]+s[i])
	}
	return out
}

func poly1305(key, message []byte) []byte {
	little := func(b []byte) *big.Int {
		b = slices.Clone(b)
		slices.Reverse(b)
		return new(big.Int).SetBytes(b)
	}
	clamped := slices.Clone(key[:16])
	for _, i := range []int{3, 7, 11, 15} {
		clamped[i] &= 15
	}
	for _, i := range []int{4, 8, 12} {
		clamped[i] &= 252
	}
	r, s := little(clamped), little(key[16:])
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 130), big.NewInt(5))
	sum := new(big.Int)
	for chunk := range slices.Chunk(message, 16) {
		sum.Add(sum, little(append(slices.Clone(chunk), 1)))
		sum.Mod(sum.Mul(sum, r), p)
	}
	sum.Add(sum, s)
	tag := sum.FillBytes(make([]byte, 32))
	slices.Reverse(tag)
	return tag[:16]
}

// chachaSeal is AEAD_CHACHA20_POLY1305 with the nonce zero.
func chachaSeal(key, aad, plain []byte) []byte {
	nonce := make([]byte, 12)
	out := slices.Clone(plain)
	for i := 0; i < len(out); i += 64 {
		block := chachaBlock(key, uint32(1+i/64), nonce)
		for j := i; j < min(i+64, len(out)); j++ {
			out[j] ^= block[j-i]
		}
	}
	one := chachaBlock(key, 0, nonce)
	pad := func(b []byte) []byte { return append(slices.Clone(b), make([]byte, (16-len(b)%16)%16)...) }
	lengths := binary.LittleEndian.AppendUint64(nil, uint64(len(aad)))
	lengths = binary.LittleEndian.AppendUint64(lengths, uint64(len(out)))
	return append(out, poly1305(one[:32], join(pad(aad), pad(out), lengths))...)
}
