package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"parley/audit"
	"parley/transcript"
)

func (m *Main) transcript() *cobra.Command {
	c := &cobra.Command{
		Use:   "transcript",
		Short: "Compare exported transcripts",
	}
	c.AddCommand(m.transcriptDiff())
	return c
}

// errContradict is returned for two transcripts of which one at least is not true.
var errContradict = errors.New("the transcripts contradict each other")

func (m *Main) transcriptDiff() *cobra.Command {
	c := &cobra.Command{
		Use:   "diff FILE FILE",
		Short: "Name the first difference of two transcripts of a line",
		Long: `Compares two transcripts of one line, such as those that the two parties exported,
entry by entry, and names for each party's log the first entry in which they differ.
One that only goes on further is no contradiction: the other was exported earlier, or
has not received the rest.

It says nothing of whether either is true: verify both with parley-verify. The exit
code is 3 where they contradict each other.`,
		Example: examples("parley transcript diff ours.txt theirs.txt"),
		Args:    takes(2, 2),
	}
	c.RunE = runs(func(_ context.Context, args []string) error {
		var read [2]*transcript.Reader
		for i, name := range args {
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			about, err := f.Stat()
			if err != nil {
				return err
			}
			if read[i], err = transcript.NewReader(f, about.Size()); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		all, err := audit.Compare(read[0], read[1])
		if err != nil {
			return err
		}
		var contradict bool
		for _, d := range all {
			m.say("%s: %s", d.Party, difference(d, args))
			contradict = contradict || d.Contradict
		}
		if contradict {
			return hinted{errContradict, "parley-verify says of each what is proved; two checkpoints of one log that contradict each other are a proof: parley fork"}
		}
		return nil
	})
	return c
}

// difference says where two files part in one log.
func difference(d audit.Difference, files []string) string {
	switch {
	case d.Contradict:
		return fmt.Sprintf("%s; entry %d is NOT THE SAME in the two files", same(d.Common), d.Common+1)
	case d.Same():
		return same(d.Common) + ", and neither file has more"
	case d.Sizes[0] > d.Sizes[1]:
		return fmt.Sprintf("%s; entry %d is the first that stands in %s alone, which goes on to %d", same(d.Common), d.Common+1, files[0], d.Sizes[0])
	}
	return fmt.Sprintf("%s; entry %d is the first that stands in %s alone, which goes on to %d", same(d.Common), d.Common+1, files[1], d.Sizes[1])
}

func same(n uint64) string {
	switch n {
	case 0:
		return "no entry is in both"
	case 1:
		return "entry 1 is the same in both"
	}
	return fmt.Sprintf("entries 1 to %d are the same in both", n)
}
