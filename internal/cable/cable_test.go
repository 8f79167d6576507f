package cable

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// echo answers every byte with itself, until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestCable(t *testing.T) {
	for name, delay := range map[string]time.Duration{"fast": 0, "slow": 20 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			c, err := New(echo(t), delay)
			if err != nil {
				t.Fatal(err)
			}
			conn := dial(t, c)
			begun := time.Now()
			want := bytes.Repeat([]byte("ab"), 100_000)
			go conn.Write(want)
			got := make([]byte, len(want))
			if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("bytes came back altered, or not: %v", err)
			}
			if took := time.Since(begun); took < 2*delay {
				t.Errorf("there and back took %v, less than twice %v", took, delay)
			}
			c.Cut(true)
			if _, err := conn.Read(got); err == nil {
				t.Error("a cut cable carries on")
			}
			if c, err := net.Dial("tcp", c.Address()); err == nil {
				if _, err := c.Read(got); err == nil {
					t.Error("a cut cable answers")
				}
				c.Close()
			}
			c.Cut(false)
			conn = dial(t, c)
			conn.Write([]byte("x"))
			if _, err := io.ReadFull(conn, got[:1]); err != nil {
				t.Errorf("a mended cable: %v", err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if n := c.Carried(); n < 2*uint64(len(want)) {
				t.Errorf("carried %d bytes, want at least %d", n, 2*len(want))
			}
		})
	}
}

func dial(t *testing.T, c *Cable) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", c.Address())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
