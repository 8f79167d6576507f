package quic

import (
	"context"
	"net/netip"
	"sync"
	"time"

	quicgo "github.com/quic-go/quic-go"
)

const (
	look       = 500 * time.Millisecond // how often a line looks at its path
	silence    = 3 * time.Second        // without a packet, three keep-alives long, it tries other paths
	probeLimit = 3 * time.Second        // for another path to answer
	maxOthers  = 2                      // of the machine's other addresses tried at once: the peer gives us few connection IDs
	maxPaths   = 12                     // in the life of a connection: each that was left costs a socket
)

// line is the dialling side's connection and the sockets it has used. A socket that was left stays open until the
// connection ends: in the library, closing it would end the connection.
type line struct {
	*connection
	sockets sockets
	to      netip.AddrPort
	from    netip.Addr // what the machine sent from when the path was chosen
	paths   []*quicgo.Transport
}

// Serve is hop.Conn's, and looks after the path meanwhile.
func (l *line) Serve(pass func(frame []byte, err error)) {
	var kept sync.WaitGroup
	kept.Go(l.keep)
	l.connection.Serve(pass)
	kept.Wait()
	l.close()
}

// open makes a path from an address of ours, or from the one that the machine chooses.
func (l *line) open(from netip.Addr) (*quicgo.Transport, error) {
	conn, err := l.sockets.open(from, l.to)
	if err != nil {
		return nil, err
	}
	p := &quicgo.Transport{Conn: conn}
	l.paths = append(l.paths, p)
	return p, nil
}

// close closes all sockets. The connection has ended, or ends without a word.
func (l *line) close() {
	for _, p := range l.paths {
		_, _ = p.Close(), p.Conn.Close() // nobody waits for what they might tell
	}
}

// keep looks after the line until its connection is gone. It moves when the machine would send from another address,
// and when nothing is heard: a gateway may have forgotten us, or one interface be dead while another would do.
func (l *line) keep() {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	heard, at := l.conn.ConnectionStats().PacketsReceived, time.Now()
	for {
		select {
		case <-l.Gone():
			return
		case <-ticker.C:
		}
		if now := l.conn.ConnectionStats().PacketsReceived; now != heard {
			heard, at = now, time.Now()
		}
		from, err := l.sockets.route(l.to)
		switch {
		case err == nil && from != l.from:
			l.from = from
			l.move(netip.Addr{})
		case time.Since(at) >= silence:
			others := l.sockets.others(l.to, l.from)
			l.move(append([]netip.Addr{{}}, others[:min(len(others), maxOthers)]...)...)
		}
	}
}

// move tries new paths, one from each address, all at once, and takes the first that answers. When none does the line
// stays where it is.
func (l *line) move(addresses ...netip.Addr) {
	if len(l.paths)+len(addresses) > maxPaths {
		return // the line stays where it is, and is given up when that is dead
	}
	ctx, cancel := context.WithTimeout(l.conn.Context(), probeLimit)
	defer cancel()
	var tries []*quicgo.Path
	for _, from := range addresses {
		p, err := l.open(from)
		if err != nil {
			continue // such as an address that has just gone
		}
		if try, err := l.conn.AddPath(p); err == nil {
			tries = append(tries, try)
		}
	}
	answered := make(chan *quicgo.Path, len(tries))
	var probes sync.WaitGroup
	for _, try := range tries {
		probes.Go(func() {
			if try.Probe(ctx) == nil {
				answered <- try
			}
		})
	}
	go func() {
		probes.Wait()
		close(answered)
	}()
	taken := <-answered
	cancel()
	probes.Wait()
	if taken != nil && taken.Switch() != nil {
		taken = nil // the connection has ended
	}
	for _, try := range tries {
		if try != taken {
			_ = try.Close() // it gives its connection ID back; that fails only for a path in use
		}
	}
}
