package demo

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Floor measures what any line between two machines like this one must spend on
// a message: sign, seal, write and flush to the disk, send; there open, verify,
// write, flush, and answer. It does nothing else, one message at a time, over
// one connection on the loopback, and returns the time of each of n rounds with
// body as the message. Its files are in dir and removed.
func Floor(dir string, body []byte, n int) (all []time.Duration, err error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails (crypto/rand)
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	far := make(chan error, 1)
	go func() { far <- answer(l, dir, aead, public, n) }()
	all, err = ask(l.Addr().String(), dir, aead, private, body, n)
	// Closing twice does nothing; it ends an Accept that nobody came to.
	return all, errors.Join(err, ignoreClosed(l.Close()), <-far)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// floorLimit bounds the whole measurement.
const floorLimit = 30 * time.Second

// answerSize is the size of the answer: a hash of what is held.
const answerSize = sha256.Size

func ask(to, dir string, aead cipher.AEAD, key ed25519.PrivateKey, body []byte, n int) (all []time.Duration, err error) {
	c, err := net.Dial("tcp", to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(floorLimit)); err != nil {
		return nil, err
	}
	disk, done, err := scratch(dir, "near")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	for range n {
		begin := time.Now()
		signed := append(ed25519.Sign(key, body), body...)
		sealed := aead.Seal(nil, nil, signed, nil)
		if err := flush(disk, signed); err != nil {
			return nil, err
		}
		if _, err := c.Write(frame(sealed)); err != nil {
			return nil, err
		}
		var answer [answerSize]byte
		if _, err := io.ReadFull(c, answer[:]); err != nil {
			return nil, err
		}
		if answer != sha256.Sum256(signed) {
			return nil, errors.New("floor: the answer is of another message")
		}
		all = append(all, time.Since(begin))
	}
	return all, nil
}

func answer(l net.Listener, dir string, aead cipher.AEAD, key ed25519.PublicKey, n int) (err error) {
	c, err := l.Accept()
	if err != nil {
		return ignoreClosed(err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(floorLimit)); err != nil {
		return err
	}
	disk, done, err := scratch(dir, "far")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for range n {
		sealed, err := unframe(c)
		if err != nil {
			return err
		}
		signed, err := aead.Open(nil, nil, sealed, nil)
		if err != nil {
			return err
		}
		if len(signed) < ed25519.SignatureSize || !ed25519.Verify(key, signed[ed25519.SignatureSize:], signed[:ed25519.SignatureSize]) {
			return errors.New("floor: the signature is wrong")
		}
		if err := flush(disk, signed); err != nil {
			return err
		}
		held := sha256.Sum256(signed)
		if _, err := c.Write(held[:]); err != nil {
			return err
		}
	}
	return nil
}

// scratch makes a file to flush to; done closes and removes it.
func scratch(dir, name string) (f *os.File, done func() error, err error) {
	f, err = os.Create(filepath.Join(dir, "floor-"+name))
	if err != nil {
		return nil, nil, err
	}
	return f, func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }, nil
}

func flush(f *os.File, b []byte) error {
	if _, err := f.Write(b); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	return f.Sync()
}

// frame puts the length before b.
func frame(b []byte) []byte {
	return append([]byte{byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}, b...)
}

func unframe(r io.Reader) ([]byte, error) {
	var size [3]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	b := make([]byte, int(size[0])<<16|int(size[1])<<8|int(size[2]))
	_, err := io.ReadFull(r, b)
	return b, err
}
