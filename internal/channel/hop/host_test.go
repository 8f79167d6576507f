package hop

import (
	"net"
	"testing"
)

func TestHost(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7":                "192.0.2.7/32",
		"::ffff:192.0.2.7":         "192.0.2.7/32",
		"2001:db8:1:2:3:4:5:6":     "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:4:5:61": "2001:db8:1:2::/64",
	} {
		if got := Host(&net.UDPAddr{IP: net.ParseIP(addr)}).String(); got != want {
			t.Errorf("host of %s is %s; want %s", addr, got, want)
		}
	}
}
