package cable

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"
)

// count draws n datagrams of 100 bytes under a weather.
func count(seed uint64, n int, w Weather) (lost, twice, altered, late int) {
	s := newSky(seed, Out)
	s.set(w)
	now := time.Unix(0, 0)
	for range n {
		b := make([]byte, 100)
		at := s.datagram(now, b)
		switch {
		case len(at) == 0:
			lost++
			continue
		case len(at) == 2:
			twice++
		}
		if !bytes.Equal(b, make([]byte, 100)) {
			altered++
		}
		if at[0].Sub(now) > w.Delay+w.Jitter {
			late++
		}
	}
	return lost, twice, altered, late
}

// TestWeather counts what a fixed seed draws: near what was asked for.
func TestWeather(t *testing.T) {
	const n = 10_000
	near := func(what string, got, want int) {
		t.Helper()
		if got < want*8/10 || got > want*12/10 {
			t.Errorf("%s: %d of %d, want about %d", what, got, n, want)
		}
	}
	lost, twice, altered, late := count(1, n, Weather{
		Delay: time.Millisecond, Jitter: time.Millisecond, Loss: .05, Duplicate: .04, Corrupt: .03, Reorder: .02,
	})
	near("lost", lost, 500)
	near("twice", twice, 380)
	near("altered", altered, 285)
	near("late", late, 190)
	lost, _, _, _ = count(2, n, Weather{Burst: .01, Calm: .2})
	near("lost in bursts", lost, n/21) // 0.01 / (0.01 + 0.2)
	if lost, twice, altered, late = count(3, n, Weather{}); lost+twice+altered+late != 0 {
		t.Error("fair weather is not fair")
	}
	if lost, _, _, _ = count(3, 10, Weather{MTU: 99}); lost != 10 {
		t.Error("a datagram above the MTU arrives")
	}
}

// TestSeed: equal seeds draw equal weather, others do not.
func TestSeed(t *testing.T) {
	draw := func(seed uint64) (all []time.Duration) {
		s := newSky(seed, Back)
		s.set(Weather{Jitter: time.Second})
		for range 20 {
			at, _ := s.stream(time.Unix(0, 0), []byte{0})
			all = append(all, at.Sub(time.Unix(0, 0)))
		}
		return all
	}
	if !slices.Equal(draw(7), draw(7)) || slices.Equal(draw(7), draw(8)) {
		t.Error("the weather does not follow the seed")
	}
}

// TestStreamSuffers: a stream loses no byte of what it carries on, and is
// broken off when nothing gets through.
func TestStreamSuffers(t *testing.T) {
	s := newSky(1, Out)
	now := time.Unix(0, 0)
	s.set(Weather{Loss: 1})
	if _, ok := s.stream(now, []byte{0}); ok {
		t.Error("a stream of which every packet is lost goes on")
	}
	s.set(Weather{Rate: 8000})
	for i := range 3 {
		if at, _ := s.stream(now, make([]byte, 500)); at.Sub(now) != time.Duration(i+1)*500*time.Millisecond {
			t.Errorf("500 bytes at 1000 bytes a second: the %d. arrives after %v", i+1, at.Sub(now))
		}
	}
	s.set(Weather{Corrupt: 1})
	b := make([]byte, 100)
	if _, ok := s.stream(now, b); !ok || bytes.Equal(b, make([]byte, 100)) {
		t.Error("nothing is altered")
	}
}

// TestOneWay: while one way is cut the other carries, and what was sent into
// the cut arrives when it is mended.
func TestOneWay(t *testing.T) {
	c, err := NewSeeded(echo(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	conn := dial(t, c)
	round := func(b byte) {
		t.Helper()
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 1)
		if _, err := io.ReadFull(conn, got); err != nil || got[0] != b {
			t.Fatalf("%d came back as %d, %v", b, got[0], err)
		}
	}
	round(1)
	c.CutWay(Back, true)
	if _, err := conn.Write([]byte{2}); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%d bytes through a way that is cut, %v", n, err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.CutWay(Back, false)
	got := make([]byte, 1)
	if _, err := io.ReadFull(conn, got); err != nil || got[0] != 2 {
		t.Fatalf("what was held is %d, %v", got[0], err)
	}
	round(3)
}

// TestAir sends datagrams to and fro, until each of those that speak has its
// own back.
func TestAir(t *testing.T) {
	behind, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	go func() {
		for b := make([]byte, 2000); ; {
			n, from, err := behind.ReadFrom(b)
			if err != nil {
				return
			}
			behind.WriteTo(b[:n], from)
		}
	}()
	a, err := NewAir(behind.LocalAddr().String(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.SetWeather(Out, Weather{Delay: time.Millisecond, Jitter: time.Millisecond, Loss: .3, Duplicate: .3, Reorder: .3})
	a.SetWeather(Back, Weather{Loss: .3, MTU: 1000})
	for speaker := range byte(2) {
		conn, err := net.Dial("udp", a.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		want := bytes.Repeat([]byte{speaker}, 1000)
		for try := 0; ; try++ {
			if try == 1000 {
				t.Fatal("a thousand datagrams were lost")
			}
			if _, err := conn.Write(want); err != nil {
				t.Fatal(err)
			}
			if err := conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 2000)
			n, err := conn.Read(got)
			if err == nil {
				if !bytes.Equal(got[:n], want) {
					t.Fatalf("%d bytes came back, altered or of another", n)
				}
				break
			}
		}
	}
	before := a.Carried()
	a.Cut(true)
	if !a.IsCut() || before == 0 {
		t.Errorf("cut: %v; %d bytes carried", a.IsCut(), before)
	}
}
