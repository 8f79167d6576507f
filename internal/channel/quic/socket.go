package quic

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

// sockets is where UDP sockets come from, and what the machine knows of its addresses.
type sockets interface {
	// listen opens the socket of a listener.
	listen(address string) (net.PacketConn, error)
	// open opens a socket to reach to; from is the address to send from, or invalid for the one that the machine chooses.
	open(from netip.Addr, to netip.AddrPort) (net.PacketConn, error)
	// resolve returns where "host:port" is.
	resolve(ctx context.Context, address string) ([]netip.AddrPort, error)
	// route returns the address that the machine would send from now.
	route(to netip.AddrPort) (netip.Addr, error)
	// others returns the machine's addresses that may reach to as well, without not.
	others(to netip.AddrPort, not netip.Addr) []netip.Addr
}

// machine is the machine's own sockets.
type machine struct{}

func (machine) listen(address string) (net.PacketConn, error) {
	quiet()
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err // it names the address
	}
	return socket{conn.(*net.UDPConn)}, nil
}

func (machine) open(from netip.Addr, to netip.AddrPort) (net.PacketConn, error) {
	quiet()
	var local *net.UDPAddr
	if from.IsValid() {
		local = net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	conn, err := net.ListenUDP(family(to), local)
	if err != nil {
		return nil, err
	}
	return socket{conn}, nil
}

// quiet keeps the library from writing to standard error when the system allows smaller buffers than 7 MB, which is
// usual, and far more than a line needs.
func quiet() {
	_ = os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true") // the worst is one line of text
}

func family(to netip.AddrPort) string {
	if to.Addr().Is4() {
		return "udp4"
	}
	return "udp6"
}

func (machine) resolve(ctx context.Context, address string) ([]netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("address %s: the port is not a number", address)
	}
	hosts, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	all := make([]netip.AddrPort, len(hosts))
	for i, h := range hosts {
		all[i] = netip.AddrPortFrom(h.Unmap(), uint16(port))
	}
	return all, nil
}

func (machine) route(to netip.AddrPort) (netip.Addr, error) {
	conn, err := net.DialUDP(family(to), nil, net.UDPAddrFromAddrPort(to)) // it sends nothing
	if err != nil {
		return netip.Addr{}, err
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}

func (machine) others(to netip.AddrPort, not netip.Addr) (all []netip.Addr) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then there is only the machine's choice
	}
	for _, addr := range addrs {
		network, ok := addr.(*net.IPNet)
		if !ok {
			continue
		}
		ip, _ := netip.AddrFromSlice(network.IP)
		ip = ip.Unmap()
		if ip.Is4() == to.Addr().Is4() && ip.IsLoopback() == to.Addr().IsLoopback() && !ip.IsLinkLocalUnicast() && ip != not {
			all = append(all, ip)
		}
	}
	return all
}

// socket is a UDP socket that takes a missing route for a lost packet: routes come back, and the connection that waits
// for that, or moves, need not be made anew.
type socket struct{ *net.UDPConn }

// WriteMsgUDP is the socket's; the library sends by it.
func (s socket) WriteMsgUDP(b, oob []byte, addr *net.UDPAddr) (n, oobn int, err error) {
	n, oobn, err = s.UDPConn.WriteMsgUDP(b, oob, addr)
	if err != nil && passes(err) {
		return len(b), len(oob), nil
	}
	return n, oobn, err
}

// passes reports whether err tells only of the network as it is now.
func passes(err error) bool {
	for _, now := range []error{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN,
		syscall.EADDRNOTAVAIL, syscall.ECONNREFUSED, syscall.ENOBUFS, syscall.EPERM,
	} {
		if errors.Is(err, now) {
			return true
		}
	}
	return false
}
