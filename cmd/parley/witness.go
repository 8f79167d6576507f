package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/plain"
	"parley/transcript"
)

func (m *Main) witness() *cobra.Command {
	c := &cobra.Command{
		Use:   "witness [PARTY]",
		Short: "Show what a line's neutral witnesses cosigned, and the key they need",
		Long: `A witness is a public service that cosigns how far a log goes, without seeing a
message: so a third person need not believe that nothing was rewritten because the
two parties say so. Witnesses are named in parley.toml, under [[witness]], and each
must be given the verifier key of this party's log, which this shows. What a witness
answers changes nothing on the line. PARTY may be left out when there is one line.

docs/witnesses.md says what a witness sees, and what its word is worth.`,
		Example: examples("parley witness", "parley witness south --json"),
		Args:    takes(0, 1),
	}
	asJSON := jsonFlag(c)
	return m.inHome(c, func(ctx context.Context, h *home.Home, args []string) error {
		l, err := lineAt(h, args)
		if err != nil {
			return err
		}
		if l.Step != home.Confirmed {
			return hinted{fmt.Errorf("the line with %s is not confirmed: %s", l.Name, l.Step), next(l)}
		}
		out := witnessesJSON{Line: l.Name}
		st, err := api.NewClient(h.Socket()).Status(ctx, l.Name)
		served := err == nil && st.Line.ID == l.Roster.Line.String()
		if served {
			out.Key, out.Witnesses, out.Running = st.Key, st.Witnesses, true
		} else {
			self, _ := l.Roster.Side(h.Party())
			out.Key = transcript.LogKey{Line: l.Roster.Line, Log: self.Log, Key: self.LogKey}.String()
		}
		if out.Witnesses == nil {
			out.Witnesses = []api.Witness{}
		}
		if *asJSON {
			return m.json(out)
		}
		m.say("The verifier key of the log of %s on this line, for the operator of a witness:", h.Party())
		m.say("%s", out.Key)
		m.say("")
		switch {
		case !served && len(h.Config().Witnesses) > 0:
			m.say("What the witnesses cosigned is shown while the station runs: parley serve")
		case len(out.Witnesses) == 0:
			m.say("No witness is asked about this line. parley.toml names them: docs/witnesses.md")
		}
		for _, w := range out.Witnesses {
			m.say("%s", witnessText(w, st.Ours.Size))
			m.say("  asked at %s, once in %s at most", w.URL, span(time.Duration(w.Every)*time.Second))
			if w.Wrong != "" && !w.Other {
				m.say("  What to do: %s.", w.Do)
			}
			m.witnessTrouble(w)
		}
		return nil
	})
}

// witnessesJSON is what parley witness shows, for programs.
type witnessesJSON struct {
	Line      string        `json:"line"`
	Key       string        `json:"verifier_key"` // of this party's log
	Running   bool          `json:"running"`      // whether the station answered
	Witnesses []api.Witness `json:"witnesses"`
}

// witnessText says in a line what a witness cosigned of a log of so many messages.
func witnessText(w api.Witness, size uint64) string {
	text := "witness " + w.Name
	switch {
	case w.Cosigned == 0:
		text += " has cosigned nothing yet"
	case w.Cosigned == size:
		text += " cosigned all " + count(size, "message", "messages")
	default:
		text += fmt.Sprintf(" cosigned %d of %s", w.Cosigned, count(size, "message", "messages"))
	}
	if w.Cosigned > 0 {
		text += fmt.Sprintf(", %s by its clock", clockOr(w.CosignedAt, "-"))
	}
	if w.Wrong != "" && !w.Other {
		text += fmt.Sprintf("; since %s: %s", clockOr(w.Since, "-"), plain.Line(w.Wrong))
	}
	return text
}

// witnessTrouble tells of a witness that holds something else than this station.
func (m *Main) witnessTrouble(w api.Witness) {
	if !w.Other {
		return
	}
	m.say("TROUBLE since %s: witness %s: %s", clockOr(w.Since, "-"), w.Name, plain.Line(w.Wrong))
	m.say("  What to do: %s.", w.Do)
	m.say("")
}
