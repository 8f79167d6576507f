package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

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
has not received the rest. north/2.18 is entry 18 of north, in the second generation of
its log: north was restored before.

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
			contradict = contradict || d.Contradict || d.Renewed > 0
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
		return fmt.Sprintf("%s; entry %s is NOT THE SAME in the two files", same(d), named(d, d.Common+1))
	case d.Renewed > 0:
		return fmt.Sprintf("%s; but generation %d of the log is opened by two statements that are NOT THE SAME", same(d), d.Renewed)
	case d.Same():
		return same(d) + ", and neither file has more"
	}
	longer := 0
	if d.Sizes[0] < d.Sizes[1] {
		longer = 1
	}
	return fmt.Sprintf("%s; entry %s is the first that stands in %s alone, which goes on to %s", same(d), named(d, d.Common+1), files[longer], named(d, d.Sizes[longer]))
}

func same(d audit.Difference) string {
	switch d.Common {
	case 0:
		return "no entry is in both"
	case 1:
		return fmt.Sprintf("entry %s is the same in both", named(d, 1))
	}
	return fmt.Sprintf("entries %s to %s are the same in both", named(d, 1), named(d, d.Common))
}

// named names an entry: by its number, and in a log with generations as people do.
func named(d audit.Difference, n uint64) string {
	if len(d.Generations) > 1 {
		return d.Name(n)
	}
	return strconv.FormatUint(n, 10)
}
