package tcp

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// Options of tcp(7), the same on every architecture, that package syscall does not name.
const (
	tcpUserTimeout  = 18
	tcpNotsentLowat = 25
)

const (
	deadAfter = 10 * time.Second // how long the peer's machine may leave what we sent without an answer
	unsent    = 8 << 10          // how much, in bytes, may wait in the kernel: an urgent frame waits behind all of it
)

// tune sets what package net has no name for. Nagle's delay is off in Go already.
func tune(conn net.Conn) error {
	raw, ok := conn.(syscall.Conn)
	if !ok {
		return nil // not a socket
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return err
	}
	var timeout, lowat error
	err = control.Control(func(fd uintptr) {
		timeout = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(deadAfter.Milliseconds()))
		lowat = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotsentLowat, unsent)
	})
	return errors.Join(err, os.NewSyscallError("setsockopt TCP_USER_TIMEOUT", timeout), os.NewSyscallError("setsockopt TCP_NOTSENT_LOWAT", lowat))
}
