package main

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (m *Main) version() *cobra.Command {
	c := &cobra.Command{
		Use:     "version",
		Short:   "Say which program this is",
		Example: examples("parley version"),
		Args:    takes(0, 0),
	}
	asJSON := jsonFlag(c)
	c.RunE = runs(func(context.Context, []string) error {
		v := struct {
			Version  string `json:"version"`
			Revision string `json:"revision,omitempty"`
			Go       string `json:"go"`
			Treaty   string `json:"treaty"`
		}{Version: "unknown", Treaty: "parley/v1"}
		if info, ok := debug.ReadBuildInfo(); ok {
			v.Version, v.Go = info.Main.Version, info.GoVersion
			for _, s := range info.Settings {
				if s.Key == "vcs.revision" {
					v.Revision = s.Value
				}
			}
		}
		if *asJSON {
			return m.json(v)
		}
		if v.Revision != "" {
			v.Version += " of revision " + v.Revision[:min(12, len(v.Revision))]
		}
		m.say("parley %s, speaks %s, built with %s", v.Version, v.Treaty, v.Go)
		return nil
	})
	return c
}
