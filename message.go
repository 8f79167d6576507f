package parley

import (
	"fmt"
	"strconv"
	"strings"
)

// MessageName is what people call entry n of p's log: "south/17" in the first
// generation of the log, "south/2.18" in the second (spec/GENERATION.md §1).
// Generations and numbers are counted from 1.
func MessageName(p Party, generation int, n uint64) string {
	if generation > 1 {
		return fmt.Sprintf("%s/%d.%d", p, generation, n)
	}
	return fmt.Sprintf("%s/%d", p, n)
}

// ParseMessageName takes apart what [MessageName] returns. Whether there is such a
// message is another question. The error wraps ErrName.
func ParseMessageName(s string) (p Party, generation int, n uint64, err error) {
	party, number, _ := strings.Cut(s, "/")
	generation = 1
	if g, rest, ok := strings.Cut(number, "."); ok {
		number = rest
		generation, err = strconv.Atoi(g)
	}
	if err == nil {
		n, err = strconv.ParseUint(number, 10, 64)
	}
	if err == nil {
		p, err = ParseParty(party)
	}
	if err != nil || n == 0 || MessageName(p, generation, n) != s {
		return "", 0, 0, fmt.Errorf("message %q: %w: write it as in south/17, the 17th of south, or south/2.18, the 18th, in its second generation", s, ErrName)
	}
	return p, generation, n, nil
}
