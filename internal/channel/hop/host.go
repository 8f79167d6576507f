package hop

import (
	"net"
	"net/netip"
)

// Host is the network that one host can take all addresses of: itself, or in IPv6 its /64. It is the zero prefix for an
// address that is neither TCP nor UDP. Places for those who have not proved a key are counted by it.
func Host(addr net.Addr) netip.Prefix {
	var port netip.AddrPort
	switch addr := addr.(type) {
	case *net.TCPAddr:
		port = addr.AddrPort()
	case *net.UDPAddr:
		port = addr.AddrPort()
	default:
		return netip.Prefix{}
	}
	ip := port.Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	host, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return host
}
