package tcp

import (
	"net"
	"syscall"
	"testing"

	"parley/internal/channel/hop"
)

// Both sides leave it to the kernel to notice a dead peer.
func TestTuned(t *testing.T) {
	north, south := connect(t)
	for _, end := range []*hop.Channel{north, south} {
		conn, ok := end.Conn().(*connection).stream.NetConn().(*net.TCPConn)
		if !ok {
			t.Fatal("no TCP connection")
		}
		raw, err := conn.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		for _, option := range []struct {
			name             string
			level, id, value int
		}{
			{"TCP_NODELAY", syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1},
			{"SO_KEEPALIVE", syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
			{"TCP_KEEPIDLE", syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 5},
			{"TCP_USER_TIMEOUT", syscall.IPPROTO_TCP, tcpUserTimeout, 10_000},
			{"TCP_NOTSENT_LOWAT", syscall.IPPROTO_TCP, tcpNotsentLowat, unsent},
		} {
			var got int
			var failed error
			if err := raw.Control(func(fd uintptr) { got, failed = syscall.GetsockoptInt(int(fd), option.level, option.id) }); err != nil {
				t.Fatal(err)
			}
			if failed != nil || got != option.value {
				t.Errorf("%s: %s is %d, %v; want %d", end.Name(), option.name, got, failed, option.value)
			}
		}
	}
}
