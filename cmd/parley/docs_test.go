package main

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"parley/internal/home"
)

// The manual names every setting and every exit code.
func TestOperationsNamesEverything(t *testing.T) {
	b, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := string(b)
	for _, v := range []any{home.Config{}, home.Officer{}, home.LineConfig{}, home.ChannelConfig{}, home.QuotaConfig{}} {
		for f := range reflect.TypeOf(v).NumField() {
			name, _, _ := strings.Cut(reflect.TypeOf(v).Field(f).Tag.Get("toml"), ",")
			if !strings.Contains(manual, "`"+name+"`") && !strings.Contains(manual, name+".NAME") &&
				!strings.Contains(manual, name+".CHANNEL") && !strings.Contains(manual, "."+name+"]") && !strings.Contains(manual, "[["+name+"]]") {
				t.Errorf("docs/operations.md does not name the setting %q", name)
			}
		}
	}
	for code := exitDone; code <= exitPassphrase; code++ {
		if !strings.Contains(manual, fmt.Sprintf("\n| %d | ", code)) {
			t.Errorf("docs/operations.md does not name the exit code %d", code)
		}
	}
}

// Every command has an example, and says in one line what it is for.
func TestEveryCommandExplainsItself(t *testing.T) {
	m := &Main{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s has no short help", c.CommandPath())
		}
		if !c.HasSubCommands() && c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(m.root())
}
