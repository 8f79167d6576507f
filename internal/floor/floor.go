// Package floor is the least that two programs must do so that one holds a
// durable, signed proof that the other durably holds a signed message. It is
// what the benchmarks compare Parley with, over the same kind of channel.
//
// It signs, seals, writes, sends, opens, verifies, writes, answers with a
// signature, and writes that: batched as Parley batches, with the same
// primitives and the same number of signatures and flushes, and with nothing
// else. It has no gaps, no restart, no numbering, no record: nobody should use
// it.
package floor

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"parley/internal/courier"
)

// batch is how many messages one signature, one flush and one frame cover at
// most.
const batch = 128

// Floor is a sender and a receiver, joined by one channel.
type Floor struct {
	officer, log, receipt ed25519.PrivateKey
	secret                [32]byte

	sender, receiver courier.Channel
	sent, proofs     *os.File // the sender's disk
	received         *os.File // the receiver's

	queue chan *message
	done  chan struct{}

	mu     sync.Mutex
	flight map[uint64][]*message // by the number of their batch
}

// message is a body on its way, and who waits for its proof.
type message struct {
	body, sig []byte
	proved    chan struct{}
}

// New makes a floor with its files in dir, over the two ends of a channel.
func New(dir string, sender, receiver courier.Channel) (*Floor, error) {
	f := &Floor{
		sender: sender, receiver: receiver,
		queue: make(chan *message, 4*batch), done: make(chan struct{}), flight: map[uint64][]*message{},
	}
	for _, k := range []*ed25519.PrivateKey{&f.officer, &f.log, &f.receipt} {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, err
		}
		*k = key
	}
	if _, err := rand.Read(f.secret[:]); err != nil {
		return nil, err
	}
	for name, file := range map[string]**os.File{"sent": &f.sent, "proofs": &f.proofs, "received": &f.received} {
		open, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		*file = open
	}
	return f, nil
}

// Run works until ctx ends.
func (f *Floor) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, work := range []func(context.Context) error{f.send, f.answer, f.prove} {
		wg.Go(func() {
			if err := work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	close(f.done)
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, f.sent.Close(), f.proofs.Close(), f.received.Close())
}

// Confirm sends a body and returns when its proof is durable. It may be called
// from many goroutines.
func (f *Floor) Confirm(body []byte) error {
	m := &message{body: body, sig: ed25519.Sign(f.officer, body), proved: make(chan struct{})}
	select {
	case f.queue <- m:
	case <-f.done:
		return errors.New("the floor has stopped")
	}
	select {
	case <-m.proved:
		return nil
	case <-f.done:
		return errors.New("the floor has stopped")
	}
}

func (f *Floor) send(ctx context.Context) error {
	for number := uint64(1); ; number++ {
		var messages []*message
		select {
		case <-ctx.Done():
			return nil
		case m := <-f.queue:
			messages = append(messages, m)
		}
		for len(messages) < batch {
			select {
			case m := <-f.queue:
				messages = append(messages, m)
				continue
			default:
			}
			break
		}
		plain := binary.BigEndian.AppendUint64(nil, number)
		for _, m := range messages {
			plain = binary.BigEndian.AppendUint32(plain, uint32(len(m.body)))
			plain = append(append(plain, m.body...), m.sig...)
		}
		plain = sign(plain, f.log)
		if err := write(f.sent, plain); err != nil {
			return err
		}
		f.mu.Lock()
		f.flight[number] = messages
		f.mu.Unlock()
		frame, err := f.seal(plain)
		if err != nil {
			return err
		}
		if err := deliver(ctx, f.sender, frame); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// answer receives, verifies, writes and answers with one signature a batch.
func (f *Floor) answer(ctx context.Context) error {
	for {
		frame, err := f.receiver.Receive(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			continue // the channel comes up, or comes up again
		}
		plain, err := f.open(frame)
		if err != nil {
			return err
		}
		if err := f.verify(plain); err != nil {
			return err
		}
		proof := sign(append([]byte(nil), plain[:8]...), f.receipt)
		if err := write(f.received, append(plain, proof...)); err != nil {
			return err
		}
		sealed, err := f.seal(proof)
		if err != nil {
			return err
		}
		if err := deliver(ctx, f.receiver, sealed); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// prove receives the answers, verifies and writes them.
func (f *Floor) prove(ctx context.Context) error {
	for {
		frame, err := f.sender.Receive(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			continue
		}
		proof, err := f.open(frame)
		if err != nil {
			return err
		}
		if _, err := signed(proof, f.receipt); err != nil {
			return err
		}
		if err := write(f.proofs, proof); err != nil {
			return err
		}
		number := binary.BigEndian.Uint64(proof)
		f.mu.Lock()
		messages := f.flight[number]
		delete(f.flight, number)
		f.mu.Unlock()
		for _, m := range messages {
			close(m.proved)
		}
	}
}

// deliver sends a frame, and waits for a channel that is not up yet. A floor
// repeats nothing: what a channel loses is lost.
func deliver(ctx context.Context, c courier.Channel, frame []byte) error {
	for {
		err := c.Send(ctx, frame)
		upper, ok := c.(courier.Upper)
		if err == nil || !ok || !errors.Is(err, courier.ErrDown) {
			return err
		}
		changed, down := upper.Up()
		if down == nil {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// verify checks the batch's signature and, on all cores, every officer's.
func (f *Floor) verify(plain []byte) error {
	rest, err := signed(plain, f.log)
	if err != nil {
		return err
	}
	var messages []message
	for rest = rest[8:]; len(rest) > 0; {
		n := int(binary.BigEndian.Uint32(rest))
		messages = append(messages, message{body: rest[4 : 4+n], sig: rest[4+n : 4+n+64]})
		rest = rest[4+n+64:]
	}
	key := f.officer.Public().(ed25519.PublicKey)
	bad := make([]bool, len(messages))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(messages))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(messages); i += workers {
				bad[i] = !ed25519.Verify(key, messages[i].body, messages[i].sig)
			}
		})
	}
	wg.Wait()
	for i := range bad {
		if bad[i] {
			return fmt.Errorf("message %d of the batch: bad signature", i)
		}
	}
	return nil
}

// sign appends a signature of the hash of b, as a checkpoint signs a root.
func sign(b []byte, key ed25519.PrivateKey) []byte {
	hash := sha256.Sum256(b)
	return append(b, ed25519.Sign(key, hash[:])...)
}

func signed(b []byte, key ed25519.PrivateKey) ([]byte, error) {
	at := len(b) - ed25519.SignatureSize
	if at < 8 {
		return nil, errors.New("a batch too short to be one")
	}
	hash := sha256.Sum256(b[:at])
	if !ed25519.Verify(key.Public().(ed25519.PublicKey), hash[:], b[at:]) {
		return nil, errors.New("bad signature of a batch")
	}
	return b[:at], nil
}

// write appends b to a file and flushes it.
func write(file *os.File, b []byte) error {
	if _, err := file.Write(b); err != nil {
		return err
	}
	return datasync(file)
}

// seal is one sealing of Parley's: a key from a fresh salt.
func (f *Floor) seal(plain []byte) ([]byte, error) {
	out := make([]byte, 16, 16+len(plain)+16)
	if _, err := rand.Read(out); err != nil {
		return nil, err
	}
	aead, err := f.aead(out)
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, make([]byte, chacha20poly1305.NonceSize), plain, nil), nil
}

func (f *Floor) open(frame []byte) ([]byte, error) {
	if len(frame) < 16 {
		return nil, errors.New("a frame too short to be one")
	}
	aead, err := f.aead(frame[:16])
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), frame[16:], nil)
}

func (f *Floor) aead(salt []byte) (aead interface {
	Seal(dst, nonce, plaintext, aad []byte) []byte
	Open(dst, nonce, ciphertext, aad []byte) ([]byte, error)
}, err error) {
	key, err := hkdf.Key(sha256.New, f.secret[:], salt, "floor", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.New(key)
}
