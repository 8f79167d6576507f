package station

import (
	"fmt"

	"parley"
	"parley/roster"
)

// A station that was restored from a backup older than its own station key is taken
// by nobody, and cannot know it from its journal: the other side tells its people, and
// the restored one says what is likely (spec/GENERATION.md §4).

// deaf reports whether this station was restored, waits to be told how far its log
// goes, and could take nothing of what came since it began, for too long.
func (l *Line) deaf(now parley.Time) bool {
	c := &l.conduct
	if !l.gens.unanswered(l.st.history) || c.heard != 0 || c.begun == 0 || now < c.begun+unansweredLeast {
		return false
	}
	for _, n := range c.noise {
		if n.count > 0 {
			return true
		}
	}
	return c.unknown.count > 0 || c.former.count > 0
}

// beforeThat says what to look at before the channels are suspected.
func (l *Line) beforeThat(now parley.Time) string {
	if l.estranged(now) || l.deaf(now) {
		return "first see to what is said of the backup; if it is not that: "
	}
	return ""
}

// estranged reports whether all that comes of the other side is signed by a station key
// that it ended. What is late, or repeated by others, is so for as long as nothing else comes.
func (l *Line) estranged(now parley.Time) bool {
	f := l.conduct.former
	return !f.over(now) && now >= f.first+unansweredLeast
}

// formerTroubles say that the other side is not taken because of its key.
func (l *Line) formerTroubles(now parley.Time) []Trouble {
	if !l.estranged(now) {
		return nil
	}
	f, peer, ended := l.conduct.former, l.peer.Party, ""
	if terms := l.st.history.Terms(peer, roster.RoleStation); len(terms) > 1 {
		ended = " in " + MessageName(l.st.history, peer, terms[1].Ended.Number)
	}
	return []Trouble{{First: f.first, Last: f.last, Count: f.count,
		What: fmt.Sprintf("FORMER KEY: %s speaks with a station key that it ended%s, and nothing of it is taken: it may have been restored from a backup older than that", peer, ended),
		Do:   fmt.Sprintf("call %s: its people must restore a newer backup, or agree on the line anew with you. If they restored nothing, somebody repeats old frames or has the old key, which is taken no more", peer)}}
}
