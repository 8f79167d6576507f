package witness

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley"
)

func keeperOf(l *fakeLog, w party, url string) *Keeper {
	return NewKeeper(Config{Key: w.key, URL: url, Every: time.Hour, Log: l, Now: time.Now})
}

// once asks once, as Run does.
func once(t *testing.T, k *Keeper) State {
	t.Helper()
	k.note(k.ask(t.Context()))
	return k.State()
}

// A log that grows is cosigned from where it was; one that does not is left alone.
func TestKeeper(t *testing.T) {
	l := newLog(t)
	w, url := newReference(t, l)
	k := keeperOf(l, w.party, url)
	if s := once(t, k); s.Wrong != "" || s.Cosigned.Size != 0 || w.times() != 0 {
		t.Fatalf("an empty log was shown: %+v, %d times", s, w.times())
	}
	for i, n := range []int{1, 1, 5, 300} {
		l.grow(n)
		s := once(t, k)
		if s.Wrong != "" || s.Cosigned.Size != uint64(len(l.leaves)) || s.Cosigned.Log != l.id || s.Cosigned.At == 0 || s.Answered == 0 {
			t.Fatalf("%d: %+v", i, s)
		}
	}
	if !slices.Equal(l.sizes, []uint64{1, 2, 7, 307}) || w.times() != 4 {
		t.Errorf("kept %v, asked %d times", l.sizes, w.times())
	}
	if once(t, k); w.times() != 4 {
		t.Error("the witness was asked about what it has cosigned")
	}

	// Another run of the station knows what is durable, and asks at once.
	k = NewKeeper(Config{Key: w.key, URL: url, Every: time.Hour, Log: l, Now: time.Now, Known: k.State().Cosigned})
	if s := once(t, k); s.Wrong != "" || s.Answered == 0 || w.times() != 5 {
		t.Errorf("%+v, asked %d times", s, w.times())
	}
	// One that has lost it asks from nothing, and is told.
	k = keeperOf(l, w.party, url)
	if s := once(t, k); s.Wrong != "" || s.Cosigned.Size != 307 || w.times() != 7 {
		t.Errorf("%+v, asked %d times", s, w.times())
	}
	// So does one whose witness was restored from an older copy.
	w.size, w.root = 0, nil
	l.grow(1)
	if s := once(t, k); s.Wrong != "" || s.Cosigned.Size != 308 {
		t.Errorf("%+v", s)
	}
}

// A witness that was shown a second history refuses, and people are told; so they are
// where it was shown more than this station has signed.
func TestKeeperFork(t *testing.T) {
	l := newLog(t)
	w, url := newReference(t, l)
	l.grow(5)
	k := keeperOf(l, w.party, url)
	var told []string
	k.cfg.Tell = func(s string) { told = append(told, s) }
	once(t, k)
	good := slices.Clone(l.leaves)

	l.leaves[4] = parley.Hash{1}
	once(t, k) // nothing is asked: it was cosigned
	l.grow(2)
	s := once(t, k)
	if !s.Other || !strings.Contains(s.Wrong, "another history") || s.Cosigned.Size != 5 {
		t.Errorf("a rewritten log: %+v", s)
	}
	l.leaves = l.leaves[:5]
	if s = once(t, keeperOf(l, w.party, url)); !s.Other || !strings.Contains(s.Wrong, "another history of this log, of 5 entries") {
		t.Errorf("another root of the same size: %+v", s)
	}
	l.leaves = good[:3]
	if s = once(t, keeperOf(l, w.party, url)); !s.Other || !strings.Contains(s.Wrong, "cosigned more of this log") {
		t.Errorf("a log that is shorter than it was: %+v", s)
	}
	if s = once(t, k); !s.Other || !strings.Contains(s.Wrong, "cosigned more of this log") {
		t.Errorf("a log that became shorter: %+v", s)
	}
	l.leaves = good
	l.grow(1)
	if s = once(t, k); s.Wrong != "" || s.Other || s.Since != 0 || s.Cosigned.Size != 6 {
		t.Errorf("the true log again: %+v", s)
	}
	if len(told) != 3 || !strings.Contains(told[0], "another history") || !strings.Contains(told[1], "cosigned more") || !strings.Contains(told[2], "answers again") {
		t.Errorf("people were told %q", told)
	}
}

// A log that is renewed is another log to the witness: it is shown from nothing, once
// the operator knows it.
func TestKeeperRenewed(t *testing.T) {
	l := newLog(t)
	w, url := newReference(t, l)
	l.grow(5)
	k := keeperOf(l, w.party, url)
	once(t, k)
	l.id = parley.LogID{9}
	l.grow(1)
	s := once(t, k)
	if !strings.Contains(s.Wrong, ErrUnknown.Error()) || !strings.Contains(s.Do, "operator") || s.Other {
		t.Errorf("%+v", s)
	}
	next := newLog(t)
	next.id, next.leaves = l.id, l.leaves
	w2, url2 := newReference(t, &fakeLog{vkey: logKey(next)})
	k = keeperOf(next, w2.party, url2)
	k.state.Cosigned = Cosigned{Log: newLog(t).id, Size: 5}
	if s := once(t, k); s.Wrong != "" || s.Cosigned.Size != 6 || s.Cosigned.Log != l.id || w2.times() != 1 {
		t.Errorf("%+v, asked %d times", s, w2.times())
	}
}

// Whatever a witness does, asking ends, and says what is wrong.
func TestKeeperBadWitness(t *testing.T) {
	l := newLog(t)
	l.grow(3)
	w := newParty(t, "witness.example/w1")
	_, of := l.newest(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	var asked atomic.Int64
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		wrong string
		most  int64 // requests
	}{
		"another size each time": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", sizeType)
			rw.WriteHeader(409)
			rw.Write([]byte{'1' + byte(asked.Load()%2), '\n'})
		}, "another size each time", 3},
		"a flood": {func(rw http.ResponseWriter, _ *http.Request) {
			for rw.(http.Flusher) != nil {
				if _, err := rw.Write([]byte(w.line(t, of))); err != nil {
					return
				}
			}
		}, "more than", 1},
		"hangs up":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF", 2},
		"is silent": {func(http.ResponseWriter, *http.Request) { <-release }, "no answer", 1},
	} {
		t.Run(name, func(t *testing.T) {
			asked.Store(0)
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				c.serve(rw, r)
			}))
			t.Cleanup(server.CloseClientConnections)
			k := keeperOf(l, w, server.URL)
			if name == "is silent" {
				k.client.http.Timeout = 50 * time.Millisecond
			}
			s := once(t, k)
			k.client.http.CloseIdleConnections()
			if !strings.Contains(s.Wrong, c.wrong) || s.Other || s.Since == 0 || asked.Load() > c.most || len(l.kept) > 0 {
				t.Errorf("%+v, asked %d times", s, asked.Load())
			}
		})
	}
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	if s := once(t, keeperOf(l, w, url)); s.Wrong == "" || strings.Contains(s.Wrong, "add-checkpoint") {
		t.Errorf("%+v", s)
	}
}

// What could not be made durable is asked for again.
func TestKeeperFullDisk(t *testing.T) {
	l := newLog(t)
	l.grow(1)
	w, url := newReference(t, l)
	k := keeperOf(l, w.party, url)
	l.full = errors.New("the disk is full")
	if s := once(t, k); s.Wrong != "the disk is full" || s.Cosigned.Size != 0 {
		t.Errorf("%+v", s)
	}
	l.full = nil
	if s := once(t, k); s.Wrong != "" || s.Cosigned.Size != 1 || s.Since != 0 {
		t.Errorf("%+v", s)
	}
}

// A witness that does not answer is asked ever more rarely; one that does, at its
// rhythm, and once a day where nothing is said.
func TestKeeperRhythm(t *testing.T) {
	k := keeperOf(newLog(t), newParty(t, "w"), "http://127.0.0.1:1")
	var got []time.Duration
	for range 9 {
		got = append(got, k.rest())
		k.failed++
	}
	want := []time.Duration{time.Hour, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLog(t)
		l.grow(1)
		w := &reference{party: newParty(t, "w"), logs: verifiers(t, l)}
		k := keeperOf(l, w.party, "http://127.0.0.1:1")
		k.client.http.Transport = direct{w}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { k.Run(ctx); close(ended) }()
		synctest.Wait()
		if s := k.State(); s.Cosigned.Size != 1 || w.times() != 1 {
			t.Errorf("%+v, asked %d times", s, w.times())
		}
		before := w.times()
		time.Sleep(47 * time.Hour) // 24 h after the first answer, once
		synctest.Wait()
		if n := w.times() - before; n != 1 {
			t.Errorf("in two days without a message it was asked %d times more", n)
		}
		before = w.times()
		for range 20 {
			l.grow(1)
			time.Sleep(3 * time.Minute)
		}
		synctest.Wait()
		if n := w.times() - before; n != 1 {
			t.Errorf("in an hour of 20 messages it was asked %d times", n)
		}
		stop()
		<-ended
	})
}
