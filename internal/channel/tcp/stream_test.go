package tcp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"testing"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// What parses as frames is what those frames are written as, and everything that does not is an error.
func FuzzStream(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9})
	f.Add([]byte{0, 0, 0, 3, 1})
	f.Add([]byte{0, 1, 0, 1, 1})
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		var again []byte
		for {
			frame, err := readFrame(r)
			if err == nil {
				if err := courier.CheckFrame(frame); err != nil {
					t.Fatal(err)
				}
				again = appendFrame(again, frame)
				continue
			}
			if !bytes.HasPrefix(stream, again) {
				t.Fatalf("%x parses as what is written as %x", stream, again)
			}
			switch rest := stream[len(again):]; {
			case len(rest) == 0 && err == io.EOF:
			case len(rest) > 0 && (err == io.ErrUnexpectedEOF || errors.Is(err, courier.ErrRefused)):
			default:
				t.Fatalf("%d bytes left: %v", len(rest), err)
			}
			return
		}
	})
}

// BenchmarkFrames sends frames of 600 bytes over the loopback.
func BenchmarkFrames(b *testing.B) {
	for _, bench := range []struct {
		name  string
		batch int
	}{{"one", 1}, {"batch", 64}} {
		b.Run(bench.name, func(b *testing.B) {
			north, south := connect(b)
			frames := make([][]byte, bench.batch)
			for i := range frames {
				frames[i] = make([]byte, 600)
			}
			b.SetBytes(600)
			b.ReportAllocs()
			b.ResetTimer()
			go func() {
				for sent := 0; sent < b.N; {
					n, err := south.SendBatch(context.Background(), frames[:min(len(frames), b.N-sent)])
					if err != nil {
						b.Error(err)
						_ = north.Close()
						return
					}
					sent += n
				}
			}()
			for range b.N {
				if _, err := north.Receive(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}

// BenchmarkRoundTrip is one frame there and one back.
func BenchmarkRoundTrip(b *testing.B) {
	north, south := connect(b)
	ctx := context.Background()
	frame := make([]byte, 600)
	for b.Loop() {
		if err := south.Send(ctx, frame); err != nil {
			b.Fatal(err)
		}
		if err := north.Send(ctx, channeltest.Receive(b, north)); err != nil {
			b.Fatal(err)
		}
		channeltest.Receive(b, south)
	}
}

// BenchmarkCourier sends frames of 600 bytes from courier to courier.
func BenchmarkCourier(b *testing.B) {
	north, south := connect(b)
	run := func(c *hop.Channel, deliver func(courier.Inbound)) *courier.Courier {
		k := courier.New(courier.Config{Channels: []courier.Leg{{Channel: c, Class: courier.Fast}}, Deliver: deliver})
		go func() { _ = k.Run(b.Context()) }()
		return k
	}
	delivered := make(chan struct{}, 1024)
	run(north, func(courier.Inbound) { delivered <- struct{}{} })
	sender := run(south, func(courier.Inbound) {})
	frame := make([]byte, 600)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for sent := 0; sent < b.N; {
			if sender.Send("north", 3, frame) {
				sent++
			} else {
				runtime.Gosched() // the queue is full
			}
		}
	}()
	for range b.N {
		<-delivered
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}
