package quic

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
	"parley/internal/channel/tcp"
	"parley/internal/courier"
)

// TestHeadOfLine measures what a stream for each frame is worth against one stream for all, and against datagrams, in the
// time of a bubble: how long frames take from when they are due until they can be read, over the same link.
func TestHeadOfLine(t *testing.T) {
	const frames, size, every = 2000, 600, 20 * time.Millisecond
	own := headOfLine(t, frames, size, every, false)
	one := headOfLine(t, frames, size, every, true)
	at := func(all []time.Duration, share float64) time.Duration {
		return all[int(share*float64(len(all)-1))].Round(time.Millisecond)
	}
	for _, way := range []struct {
		name string
		all  []time.Duration
	}{{"a stream for each frame", own}, {"one stream", one}} {
		t.Logf("%s: median %v, p90 %v, p99 %v, most %v", way.name, at(way.all, 0.5), at(way.all, 0.9), at(way.all, 0.99), at(way.all, 1))
	}
	bare := datagrams(t, frames, size, every)
	t.Logf("datagrams: median %v, p90 %v, most %v; %d of %d frames lost", at(bare, 0.5), at(bare, 0.9), at(bare, 1), frames-len(bare), frames)
	if len(bare) > frames*98/100 {
		t.Errorf("%d of %d datagrams arrived where one packet in twenty is lost", len(bare), frames)
	}
	if at(own, 0.5) > at(one, 0.5) || at(own, 0.9) > at(one, 0.9) {
		t.Error("a stream for each frame is the slower way; see stream.go for why it was chosen")
	}
}

func headOfLine(t *testing.T, frames, size int, every time.Duration, one bool) (took []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		far, near := rawPair(t, a)
		a.set(func() { a.delay, a.loss = 50*time.Millisecond, 0.05 })
		began := time.Now()
		var mu sync.Mutex
		done := make(chan struct{})
		arrived := func(frame []byte) {
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began)-time.Duration(binary.BigEndian.Uint64(frame)))
			if len(took) == frames {
				close(done)
			}
		}
		go func() {
			var streams sync.WaitGroup
			defer streams.Wait()
			for {
				stream, err := far.AcceptUniStream(t.Context())
				if err != nil {
					return
				}
				streams.Go(func() {
					defer stream.ReleaseStreamCredit()
					if !one {
						if frame, err := readFrame(stream); err == nil {
							arrived(frame)
						}
						return
					}
					r := bufio.NewReader(stream)
					for frame := make([]byte, size); ; {
						if _, err := io.ReadFull(r, frame); err != nil {
							return
						}
						arrived(frame)
					}
				})
			}
		}()
		var stream *quicgo.SendStream
		for i := range frames {
			due := time.Duration(i) * every
			time.Sleep(time.Until(began.Add(due)))
			if !one || stream == nil {
				var err error
				if stream, err = near.OpenUniStreamSync(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			frame := make([]byte, size)
			binary.BigEndian.PutUint64(frame, uint64(due))
			if _, err := stream.Write(frame); err != nil {
				t.Fatal(err)
			}
			if !one {
				_ = stream.Close()
			}
		}
		<-done
	})
	slices.Sort(took)
	return took
}

// datagrams is headOfLine with an unreliable datagram (RFC 9221) for each frame: those that arrive.
func datagrams(t *testing.T, frames, size int, every time.Duration) (took []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		far, near := rawPair(t, a)
		a.set(func() { a.delay, a.loss = 50*time.Millisecond, 0.05 })
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		var reader sync.WaitGroup
		reader.Go(func() {
			for {
				frame, err := far.ReceiveDatagram(ctx)
				if err != nil {
					return
				}
				took = append(took, time.Since(began)-time.Duration(binary.BigEndian.Uint64(frame)))
			}
		})
		for i := range frames {
			due := time.Duration(i) * every
			time.Sleep(time.Until(began.Add(due)))
			frame := make([]byte, size)
			binary.BigEndian.PutUint64(frame, uint64(due))
			if err := near.SendDatagram(frame); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second) // of the bubble: far longer than any is under way
		cancel()
		reader.Wait()
	})
	slices.Sort(took)
	return took
}

// rawPair is a connection as channels have it, without channels, and with datagrams.
func rawPair(t *testing.T, a *air) (far, near *quicgo.Conn) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	socket, err := a.listen(airAddress)
	if err != nil {
		t.Fatal(err)
	}
	config := transport()
	config.EnableDatagrams = true
	listening := &quicgo.Transport{Conn: socket}
	t.Cleanup(func() { _, _ = listening.Close(), socket.Close() })
	l, err := listening.Listen(hop.Server(protocol, channeltest.Certificate(t, nkey), func(ed25519.PublicKey) bool { return true }), config)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan *quicgo.Conn, 1)
	go func() {
		conn, err := l.Accept(t.Context())
		if err == nil {
			_ = writeGreeting(conn) // without it the other side fails
		}
		accepted <- conn
	}()
	near, err = dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
	if err != nil {
		t.Fatal(err)
	}
	return <-accepted, near
}

// BenchmarkFrames carries frames of 600 bytes over loopback, by tcp and by quic: one at a time, with the time of one,
// and as many as go.
func BenchmarkFrames(b *testing.B) {
	for name, connect := range map[string]func(*testing.B) (from, to courier.Channel){"tcp": overTCP, "quic": overQUIC} {
		b.Run(name+"/one at a time", func(b *testing.B) {
			from, to := connect(b)
			frame := make([]byte, 600)
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				if err := from.Send(b.Context(), frame); err != nil {
					b.Fatal(err)
				}
				if _, err := to.Receive(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/batches", func(b *testing.B) {
			from, to := connect(b)
			batch := make([][]byte, 64)
			for i := range batch {
				batch[i] = make([]byte, 600)
			}
			b.SetBytes(600)
			go func() {
				for sent := 0; sent < b.N; sent += len(batch) {
					if _, err := from.(courier.Batcher).SendBatch(b.Context(), batch[:min(len(batch), b.N-sent)]); err != nil {
						b.Error(err)
						return
					}
				}
			}()
			for range b.N {
				if _, err := to.Receive(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func overTCP(b *testing.B) (from, to courier.Channel) {
	nkey, skey := channeltest.NewKey(b), channeltest.NewKey(b)
	l, err := tcp.Listen(tcp.ListenConfig{Address: "127.0.0.1:0", Key: nkey})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	north, err := tcp.New(tcp.Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = north.Close() })
	south, err := tcp.New(tcp.Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = south.Close() })
	channeltest.WaitUp(b, north)
	channeltest.WaitUp(b, south)
	return south, north
}

func overQUIC(b *testing.B) (from, to courier.Channel) {
	nkey, skey := channeltest.NewKey(b), channeltest.NewKey(b)
	l := listen(b, ListenConfig{Address: "127.0.0.1:0", Key: nkey})
	north := open(b, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	south := open(b, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
	channeltest.WaitUp(b, north)
	channeltest.WaitUp(b, south)
	return south, north
}
