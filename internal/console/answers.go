package console

import (
	"strings"

	"parley"
	"parley/internal/api"
)

// Answers returns the last acknowledgement of each message, by its name, that the
// side across from its sender gave; all are in their order of arrival.
func Answers(all []api.Message) map[string]api.Message {
	out := map[string]api.Message{}
	for _, v := range all {
		if about, ok := answerTo(v); ok {
			out[about] = v
		}
	}
	return out
}

// answerTo returns the message that v is a person's answer to.
func answerTo(v api.Message) (about string, ok bool) {
	if !v.Believed || v.Answer == "" || len(v.References) != 1 {
		return "", false
	}
	about = v.References[0]
	return about, !strings.HasPrefix(about, PartyOf(v)+"/")
}

// PartyOf returns the party whose message v is.
func PartyOf(v api.Message) string {
	p, _, _ := strings.Cut(v.Name, "/")
	return p
}

// Settled reports whether an answer leaves nothing to be waited for.
func Settled(answer string) bool {
	switch answer {
	case parley.Hold.String(), parley.ReplyBy.String(), parley.Read.String():
		return false
	}
	return true
}

// OpenFlash reports whether a message of the other side is a Flash that is no
// exercise, and that nobody here has answered, or not for good.
func OpenFlash(v api.Message, answered map[string]api.Message) bool {
	if v.Mine || !v.Believed || v.Answer != "" || v.Precedence != parley.Flash.String() || exercise(v) {
		return false
	}
	a, ok := answered[v.Name]
	return !ok || !Settled(a.Answer)
}
