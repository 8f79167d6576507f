package demo

import "parley"

// Phase is a part of a check: what is cut while messages are said, and who is
// killed.
type Phase struct {
	Title string
	Each  int   // messages that each side says
	Cut   []int // channels that are cut meanwhile, by index
	Kill  *int  // the side whose station is killed in mid-traffic, if any
}

// Calm reports whether nothing is cut or killed in the phase.
func (p Phase) Calm() bool { return len(p.Cut) == 0 && p.Kill == nil }

// Schedule spreads each messages of either side over the phases of a check.
// Half of them, at least, are said while something is wrong; at times only one
// channel is left, and once it is the pouch.
func Schedule(each int) []Phase {
	first, second := 0, 1
	phases := []Phase{
		{Title: "all channels"},
		{Title: "the cable is cut", Cut: []int{0}},
		{Title: "only the satellite and the pouch are left", Cut: []int{0, 1}},
		{Title: "only the pouch is left", Cut: []int{0, 1, 2}},
		{Title: "south is killed", Kill: &second},
		{Title: "only the radio is left", Cut: []int{0, 2, 3}},
		{Title: "north is killed, and only the satellite is left", Cut: []int{0, 1, 3}, Kill: &first},
		{Title: "all channels again"},
	}
	shares := []int{5, 2, 1, 1, 2, 2, 2, 5} // of 20
	left := each
	for i := range phases {
		phases[i].Each = each * shares[i] / 20
		left -= phases[i].Each
	}
	phases[len(phases)-1].Each += left
	return phases
}

// precedenceOf returns the precedence of the n-th message of a side, from 0:
// mostly Routine and Priority, as on a real line, and a Flash in eight.
func precedenceOf(n int) parley.Precedence {
	return [...]parley.Precedence{
		parley.Routine, parley.Immediate, parley.Priority, parley.Routine,
		parley.Flash, parley.Priority, parley.Immediate, parley.Routine,
	}[n%8]
}
