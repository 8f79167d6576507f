package hop

import (
	"context"
	"net"
)

// Conn is one connection with the peer, after its handshake and greeting: what differs from one kind of channel to the
// next. Its methods may be called at the same time from several goroutines.
type Conn interface {
	// Write writes frames, each of a size that a frame may have, and returns how many it handed over. An error costs the
	// connection, unless it is the cause for which ctx ended.
	Write(ctx context.Context, frames [][]byte) (sent int, err error)

	// Serve calls pass with what arrives, until the connection is gone. It is called once. An error costs the connection:
	// one that wraps courier.ErrRefused is told to whoever receives, and all are told as why the channel is down.
	// While pass waits for room, so does Serve.
	Serve(pass func(frame []byte, err error))

	// Close ends the connection without waiting; why, which is not nil, may be told to the peer. Only the first counts.
	Close(why error)

	// Gone is closed when the connection has ended.
	Gone() <-chan struct{}

	// Remote is where the peer was when the connection was made.
	Remote() net.Addr
}
