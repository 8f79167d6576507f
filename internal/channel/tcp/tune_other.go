//go:build !linux

package tcp

import "net"

// tune has nothing to set: this system's own defaults decide when a busy peer is dead.
func tune(net.Conn) error { return nil }
