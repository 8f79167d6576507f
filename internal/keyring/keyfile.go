package keyring

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"filippo.io/mldsa"
)

// The key file is text, so that it survives being printed, typed and mailed
// to oneself, and so that its owner can read whose it is:
//
//	parley-key v1 ROLE NAME
//	kdf argon2id MEMORY-KIB PASSES LANES      or: kdf none
//	salt BASE64                               16 bytes
//	public BASE64                             32 bytes a key; 1312 for receipt-pq
//	BASE64 of the sealed keys, 64 characters a line
//	end
//
// All lines above the sealed keys are authenticated with them. There is one
// spelling of every file: what parses is written back byte by byte the same.
const (
	fileTitle   = "parley-key v1"
	saltSize    = 16
	lineLength  = 64
	maxKeyFile  = 8 << 10
	maxKeys     = 8
	maxNameSize = 32
)

// keyFile is a parsed key file.
type keyFile struct {
	role, name string
	cost       cost // zero: sealed under no secret
	salt       []byte
	public     []byte // the public keys, in the order of the role
	sealed     []byte
}

var b64 = base64.StdEncoding.Strict()

// header returns the lines above the sealed keys: what is authenticated.
func (k keyFile) header() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\n", fileTitle, k.role, k.name)
	if k.cost == (cost{}) {
		b.WriteString("kdf none\n")
	} else {
		fmt.Fprintf(&b, "kdf argon2id %d %d %d\n", k.cost.memory, k.cost.time, k.cost.lanes)
	}
	fmt.Fprintf(&b, "salt %s\n", b64.EncodeToString(k.salt))
	fmt.Fprintf(&b, "public %s\n", b64.EncodeToString(k.public))
	return b.Bytes()
}

// append writes the file after dst.
func (k keyFile) append(dst []byte) []byte {
	dst = append(dst, k.header()...)
	text := b64.EncodeToString(k.sealed)
	for len(text) > 0 {
		n := min(len(text), lineLength)
		dst = append(append(dst, text[:n]...), '\n')
		text = text[n:]
	}
	return append(dst, "end\n"...)
}

// parseKeyFile is the inverse of append. It bounds what a derivation will cost
// before anyone pays for it. Errors wrap ErrMalformed.
func parseKeyFile(b []byte) (keyFile, error) {
	k, err := readKeyFile(b)
	if err != nil {
		return keyFile{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !bytes.Equal(k.append(nil), b) {
		return keyFile{}, fmt.Errorf("%w: not in its one spelling", ErrMalformed)
	}
	return k, nil
}

func readKeyFile(b []byte) (k keyFile, err error) {
	if len(b) > maxKeyFile {
		return k, fmt.Errorf("more than %d bytes", maxKeyFile)
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 7 || lines[len(lines)-1] != "" || lines[len(lines)-2] != "end" {
		return k, fmt.Errorf("it does not end in the line \"end\": the file is cut")
	}
	title := strings.Split(lines[0], " ")
	if len(title) != 4 || title[0]+" "+title[1] != fileTitle {
		return k, fmt.Errorf("it does not begin with %q, a role and a name", fileTitle)
	}
	k.role, k.name = title[2], title[3]
	if k.role != roleRoot && k.role != roleOfficer && k.role != roleStation && k.role != roleHop && k.role != roleReceipt && k.role != roleLog && k.role != roleDeniable && k.role != roleReceiptPQ {
		return k, fmt.Errorf("unknown role %q", k.role)
	}
	if err := checkName(k.name); err != nil {
		return k, err
	}
	if k.cost, err = parseCost(lines[1]); err != nil {
		return k, err
	}
	if k.salt, err = field(lines[2], "salt "); err != nil {
		return k, err
	}
	if len(k.salt) != saltSize {
		return k, fmt.Errorf("a salt of %d bytes, not %d", len(k.salt), saltSize)
	}
	if k.public, err = field(lines[3], "public "); err != nil {
		return k, err
	}
	most := maxKeys * 32
	if k.role == roleReceiptPQ {
		most = mldsa.MLDSA44PublicKeySize
	}
	if n := len(k.public); n == 0 || n%32 != 0 || n > most || k.role == roleReceiptPQ && n != most {
		return k, fmt.Errorf("public keys of %d bytes in all", n)
	}
	k.sealed, err = b64.DecodeString(strings.Join(lines[4:len(lines)-2], ""))
	if err != nil {
		return k, fmt.Errorf("sealed keys: %w", err)
	}
	return k, nil
}

// field decodes the base64 after a line's label.
func field(line, label string) ([]byte, error) {
	text, ok := strings.CutPrefix(line, label)
	if !ok {
		return nil, fmt.Errorf("no line %q where it belongs", strings.TrimSpace(label))
	}
	b, err := b64.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(label), err)
	}
	return b, nil
}

func parseCost(line string) (cost, error) {
	if line == "kdf none" {
		return cost{}, nil
	}
	f := strings.Split(line, " ")
	if len(f) != 5 || f[0] != "kdf" || f[1] != "argon2id" {
		return cost{}, fmt.Errorf("no line \"kdf argon2id MEMORY PASSES LANES\" or \"kdf none\" where it belongs")
	}
	var n [3]uint64
	for i, s := range f[2:] {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return cost{}, fmt.Errorf("kdf: %w", err)
		}
		n[i] = v
	}
	if n[2] > maxLanes {
		return cost{}, fmt.Errorf("kdf: %d lanes, more than %d", n[2], maxLanes)
	}
	c := cost{memory: uint32(n[0]), time: uint32(n[1]), lanes: uint8(n[2])}
	return c, c.check()
}

// checkName accepts 1 to 32 of a–z, 0–9 and '-', beginning with a letter: also a
// safe file name everywhere.
func checkName(s string) error {
	bad := len(s) == 0 || len(s) > maxNameSize || s[0] < 'a' || s[0] > 'z'
	for i := 0; i < len(s) && !bad; i++ {
		c := s[i]
		bad = (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-'
	}
	if bad {
		return fmt.Errorf("name %.40q: use 1 to %d of a-z, 0-9 and '-', beginning with a letter", s, maxNameSize)
	}
	return nil
}
