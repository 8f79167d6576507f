package lab

import (
	"fmt"
	"strings"

	"parley/internal/cable"
)

// Weather is a route's weather, in the words of a script; see cable.Weather.
// Of the pouch it is the delay and jitter of a ride, and the chances that a
// stick is lost or its files are brought twice.
type Weather struct{ cable.Weather }

// fair is the word for no weather at all.
const fair = "fair"

// parseWeather reads the rest of a line: at least one property, each once.
func parseWeather(w *words) (out Weather, err error) {
	if w.peek() == fair {
		w.next()
		return out, nil
	}
	seen := map[string]bool{}
	for name := w.next(); name != "" || len(seen) == 0; name = w.next() {
		if seen[name] {
			return out, fmt.Errorf("%s is said twice", name)
		}
		seen[name] = true
		switch name {
		case "delay":
			out.Delay, err = w.duration()
		case "jitter":
			out.Jitter, err = w.duration()
		case "loss":
			out.Loss, err = w.chance()
		case "burst":
			begin, calm, _ := strings.Cut(w.next(), "/")
			if out.Burst, err = percent(begin); err == nil {
				out.Calm, err = percent(calm)
			}
		case "duplicate":
			out.Duplicate, err = w.chance()
		case "reorder":
			out.Reorder, err = w.chance()
		case "corrupt":
			out.Corrupt, err = w.chance()
		case "rate":
			out.Rate, err = count(w.next())
		case "mtu":
			out.MTU, err = count(w.next())
		default:
			err = fmt.Errorf("%q is no weather: fair, delay, jitter, loss, burst, duplicate, reorder, corrupt, rate or mtu", name)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// String returns the weather in the words that a script has for it.
func (w Weather) String() string {
	var out []string
	add := func(is bool, format string, args ...any) {
		if is {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(w.Delay > 0, "delay %s", w.Delay)
	add(w.Jitter > 0, "jitter %s", w.Jitter)
	add(w.Loss > 0, "loss %s", percentOf(w.Loss))
	add(w.Burst > 0 || w.Calm > 0, "burst %s/%s", percentOf(w.Burst), percentOf(w.Calm))
	add(w.Duplicate > 0, "duplicate %s", percentOf(w.Duplicate))
	add(w.Reorder > 0, "reorder %s", percentOf(w.Reorder))
	add(w.Corrupt > 0, "corrupt %s", percentOf(w.Corrupt))
	add(w.Rate > 0, "rate %d", w.Rate)
	add(w.MTU > 0, "mtu %d", w.MTU)
	if len(out) == 0 {
		return fair
	}
	return strings.Join(out, " ")
}
