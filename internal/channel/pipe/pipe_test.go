package pipe_test

import (
	"testing"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/pipe"
	"parley/internal/courier"
)

func TestConformance(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		north, south := pipe.New("pipe")
		return north, south, north.Cut, south.Restore
	})
}
