package tcp

import (
	"bytes"
	"strings"
	"testing"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
)

// A thief of south's hop key is let in where south is, in south's place, and can
// bring frames, noise and silence. He cannot stand in north's place, and when
// his connection ends south has its own again.
func TestStolenHopKey(t *testing.T) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, nkey, nil)
	north := open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	thief := dialRaw(t, l, hop.Client(protocol, channeltest.Certificate(t, skey), channeltest.Public(nkey)))
	if err := readGreeting(thief); err != nil {
		t.Fatal(err)
	}
	foreign := channeltest.Frame(700)
	if _, err := thief.Write(appendFrame(nil, foreign)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(channeltest.Receive(t, north), foreign) {
		t.Error("the thief's frame was altered, and it is for the station to refuse it")
	}

	// South's own connection is the newer one, and replaces his.
	south := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{l.Addr().String()}})
	channeltest.WaitUp(t, south)
	if _, err := thief.Read(make([]byte, 1)); err == nil {
		t.Error("the thief's connection still carries")
	}
	frame := channeltest.Frame(600)
	if err := south.Send(t.Context(), frame); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(channeltest.Receive(t, north), frame) {
		t.Error("south's frame was altered")
	}

	// As north he is nobody: south dials, and believes north's key alone.
	impostor := listen(t, skey, nil)
	misled := open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{impostor.Addr().String()}})
	channeltest.WaitFor(t, misled, "the refusal of the impostor", func(down error) bool {
		if down == nil {
			t.Fatal("the thief was taken for north")
		}
		return strings.Contains(down.Error(), hop.ErrPeer.Error())
	})
}
