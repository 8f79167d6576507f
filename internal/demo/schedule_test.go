package demo

import (
	"testing"

	"parley"
)

func TestSchedule(t *testing.T) {
	for _, each := range []int{20, 40, 199, 200, 1000} {
		said, kills, onlyOne, onlyPouch := 0, [2]int{}, false, false
		for _, p := range Schedule(each) {
			said += p.Each
			if p.Each < 1 {
				t.Errorf("%d: nothing is said while %s", each, p.Title)
			}
			if p.Kill != nil {
				kills[*p.Kill]++
			}
			if len(p.Cut) == len(channels)-1 {
				onlyOne = true
				onlyPouch = onlyPouch || !contains(p.Cut, pouch)
			}
		}
		if said != each || kills != [2]int{1, 1} || !onlyOne || !onlyPouch {
			t.Errorf("%d each: %d said, %v kills, only one channel: %v, only the pouch: %v", each, said, kills, onlyOne, onlyPouch)
		}
	}
}

func contains(all []int, one int) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}

func TestPrecedences(t *testing.T) {
	seen := map[parley.Precedence]int{}
	for n := range 8 {
		seen[precedenceOf(n)]++
	}
	if len(seen) != 4 || seen[parley.Flash] != 1 || precedenceOf(4) != precedenceOf(12) {
		t.Errorf("%v", seen)
	}
}
