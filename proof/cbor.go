package proof

import (
	"fmt"

	"parley"
	"parley/transcript"
	"parley/wire"
)

// version is that of the value (spec/PROOF.md §2).
const version = 1

// proofMap is a Proof as it is written. Its keys are those of spec/PROOF.md §2.
type proofMap struct {
	Version  uint64        `cbor:"1,keyasint"`
	Party    parley.Party  `cbor:"2,keyasint"`
	Peer     parley.Party  `cbor:"3,keyasint"`
	Entries  [][]byte      `cbor:"4,keyasint"`
	Changes  [][]byte      `cbor:"5,keyasint,omitempty"`
	Hashes   []parley.Hash `cbor:"6,keyasint,omitempty"`
	Note     []byte        `cbor:"7,keyasint"`
	Other    []byte        `cbor:"8,keyasint,omitempty"`
	Receipts []about       `cbor:"9,keyasint,omitempty"`
	Refusals []about       `cbor:"10,keyasint,omitempty"`
	Officers []officer     `cbor:"11,keyasint,omitempty"`

	OtherChanges [][]byte      `cbor:"12,keyasint,omitempty"`
	OtherHashes  []parley.Hash `cbor:"13,keyasint,omitempty"`

	Generations      [][]byte `cbor:"14,keyasint,omitempty"`
	OtherGenerations [][]byte `cbor:"15,keyasint,omitempty"`
}

type about struct {
	_      struct{} `cbor:",toarray"`
	Number uint64
	Bytes  []byte
}

type officer struct {
	_    struct{} `cbor:",toarray"`
	Key  parley.KeyID
	Name string
}

// AppendCBOR appends p in deterministic CBOR (spec/PROOF.md §2). It refuses what
// ParseCBOR would refuse.
func AppendCBOR(dst []byte, p *Proof) ([]byte, error) {
	if _, err := p.Claims(); err != nil {
		return nil, fmt.Errorf("append: %w", err)
	}
	m := proofMap{
		Version: version, Party: p.Party, Peer: p.Peer, Entries: p.Entries, Changes: p.Changes,
		Hashes: p.Hashes, Note: p.Note, Other: p.Other, Receipts: abouts(p.Receipts), Refusals: abouts(p.Refusals),
		OtherChanges: p.OtherChanges, OtherHashes: p.OtherHashes, Generations: p.Generations, OtherGenerations: p.OtherGenerations,
	}
	for _, o := range p.Officers {
		m.Officers = append(m.Officers, officer{Key: o.Key, Name: o.Name})
	}
	out, err := wire.Encode(dst, MaxFile, &m)
	if err != nil {
		return nil, fmt.Errorf("append proof: %w", err)
	}
	return out, nil
}

func abouts(list []transcript.Statement) (out []about) {
	for _, s := range list {
		out = append(out, about{Number: s.Number, Bytes: s.Bytes})
	}
	return out
}

// ParseCBOR is the inverse of AppendCBOR. The error wraps ErrMalformed,
// wire.ErrVersion or wire.ErrLimit.
func ParseCBOR(b []byte) (*Proof, error) {
	m, err := wire.Decode[proofMap](b, MaxFile, maxHashes)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	if m.Version != version {
		return nil, fmt.Errorf("proof: version %d: %w: this program knows version %d", m.Version, wire.ErrVersion, version)
	}
	p := &Proof{
		Party: m.Party, Peer: m.Peer, Entries: m.Entries, Changes: m.Changes, Hashes: m.Hashes, Note: m.Note, Other: m.Other,
		Receipts: statements(m.Receipts), Refusals: statements(m.Refusals),
		OtherChanges: m.OtherChanges, OtherHashes: m.OtherHashes, Generations: m.Generations, OtherGenerations: m.OtherGenerations,
	}
	for _, o := range m.Officers {
		p.Officers = append(p.Officers, Officer{o.Key, o.Name})
	}
	if _, err := p.Claims(); err != nil {
		return nil, err
	}
	return p, nil
}

func statements(list []about) (out []transcript.Statement) {
	for _, a := range list {
		out = append(out, transcript.Statement{Number: a.Number, Bytes: a.Bytes})
	}
	return out
}
