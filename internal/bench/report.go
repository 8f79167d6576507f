package bench

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// bound is what a figure has to be.
type bound struct {
	name  string
	least bool // at least limit; otherwise at most
	limit float64
	says  string
}

// bounds are the promises, in the order of the table.
var bounds = []bound{
	{"confirm_ratio_p50_25ms", false, 1.10, "release to durable proof against the floor, 25 ms each way, median"},
	{"confirm_ratio_p99_25ms", false, 1.5, "the same, 99th percentile"},
	{"confirm_ratio_p50_loopback", false, 2.0, "the same on the loopback, median"},
	{"throughput_ratio", true, 0.6, "messages confirmed a second against the floor, 1,024 on their way"},
	{"recovery_s", false, 1.0, "the only channel mended after a cut, 20 messages waiting: to the first proof, in seconds"},
	{"recovery_all_s", false, 2.0, "the same, to the last proof"},
	{"flash_behind_routine_p99_ratio", false, 2.0, "Flash behind queued Routine against Flash on an idle line, 99th percentile"},
	{"flash_cut_p99_ratio", false, 1.10, "Flash when all channels of three but one are cut as it is sent, against the same line whole, 25 ms each way, 99th percentile"},
	{"hedge_overhead_ratio", false, 0.02, "bytes that a second channel adds to Routine on a healthy line, as a share"},
	{"flood_flash_p99_ratio", false, 2.0, "Flash while the peer, authenticated, floods the line, against the same when it is quiet, 25 ms each way, the default quotas, 99th percentile"},
	{"narrow_overhead_bytes", false, 250, "bytes beyond a text of 300 on a narrow channel, one officer's signature included"},
	{"verify_ratio", true, 0.9, "signatures a second that parley-verify reaches on a whole transcript, against Ed25519 verification alone on the same cores, in turns of a quarter of a second"},
	{"verify_rss_mb", false, 100, "resident memory of parley-verify at its most, on a transcript of 1,000,000 messages, in MB"},
	{"wasm_mb", false, 4, "the verifier in its page, compressed, in MB"},
	{"idle_rss_mb", false, 40, "resident memory of an idle station with one line, in MB"},
	{"start_100k_s", false, 0.5, "from the start of the program to ready, the journal filled, in seconds"},
	{"proof_ms", false, 5, "one message of ten million with its proof, from the journal to the text, median, in milliseconds"},
	{"proof_bytes", false, 4000, "bytes of that proof beyond the message"},
	{"export_100k_s", false, 3, "the transcript of 100,000 messages, in seconds"},
	{"binary_mb", false, 40, "the program, in MB"},
}

// Missed returns the promises that the figures do not keep.
func Missed(figures map[string]float64) (out []string) {
	for _, b := range bounds {
		v, ok := figures[b.name]
		if !ok || b.least && v < b.limit || !b.least && v > b.limit {
			measured := "not measured"
			if ok {
				measured = figure(v)
			}
			out = append(out, fmt.Sprintf("%s: %s, against %s", b.name, measured, b))
		}
	}
	return out
}

func (b bound) String() string {
	if b.least {
		return "at least " + figure(b.limit)
	}
	return "at most " + figure(b.limit)
}

// JSON returns the figures as one flat object.
func JSON(figures map[string]float64) ([]byte, error) {
	rounded := make(map[string]json.Number, len(figures))
	for name, v := range figures {
		rounded[name] = json.Number(figure(v))
	}
	b, err := json.MarshalIndent(rounded, "", "  ")
	return append(b, '\n'), err
}

// ParseJSON reads what JSON wrote.
func ParseJSON(b []byte) (figures map[string]float64, err error) {
	err = json.Unmarshal(b, &figures)
	return figures, err
}

// Markdown returns the figures as a document.
func Markdown(figures map[string]float64, when string, quick bool) []byte {
	var s strings.Builder
	fmt.Fprintf(&s, `# Benchmarks

Measured on %s with %s, %d cores, by `+"`make bench`"+`%s; figures that were measured again alone (`+"`-only`"+`) stand beside the others of the last whole run.
Every figure that depends on the machine stands beside a floor, or beside the same line when idle, taken in the same
run in turns. The floor (internal/floor) is a bare program over the same kind of channel that signs, seals, writes
durably, sends, opens, verifies, writes, answers with a signature and writes that, batched as Parley batches, and
nothing else. Confirmation is from release to the other side's proof being durable at the sender; bodies are 300 bytes.

The flood is measured twice. `+"`flood_…`"+` is a station with the quotas that it has unless its operator says otherwise, since
that is what a flood meets: the first 10,000 messages are verified and stored, and the others held back.
`+"`flood_noquota_…`"+` is the same station with no quota at all, which verifies and stores every message of the flood it is sent:
what a Flash waits for then is the order of the work alone. Both the flooding peer and its route share the machine's cores
with the station. `+"`_rss_mb`"+` and `+"`_disk_mb`"+` are by how much the process and the station's journal grew meanwhile.

| figure | measured | bound | kept | what it is |
|---|---|---|---|---|
`, when, runtime.Version(), runtime.NumCPU(), map[bool]string{true: " with the small counts of `make bench-quick`"}[quick])
	for _, b := range bounds {
		v, ok := figures[b.name]
		kept, measured := "yes", figure(v)
		if !ok {
			measured = "not measured"
		}
		if !ok || b.least && v < b.limit || !b.least && v > b.limit {
			kept = "**no**"
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s | %s |\n", b.name, measured, b, kept, b.says)
	}
	s.WriteString("\nThe figures behind them, and those without a bound:\n\n| figure | measured |\n|---|---|\n")
	var rest []string
	for name := range figures {
		if !slices.ContainsFunc(bounds, func(b bound) bool { return b.name == name }) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		fmt.Fprintf(&s, "| `%s` | %s |\n", name, figure(figures[name]))
	}
	s.WriteString(`
Where the figures come from is internal/bench, one file a figure. Elsewhere, the same work over a round trip of 50.5 ms:
RabbitMQ shovel 54.9 ms and 2,592 messages a second, NATS JetStream leaf with mirror, syncing always, 57.7 ms and 749,
Mosquitto bridge QoS 2 157 ms, NNCP 844 ms and 97; recovery after a cut: RabbitMQ 3.7–4.4 s, NNCP 4.8–15.8 s, XMPP
15–20 s. Those were measured on another day and another machine.
`)
	return []byte(s.String())
}

// figure writes a figure with three digits that count.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
