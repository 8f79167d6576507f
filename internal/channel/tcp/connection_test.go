package tcp

import (
	"bufio"
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// A line may be idle for as long as it likes, but what has begun must go on.
func TestIdleAndStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		p := &paced{conn: here}
		c := &connection{reader: bufio.NewReader(p), paced: p}
		write := func(s string) {
			if _, err := there.Write([]byte(s)); err != nil {
				t.Error(err)
			}
		}
		go func() {
			time.Sleep(24 * time.Hour)
			write("\x00\x00\x00\x06sl")
			time.Sleep(stall - time.Second)
			write("ow")
			time.Sleep(stall - time.Second)
			write("ly")
			time.Sleep(24 * time.Hour)
			write("\x00\x00\x00\x05half")
		}()
		frame, err := c.read()
		if err != nil || string(frame) != "slowly" {
			t.Fatalf("received %q, %v", frame, err)
		}
		began := time.Now()
		if _, err := c.read(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("half a frame: %v; want a timeout", err)
		}
		if took := time.Since(began); took != 24*time.Hour+stall {
			t.Errorf("it took %v", took)
		}
	})
}

// Who says nothing is given the time of a handshake.
func TestSilentHandshakeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, _ := net.Pipe()
		began := time.Now()
		err := ready(here, func() error { return readGreeting(here) })
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != handshakeLimit {
			t.Errorf("after %v: %v; want a timeout after %v", time.Since(began), err, handshakeLimit)
		}
	})
}
