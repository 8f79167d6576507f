package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The reading side of this implementation. It is only used to talk to a
// station, in TestStrangerTalksToAStation; like the writing side it knows the
// specification and nothing of our packages.

// item is a decoded item of MESSAGE §1: uint64, []byte, string, []any or map[uint64]any.
type item = any

var errMalformed = errors.New("malformed")

// decode reads one item that is the whole of b and in its one encoding.
func decode(b []byte) (item, error) {
	v, rest, err := decodeItem(b)
	if err == nil && (len(rest) > 0 || !bytes.Equal(encode(v), b)) {
		err = errMalformed
	}
	return v, err
}

func decodeItem(b []byte) (v item, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, errMalformed
	}
	major, n, size := b[0]>>5, uint64(b[0]&31), 0
	if n >= 24 && n <= 27 {
		size = 1 << (n - 24)
		if len(b) < 1+size {
			return nil, nil, errMalformed
		}
		n = new8(b[1 : 1+size])
	} else if n > 27 {
		return nil, nil, errMalformed
	}
	rest = b[1+size:]
	switch major {
	case 0:
		return n, rest, nil
	case 2, 3:
		if n > uint64(len(rest)) {
			return nil, nil, errMalformed
		}
		if major == 2 {
			return rest[:n:n], rest[n:], nil
		}
		return string(rest[:n]), rest[n:], nil
	case 4:
		list := []any{}
		for range n {
			if v, rest, err = decodeItem(rest); err != nil {
				return nil, nil, err
			}
			list = append(list, v)
		}
		return list, rest, nil
	case 5:
		m := make(map[uint64]any)
		for range n {
			var key any
			if key, rest, err = decodeItem(rest); err != nil {
				return nil, nil, err
			}
			k, ok := key.(uint64)
			if v, rest, err = decodeItem(rest); err != nil || !ok {
				return nil, nil, errMalformed
			}
			m[k] = v
		}
		return m, rest, nil
	}
	return nil, nil, errMalformed
}

// new8 is a number in 1, 2, 4 or 8 bytes, the highest first.
func new8(b []byte) uint64 {
	return binary.BigEndian.Uint64(append(make([]byte, 8-len(b)), b...))
}

func encode(v item) []byte {
	switch v := v.(type) {
	case uint64:
		return u(v)
	case []byte:
		return bstr(v)
	case string:
		return tstr(v)
	case []any:
		var all [][]byte
		for _, e := range v {
			all = append(all, encode(e))
		}
		return array(all...)
	case map[uint64]any:
		var f fields
		for _, k := range slices.Sorted(maps.Keys(v)) {
			f = append(f, field{k, encode(v[k])})
		}
		return f.encode()
	}
	return nil
}

// openSign1 returns the payload of a COSE_Sign1 by a key, decoded.
func openSign1(b []byte, role string, public ed25519.PublicKey, domain string) (map[uint64]any, error) {
	v, err := decode(b)
	list, ok := v.([]any)
	if err != nil || !ok || len(list) != 4 {
		return nil, fmt.Errorf("%w: not a COSE_Sign1", errMalformed)
	}
	payload, _ := list[2].([]byte)
	sig, _ := list[3].([]byte)
	id := keyID(role, public)
	if !bytes.Equal(encode(list[0]), bstr(protected(id))) || !bytes.Equal(encode(list[1]), emptyMap) || len(sig) != 64 {
		return nil, fmt.Errorf("%w: its headers are not those of the key", errMalformed)
	}
	if !ed25519.Verify(public, toBeSigned1(domain, id, payload), sig) {
		return nil, errors.New("bad signature")
	}
	v, err = decode(payload)
	m, ok := v.(map[uint64]any)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: the payload is not a map", errMalformed)
	}
	return m, nil
}

// xwing is the shared secret of the X-Wing parts.
func xwing(ssPQ, ssT, ctT, public []byte) []byte {
	h := sha3.Sum256(join(ssPQ, ssT, ctT, public[1184:], []byte(`\.//^\`)))
	return h[:]
}

// decapsulate is the addressee's half of encapsulate.
func (p prekey) decapsulate(enc []byte) ([]byte, error) {
	if len(enc) != 1120 {
		return nil, errMalformed
	}
	ssPQ, err := p.pq.Decapsulate(enc[:1088])
	if err != nil {
		return nil, err
	}
	share, err := ecdh.X25519().NewPublicKey(enc[1088:])
	if err != nil {
		return nil, err
	}
	ssT, err := p.t.ECDH(share)
	if err != nil {
		return nil, err
	}
	return xwing(ssPQ, ssT, enc[1088:], p.public), nil
}

// encapsulateTo draws a secret for a public prekey.
func encapsulateTo(public []byte) (enc, shared []byte) {
	pq := must(mlkem.NewEncapsulationKey768(public[:1184]))
	ssPQ, ctPQ := pq.Encapsulate()
	e := must(ecdh.X25519().GenerateKey(nil))
	ssT := must(e.ECDH(must(ecdh.X25519().NewPublicKey(public[1184:]))))
	ctT := e.PublicKey().Bytes()
	return join(ctPQ, ctT), xwing(ssPQ, ssT, ctT, public)
}

// epoch is one direction that is open.
type epoch struct {
	id, direction, tag []byte
}

// open returns the parts of a frame of the epoch.
func (e epoch) open(f []any) ([]any, error) {
	form, _ := f[3].(uint64)
	salt, _ := f[5].([]byte)
	ciphertext, _ := f[6].([]byte)
	if len(ciphertext) < 16 || form != wide && form != narrow {
		return nil, errMalformed
	}
	aad := array(u(1), bstr(e.tag), u(form), bstr(e.id), bstr(salt))
	key := frameKey(e.direction, salt, byte(form))
	// The keystream comes off as it went on; sealing what comes out again
	// checks the authenticator.
	body := ciphertext[:len(ciphertext)-16]
	plain := chachaSeal(key, aad, body)[:len(body)]
	if !bytes.Equal(chachaSeal(key, aad, plain), ciphertext) {
		return nil, errors.New("cannot open")
	}
	if form == wide {
		trimmed := bytes.TrimRight(plain, "\x00")
		if len(trimmed) == 0 || trimmed[len(trimmed)-1] != 0x80 || len(plain) != padme(len(trimmed)) {
			return nil, errors.New("cannot open")
		}
		plain = trimmed[:len(trimmed)-1]
	}
	v, err := decode(plain)
	parts, ok := v.([]any)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: not a bundle", errMalformed)
	}
	return parts, nil
}

// seal returns the frame of a bundle.
func (e epoch) seal(opening, salt, bundle []byte) []byte {
	aad := array(u(1), bstr(e.tag), u(wide), bstr(e.id), bstr(salt))
	return frame{1, e.tag, opening, wide, e.id, salt, chachaSeal(frameKey(e.direction, salt, wide), aad, pad(bundle))}.encode()
}

// readFrame decodes a frame.
func readFrame(b []byte) ([]any, error) {
	v, err := decode(b)
	f, ok := v.([]any)
	if err != nil || !ok || len(f) != 7 || f[0] != uint64(1) {
		return nil, fmt.Errorf("%w: not a frame", errMalformed)
	}
	return f, nil
}

// words are the twelve words of a line id; list is the English list of BIP-39.
func words(line []byte, list []string) (w []string) {
	for i := range 12 {
		index := 0
		for bit := 11 * i; bit < 11*(i+1); bit++ {
			index = index<<1 | int(line[bit/8]>>(7-bit%8)&1)
		}
		w = append(w, list[index])
	}
	return w
}

func hash(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}
