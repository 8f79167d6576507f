package cable

import (
	"container/heap"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Air is a stretch of a route of UDP datagrams, as a Cable is of tcp. It keeps
// apart who speaks to it by their addresses, and each has an address of its own
// behind it, as behind a router that translates addresses.
//
// While it is cut, what is sent into it vanishes, and so does what was on its
// way. Its methods may be called from any goroutine.
type Air struct {
	front *net.UDPConn
	to    *net.UDPAddr
	ways  [2]*sky
	done  chan struct{}

	mu      sync.Mutex // guards what follows
	cut     bool
	closed  bool
	passing map[netip.AddrPort]*passage
	wg      sync.WaitGroup

	carried atomic.Uint64
}

// passage is one who speaks into the air, and what answers there.
type passage struct {
	behind *net.UDPConn
	ways   [2]*flight
}

// NewAir listens on a free port of the loopback and hands on datagrams to
// address to. Equal seeds draw equal weather for equal traffic.
func NewAir(to string, seed uint64) (*Air, error) {
	target, err := net.ResolveUDPAddr("udp", to)
	if err != nil {
		return nil, err
	}
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	a := &Air{
		front: front, to: target, ways: [2]*sky{newSky(seed, Out), newSky(seed, Back)},
		done: make(chan struct{}), passing: map[netip.AddrPort]*passage{},
	}
	a.wg.Go(a.accept)
	return a, nil
}

// Address is where datagrams are sent to.
func (a *Air) Address() string { return a.front.LocalAddr().String() }

// Carried returns how many bytes arrived, both ways together.
func (a *Air) Carried() uint64 { return a.carried.Load() }

// SetWeather sets the weather of one way from now on.
func (a *Air) SetWeather(w Way, to Weather) { a.ways[w].set(to) }

// CutWay cuts one way, or mends it: what travels it meanwhile is lost.
func (a *Air) CutWay(w Way, cut bool) { a.ways[w].cut(cut) }

// Cut cuts both ways, or mends what Cut cut.
func (a *Air) Cut(cut bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cut = cut
}

// IsCut reports whether Cut cut it.
func (a *Air) IsCut() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cut
}

// Close ends the air and waits until nothing of it runs any more.
func (a *Air) Close() error {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return nil
	}
	a.closed = true
	close(a.done)
	err := a.front.Close()
	for _, p := range a.passing {
		err = errors.Join(err, p.behind.Close())
	}
	a.mu.Unlock()
	a.wg.Wait()
	return err
}

// largest is the largest UDP datagram.
const largest = 65507

func (a *Air) accept() {
	b := make([]byte, largest)
	for {
		n, from, err := a.front.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an answer could not be delivered: nobody is there now
		}
		if p := a.passage(from); p != nil {
			p.ways[Out].send(b[:n])
		}
	}
}

// passage returns the way through for from; nil: the air is cut or closed, or
// the machine has no socket left.
func (a *Air) passage(from netip.AddrPort) *passage {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cut || a.closed {
		return nil
	}
	if p := a.passing[from]; p != nil {
		return p
	}
	behind, err := net.DialUDP("udp", nil, a.to)
	if err != nil {
		return nil // a datagram may be lost
	}
	p := &passage{behind: behind}
	p.ways[Out] = a.newFlight(Out, func(b []byte) error { _, err := behind.Write(b); return err })
	p.ways[Back] = a.newFlight(Back, func(b []byte) error { _, err := a.front.WriteToUDPAddrPort(b, from); return err })
	a.passing[from] = p
	a.wg.Go(func() {
		b := make([]byte, largest)
		for {
			n, err := behind.Read(b)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				p.ways[Back].send(b[:n])
			}
		}
	})
	return p
}

// flight is what is on its way in one direction of a passage.
type flight struct {
	air     *Air
	sky     *sky
	deliver func([]byte) error
	woken   chan struct{}

	mu    sync.Mutex // guards queue
	queue arrivals
}

func (a *Air) newFlight(w Way, deliver func([]byte) error) *flight {
	f := &flight{air: a, sky: a.ways[w], deliver: deliver, woken: make(chan struct{}, 1)}
	a.wg.Go(f.fly)
	return f
}

// send lets a datagram go; b is the caller's again when send returns.
func (f *flight) send(b []byte) {
	b = append([]byte(nil), b...)
	at := f.sky.datagram(time.Now(), b)
	f.mu.Lock()
	for _, t := range at {
		f.queue.next++
		heap.Push(&f.queue, arrival{b, t, f.queue.next})
	}
	f.mu.Unlock()
	select {
	case f.woken <- struct{}{}:
	default:
	}
}

// fly delivers what is due, in the order in which it is.
func (f *flight) fly() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-f.woken:
		case <-timer.C:
		case <-f.air.done:
			return
		}
		for b, wait := f.due(time.Now()); ; b, wait = f.due(time.Now()) {
			if b == nil {
				timer.Reset(wait)
				break
			}
			// What cannot be delivered is lost, as datagrams are.
			if !f.air.IsCut() && f.sky.closed() == nil && f.deliver(b) == nil {
				f.air.carried.Add(uint64(len(b)))
			}
		}
	}
}

// due takes the next datagram that has arrived, or says how long there is none.
func (f *flight) due(now time.Time) ([]byte, time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue.all) == 0 {
		return nil, time.Hour
	}
	if wait := f.queue.all[0].at.Sub(now); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&f.queue).(arrival).bytes, 0
}

// arrival is a datagram on its way; number keeps the order of those due at once.
type arrival struct {
	bytes  []byte
	at     time.Time
	number uint64
}

// arrivals is a heap.Interface, the next one due first.
type arrivals struct {
	all  []arrival
	next uint64
}

func (a *arrivals) Len() int { return len(a.all) }
func (a *arrivals) Less(i, j int) bool {
	if a.all[i].at.Equal(a.all[j].at) {
		return a.all[i].number < a.all[j].number
	}
	return a.all[i].at.Before(a.all[j].at)
}
func (a *arrivals) Swap(i, j int) { a.all[i], a.all[j] = a.all[j], a.all[i] }
func (a *arrivals) Push(x any)    { a.all = append(a.all, x.(arrival)) }
func (a *arrivals) Pop() any {
	n := len(a.all) - 1
	x := a.all[n]
	a.all = a.all[:n]
	return x
}
