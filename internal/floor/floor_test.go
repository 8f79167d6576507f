package floor

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parley/internal/channel/pipe"
)

// Every message is confirmed, and stands on both disks with its proof.
func TestConfirm(t *testing.T) {
	dir := t.TempDir()
	a, b := pipe.New("floor")
	f, err := New(dir, a, b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			if err := f.Confirm(bytes.Repeat([]byte{byte(i)}, 300)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sent", "received"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() < 300*364 {
			t.Errorf("%s: %v, %v", name, info.Size(), err)
		}
	}
	if f.Confirm(nil) == nil {
		t.Error("a floor that has stopped confirms")
	}
}

func TestAlteredFrameIsNotOpened(t *testing.T) {
	a, b := pipe.New("floor")
	f, err := New(t.TempDir(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.seal([]byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.open(frame); err != nil || string(got) != "text" {
		t.Fatalf("%q, %v", got, err)
	}
	frame[17] ^= 1
	if _, err := f.open(frame); err == nil {
		t.Error("an altered frame was opened")
	}
}

// A channel that comes up late is waited for.
func TestChannelThatIsNotUpYet(t *testing.T) {
	a, b := pipe.New("floor")
	a.Cut()
	f, err := New(t.TempDir(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	confirmed := make(chan error, 1)
	go func() { confirmed <- f.Confirm([]byte("late")) }()
	a.Restore()
	if err := <-confirmed; err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
