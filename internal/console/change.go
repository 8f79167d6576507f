package console

import (
	"fmt"
	"strings"

	"parley"
	"parley/internal/api"
	"parley/roster"
)

// Brief returns the text of a message for a place of one line: its body, or what a
// change of officers and keys does, whose document is for programs. What came from
// the other side is in it: the caller escapes it.
func Brief(v api.Message) string {
	if !Changes(v) {
		return v.Body
	}
	c, err := roster.ParseChange([]byte(v.Body))
	if err != nil {
		return "change: UNREADABLE: it is no change document that this program knows"
	}
	var does []string
	for _, l := range c.Leave {
		does = append(does, fmt.Sprintf("%s leaves %s", l.Name, c.Party))
	}
	for _, o := range c.Join {
		does = append(does, fmt.Sprintf("%s joins %s", o.Name, c.Party))
	}
	for _, k := range c.Keys {
		does = append(does, fmt.Sprintf("%s's %s key becomes %s", c.Party, k.Role, roster.KeyID(k.Role, k.Key)))
	}
	for _, t := range c.Thefts {
		does = append(does, fmt.Sprintf("%s is COMPROMISED since entry %d of %s", Stolen(c.Party, t), t.Since, c.Party))
	}
	return "change: " + strings.Join(does, ", ")
}

// Stolen names the key of a party that a change says may be another's as well.
func Stolen(p parley.Party, t roster.Compromise) string {
	if t.Name != "" {
		return fmt.Sprintf("the key %s of %s of %s", t.Key, t.Name, p)
	}
	return fmt.Sprintf("%s's %s key %s", p, t.Role, t.Key)
}
