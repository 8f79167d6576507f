package main

import (
	"testing"
	"time"

	"parley/internal/api"
)

// A channel is said to be proved only while its line checks come back.
func TestProofOf(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	later := at.Add(time.Minute)
	for _, test := range []struct {
		channel      api.Channel
		state, proof string
	}{
		{api.Channel{Enabled: true}, "DOWN", "UNPROVEN"},
		{api.Channel{Enabled: true, Up: true}, "up", "UNPROVEN"},
		{api.Channel{Enabled: true, Up: true, Proven: &at}, "up", "2026-11-28 12:00:00Z"},
		{api.Channel{Enabled: true, Up: true, Proven: &at, Silent: &later}, "SILENT", "UNPROVEN since 2026-11-28 12:01:00Z"},
		{api.Channel{Enabled: true, Up: true, Silent: &later}, "SILENT", "UNPROVEN since 2026-11-28 12:01:00Z"},
		{api.Channel{Enabled: true, Proven: &at}, "DOWN", "2026-11-28 12:00:00Z"},
		{api.Channel{Up: true, Proven: &at}, "DISABLED", "2026-11-28 12:00:00Z"},
	} {
		if state, proof := stateOf(test.channel), proofOf(test.channel); state != test.state || proof != test.proof {
			t.Errorf("%+v is %s, proved %s; want %s, %s", test.channel, state, proof, test.state, test.proof)
		}
	}
}
