package station

import (
	"slices"
	"testing"

	"parley/internal/channel/pipe"
	"parley/internal/courier"
)

// What a turn leaves comes next, in its order, and is settled when it was taken
// wholly.
func TestWhatIsLeftComesNext(t *testing.T) {
	one, _ := pipe.New("one")
	two, _ := pipe.New("two")
	b := newInbox([]Route{{Channel: one}, {Channel: two}})
	put := func(channel string, size int) {
		in := frameInput{Inbound: courier.Inbound{Channel: channel, Frame: make([]byte, size)}}
		lane, count := b.of(in)
		if count != nil {
			count.Add(1)
		}
		lane <- in
	}
	take := func() (tn *turn, sizes []int) {
		tn = &turn{}
		b.take(tn)
		for _, f := range tn.frames {
			sizes = append(sizes, len(f.Frame))
		}
		return tn, sizes
	}
	put("one", turnBytes)
	put("one", 11)
	put("one", 12)
	put("two", 21)
	first, sizes := take()
	if !slices.Equal(sizes, []int{21, turnBytes}) || !first.pressed {
		t.Errorf("a turn takes frames of %v, pressed %v; want the short one first, which presses", sizes, first.pressed)
	}
	left := first.frames[1]
	left.taken = 8
	b.back([]frameInput{left})
	if got := b.waiting(); got != 3 {
		t.Errorf("%d frames wait, want the one that was left and two", got)
	}
	if b.presses(first) {
		t.Error("short frames behind a long one press, and cannot come before it")
	}
	put("two", 22)
	if !b.presses(&turn{frames: first.frames[1:]}) {
		t.Error("a short frame of another channel does not press")
	}
	again, sizes := take()
	if !slices.Equal(sizes, []int{22, turnBytes}) || again.frames[1].taken != 8 {
		t.Errorf("the next turn takes frames of %v", sizes)
	}
	if _, sizes = take(); !slices.Equal(sizes, []int{11, 12}) {
		t.Errorf("the last turn takes frames of %v", sizes)
	}
	if b.presses(&turn{}) || b.waiting() != 0 {
		t.Error("nothing waits, and presses")
	}
}
