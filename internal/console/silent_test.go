package console

import (
	"strings"
	"testing"
	"time"

	"parley/internal/api"
)

// A channel whose line checks have no answer is not shown as proved, however
// lately it was, and comes before those that are in order.
func TestSilentChannel(t *testing.T) {
	proved, silent := ago(time.Minute), ago(40*time.Second)
	ch := api.Channel{Name: "sat", Up: true, Enabled: true, Proven: &proved, Silent: &silent, RoundTrip: 41}
	row := channel(ch, noon)
	var text strings.Builder
	for _, piece := range row {
		text.WriteString(piece.Text)
	}
	if got := text.String(); !strings.Contains(got, "SILENT") || !strings.Contains(got, "UNPROVEN") || strings.Contains(got, "41ms") {
		t.Errorf("it is shown as %q", got)
	}
	told := strings.Join(state("north", Line{Name: "south", Status: api.Status{Channels: []api.Channel{ch}}}, noon), "\n")
	if !strings.Contains(told, "channel sat is SILENT, UNPROVEN since "+moment(silent)) {
		t.Errorf("it is told as %q", told)
	}
	good := api.Channel{Name: "cable", Up: true, Enabled: true, Proven: &proved}
	all := []api.Channel{good, good, good, ch}
	rows := channels(Line{Status: api.Status{Channels: all}}, noon, 12)
	if first := rows[1]; !strings.Contains(first[0].Text, "sat") {
		t.Errorf("where there is no room for all, the first is %q", first[0].Text)
	}
}
