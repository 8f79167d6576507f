package api

import (
	"time"

	"parley/internal/witness"
)

// Witness is how a witness of a line stands; see witness.State.
type Witness struct {
	Name  string `json:"name"`
	URL   string `json:"url"`
	Every int64  `json:"every_seconds"`

	Log        string     `json:"log,omitempty"`                 // in the origin of the checkpoint that it cosigned last
	Cosigned   uint64     `json:"cosigned"`                      // its size; 0: none
	CosignedAt *time.Time `json:"cosigned_at_claimed,omitempty"` // by the clock of the witness
	Answered   *time.Time `json:"answered,omitempty"`            // when it last gave a good cosignature, since the station began

	Wrong string     `json:"wrong,omitempty"`
	Do    string     `json:"do,omitempty"`
	Since *time.Time `json:"since,omitempty"`
	Other bool       `json:"holds_another_history,omitempty"` // as it says
}

func witnessOf(s witness.State) Witness {
	out := Witness{
		Name: s.Name, URL: s.URL, Every: int64(s.Every.Seconds()),
		Cosigned: s.Cosigned.Size, CosignedAt: optional(s.Cosigned.At), Answered: optional(s.Answered),
		Wrong: s.Wrong, Do: s.Do, Since: optional(s.Since), Other: s.Other,
	}
	if s.Cosigned.Size > 0 {
		out.Log = s.Cosigned.Log.String()
	}
	return out
}
