package quic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/courier"
)

const (
	keepAlive      = time.Second      // an idle side asks for a sign of life this often
	idleLimit      = 7 * time.Second  // after the first question without an answer; so the dead are noticed after 8 s
	handshakeIdle  = 5 * time.Second  // without a packet, within the handshake
	handshakeLimit = 10 * time.Second // for the handshake and the greeting

	// stall is how long a frame that has begun may take to go on, and how long one may wait for its turn to be sent. A
	// peer that is dead is noticed long before; this is for one that lives and takes nothing.
	stall = time.Minute

	// packetSize is the size of every full packet, in bytes of UDP payload: the least that QUIC allows, so any path that
	// QUIC can use at all carries it. Searching for a larger size is off, because the library never goes back to a
	// smaller one (v0.65.0): when the path then shrinks, keep-alives pass and frames do not, without end. A usual frame
	// of 600 bytes fits twice either way.
	packetSize = 1200

	maxStreams   = 64                   // frames under way in one direction
	streamWindow = 2 * courier.MaxFrame // bytes
	firstWindow  = 512 << 10            // bytes that may wait in all of a connection's streams, at first
	lastWindow   = 2 << 20              // and at most
)

// transport is how both sides use QUIC.
func transport() *quicgo.Config {
	return &quicgo.Config{
		Versions:                       []quicgo.Version{quicgo.Version1},
		HandshakeIdleTimeout:           handshakeIdle,
		MaxIdleTimeout:                 idleLimit,
		KeepAlivePeriod:                keepAlive,
		InitialPacketSize:              packetSize,
		DisablePathMTUDiscovery:        true,
		InitialStreamReceiveWindow:     streamWindow,
		MaxStreamReceiveWindow:         streamWindow,
		InitialConnectionReceiveWindow: firstWindow,
		MaxConnectionReceiveWindow:     lastWindow,
		MaxIncomingStreams:             -1, // none: frames go one way
		MaxIncomingUniStreams:          maxStreams,
		RequireStreamCreditRelease:     true,
	}
}

// Codes that a connection or a stream is closed with (spec/FRAME.md §6).
const (
	codeClosed  = 0 // the channel is closed, or a newer connection took its place
	codeRefused = 1 // what arrived is no frame
	codeStalled = 2 // a frame did not go on
)

// connection is one QUIC connection after its handshake and greeting.
type connection struct {
	conn   *quicgo.Conn
	remote net.Addr // where the peer was when it was made
}

func newConnection(conn *quicgo.Conn) *connection { return &connection{conn, conn.RemoteAddr()} }

// Remote is hop.Conn's.
func (c *connection) Remote() net.Addr { return c.remote }

// Gone is hop.Conn's.
func (c *connection) Gone() <-chan struct{} { return c.conn.Context().Done() }

// Close is hop.Conn's; it tells the peer in which of three ways. The text of why is ours.
func (c *connection) Close(why error) {
	code := quicgo.ApplicationErrorCode(codeClosed)
	var late interface{ Timeout() bool }
	switch {
	case errors.Is(why, courier.ErrRefused):
		code = codeRefused
	case errors.As(why, &late) && late.Timeout():
		code = codeStalled
	}
	_ = c.conn.CloseWithError(code, "") // its error is always nil
}

// Serve is hop.Conn's. Each stream is read by itself: a frame with a lost packet must not hold up those behind it. The
// peer's streams bound how many are read at the same time.
func (c *connection) Serve(pass func(frame []byte, err error)) {
	var streams sync.WaitGroup
	defer streams.Wait()
	for {
		stream, err := c.conn.AcceptUniStream(context.Background()) // it ends with the connection
		if err != nil {
			pass(nil, err)
			return
		}
		streams.Go(func() {
			defer stream.ReleaseStreamCredit() // only now may the peer open another in its place
			frame, err := readFrame(stream)
			if !isReset(err) { // then the peer took the frame back
				pass(frame, err)
			}
		})
	}
}

// Write is hop.Conn's: packets carry as many frames as fit. The end of ctx costs the frame under way, and no more.
func (c *connection) Write(ctx context.Context, frames [][]byte) (sent int, err error) {
	for _, frame := range frames {
		if err := c.write(ctx, frame); err != nil {
			return sent, cmp.Or(context.Cause(ctx), err)
		}
		sent++
	}
	return sent, nil
}

// write writes frame to a stream of its own. It waits while too many are under way, and while more than a packet's worth
// of the frame waits to be sent.
func (c *connection) write(ctx context.Context, frame []byte) error {
	stream, err := c.open(ctx)
	if err != nil {
		return err
	}
	if err := stream.SetWriteDeadline(time.Now().Add(stall)); err != nil {
		return err
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { stream.CancelWrite(codeClosed) })
		defer stop()
	}
	if _, err := stream.Write(frame); err != nil {
		stream.CancelWrite(codeStalled)
		return fmt.Errorf("write: %w", err)
	}
	return stream.Close()
}

// open opens the next stream, and waits for that only when the peer holds us back.
func (c *connection) open(ctx context.Context) (*quicgo.SendStream, error) {
	stream, err := c.conn.OpenUniStream()
	if _, full := errors.AsType[*quicgo.StreamLimitReachedError](err); !full {
		return stream, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, stall, errStalled)
	defer cancel()
	if stream, err = c.conn.OpenUniStreamSync(ctx); err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return stream, err
}
