package wire_test

import (
	"errors"
	"fmt"

	"parley"
	"parley/wire"
)

// What is written is read back, and nothing else is.
func ExampleParseContent() {
	b, err := wire.AppendContent(nil, wire.Content{
		Line: parley.LineID{1}, Draft: parley.DraftID{2},
		From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Flash, Status: parley.Exercise, Kind: parley.Text,
		Language: "en", Body: "Aircraft will cross at 14:00Z.",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := wire.ParseContent(b)
	fmt.Println(c.Precedence, c.Status, c.From, c.Body, err)

	_, err = wire.ParseContent(append(b, 0))
	fmt.Println(errors.Is(err, wire.ErrMalformed))
	// Output:
	// flash exercise north/duty Aircraft will cross at 14:00Z. <nil>
	// true
}

func ExampleCheckText() {
	fmt.Println(wire.CheckText("Hold at 12 miles.\nWe do \u202etni\u202c move."))
	// Output:
	// line 2: text not allowed: U+202E at offset 24 is an invisible format character
}
