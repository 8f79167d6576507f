package quic

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// A peer that breaks the format loses its connection, which is told of, and nothing else.
func TestHostilePeer(t *testing.T) {
	write := func(b []byte) func(*testing.T, *quicgo.Conn) {
		return func(t *testing.T, conn *quicgo.Conn) {
			stream, err := conn.OpenUniStream()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = stream.Write(b) // refused amid it, perhaps
			_ = stream.Close()
		}
	}
	for _, test := range []struct {
		name    string
		act     func(*testing.T, *quicgo.Conn)
		refused bool // told of as a refused frame
		code    quicgo.ApplicationErrorCode
	}{
		{"empty stream", write(nil), true, codeRefused},
		{"one byte too many", write(make([]byte, courier.MaxFrame+1)), true, codeRefused},
		{"far too many", write(make([]byte, 8<<20)), true, codeRefused},
		{"a stream that stands still", func(t *testing.T, conn *quicgo.Conn) {
			stream, err := conn.OpenUniStream()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Write([]byte("half")); err != nil {
				t.Fatal(err)
			}
		}, false, codeStalled},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir()
				nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
				l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
				north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
				conn, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
				if err != nil {
					t.Fatal(err)
				}
				test.act(t, conn)
				if test.refused {
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					if _, err := north.Receive(ctx); !errors.Is(err, courier.ErrRefused) {
						t.Errorf("receive: %v; want ErrRefused", err)
					}
				}
				<-conn.Context().Done()
				closed, ok := errors.AsType[*quicgo.ApplicationError](context.Cause(conn.Context()))
				if !ok || closed.ErrorCode != test.code {
					t.Errorf("closed by %v; want the error %d", context.Cause(conn.Context()), test.code)
				}
				south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{airAddress}, sockets: a})
				channeltest.WaitUp(t, south)
				channeltest.Carry(t, south, north, 600)
			})
		})
	}
}

// What a peer may not open it cannot, and what it takes back is no frame.
func TestPeerIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir()
		nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
		l := listen(t, ListenConfig{Address: airAddress, Key: nkey, sockets: a})
		north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
		conn, err := dialRaw(t, a, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.OpenStream(); err == nil {
			t.Error("a bidirectional stream was allowed")
		}
		if err := conn.SendDatagram([]byte("x")); err == nil {
			t.Error("a datagram was allowed")
		}
		taken, err := conn.OpenUniStream()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := taken.Write([]byte("half")); err != nil {
			t.Fatal(err)
		}
		taken.CancelWrite(codeClosed)
		// Nobody receives: the inbox takes some, as many as may be open wait, and then the peer has to.
		var sent int
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			stream, err := conn.OpenUniStreamSync(ctx)
			cancel()
			if err != nil {
				break
			}
			if _, err := stream.Write([]byte("frame")); err != nil {
				t.Fatal(err)
			}
			_ = stream.Close()
			sent++
		}
		if sent != hop.InboxFrames+maxStreams {
			t.Errorf("%d frames were taken; want %d", sent, hop.InboxFrames+maxStreams)
		}
		for range sent {
			if got := channeltest.Receive(t, north); string(got) != "frame" {
				t.Errorf("received %q", got)
			}
		}
	})
}

// FuzzFrame reads any stream: what is taken is what came, and what is not is refused.
func FuzzFrame(f *testing.F) {
	for _, size := range []int{0, 1, firstRead, firstRead + 1, courier.MaxFrame, courier.MaxFrame + 1} {
		f.Add(make([]byte, size))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := readFrame(memory{bytes.NewReader(slices.Clone(b))})
		if err != nil {
			if !errors.Is(err, courier.ErrRefused) || courier.CheckFrame(b) == nil {
				t.Errorf("%d bytes: %v", len(b), err)
			}
			return
		}
		if !bytes.Equal(frame, b) {
			t.Errorf("%d bytes became %d", len(b), len(frame))
		}
	})
}
