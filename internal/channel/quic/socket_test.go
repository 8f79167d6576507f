package quic

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
)

func TestMachine(t *testing.T) {
	ctx := t.Context()
	for address, want := range map[string]string{"192.0.2.7:4700": "192.0.2.7:4700", "[2001:db8::7]:4700": "[2001:db8::7]:4700", "[::ffff:192.0.2.7]:1": "192.0.2.7:1"} {
		got, err := machine{}.resolve(ctx, address)
		if err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("%s is %v, %v; want %s", address, got, err, want)
		}
	}
	for _, address := range []string{"", "192.0.2.7", "192.0.2.7:quic", "192.0.2.7:65536"} {
		if got, err := (machine{}).resolve(ctx, address); err == nil {
			t.Errorf("%q is %v", address, got)
		}
	}
	to := netip.MustParseAddrPort("127.0.0.1:4700")
	from, err := machine{}.route(to)
	if err != nil || !from.IsLoopback() {
		t.Errorf("to %v it sends from %v, %v", to, from, err)
	}
	for _, other := range (machine{}).others(to, from) {
		if other == from || !other.IsLoopback() || !other.Is4() {
			t.Errorf("%v is offered in place of %v, to %v", other, from, to)
		}
	}
}

// A route that is missing now is a lost packet; what will not pass is an error.
func TestWhatPasses(t *testing.T) {
	for err, want := range map[error]bool{
		syscall.ENETUNREACH: true, syscall.EHOSTUNREACH: true, syscall.EADDRNOTAVAIL: true,
		syscall.EMSGSIZE: false, syscall.EBADF: false, net.ErrClosed: false,
	} {
		if got := passes(&net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", err)}); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// A connection moves from one real socket to another and carries on in both directions.
func TestMovesBetweenSockets(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, ListenConfig{Address: "127.0.0.1:0", Key: nkey})
	north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	config := hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey))
	line, err := dialer{machine{}}.connect(t.Context(), netip.MustParseAddrPort(l.Addr().String()), config)
	if err != nil {
		t.Fatal(err)
	}
	defer line.close()
	defer line.Close(hop.ErrClosed)
	channeltest.WaitUp(t, north)
	before := north.Conn().(*connection).conn.RemoteAddr().String()
	for range 3 {
		line.move(netip.Addr{})
		if err := line.write(t.Context(), channeltest.Frame(600)); err != nil {
			t.Fatal(err)
		}
		channeltest.Receive(t, north)
	}
	if len(line.paths) != 4 {
		t.Errorf("%d sockets; want 4", len(line.paths))
	}
	if after := north.Conn().(*connection).conn.RemoteAddr().String(); after == before {
		t.Errorf("the listening side still sends to %s", before)
	}
}
