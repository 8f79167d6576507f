package home

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"parley"
	"parley/internal/durable"
)

// Config is parley.toml: what a party has decided about its own station. The
// other side never sees it.
type Config struct {
	// Party is this side's name on every line. It cannot be changed later.
	Party parley.Party `toml:"party"`
	// Language is the language that this party writes in unless it says
	// otherwise: a BCP 47 tag, as in "en" or "ar".
	Language string `toml:"language"`
	// Root is the public half of the root key, base64. A change of it that is in force
	// on a line puts another there (roots.go).
	Root string `toml:"root"`
	// StationSecret, if set, is where the secret that unlocks the station's keys
	// comes from: "credential:NAME" for a systemd credential or "file:PATH".
	// Empty: the keys stand in a file that only this user can read.
	StationSecret string `toml:"station-secret,omitempty"`
	// Officers are the persons who may release, by name.
	Officers []Officer `toml:"officer"`
	// Lines overrides, by the line's name, what the charter says of the routes
	// of this side, and says how much of the other side is kept.
	Lines map[string]LineConfig `toml:"line,omitempty"`
	// Witnesses are neutral parties that cosign how far this party's logs go.
	Witnesses []WitnessConfig `toml:"witness,omitempty"`
}

// Officer is a person who may release for some desks of this party.
type Officer struct {
	Name  string   `toml:"name"`
	Desks []string `toml:"desks"`
	Key   string   `toml:"key"` // public, base64
}

// LineConfig is what one line has at this side only.
type LineConfig struct {
	// Channels are the settings of the line's channels, by their names.
	Channels map[string]ChannelConfig `toml:"channel,omitempty"`
	// Quota is what the other side may make this station keep.
	Quota QuotaConfig `toml:"quota,omitempty"`
}

// ChannelConfig is what one channel has at this side only.
type ChannelConfig struct {
	// Listen is the address to listen on, where the charter names one that is
	// reached through a gateway. Dial is the address to dial instead of the
	// charter's.
	Listen string `toml:"listen,omitempty"`
	Dial   string `toml:"dial,omitempty"`
	// Out and In are a pouch's folders. The default, for one pouch of a line, is
	// pouch/LINE/out and pouch/LINE/in in the home folder.
	Out string `toml:"out,omitempty"`
	In  string `toml:"in,omitempty"`
}

const configName = "parley.toml"

// ErrConfig is wrapped by every error about the contents of parley.toml.
var ErrConfig = errors.New("parley.toml is not as it must be")

// parseConfig reads parley.toml. Unknown keys are refused: a setting that is
// not obeyed is worse than none.
func parseConfig(b []byte) (Config, error) {
	var c Config
	d := toml.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return c, fmt.Errorf("%w: it has a key that means nothing:\n%s", ErrConfig, strict.String())
		}
		return c, fmt.Errorf("%w: %v", ErrConfig, err)
	}
	if _, err := parley.ParseParty(string(c.Party)); err != nil {
		return c, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if _, err := publicKey(c.Root); err != nil {
		return c, fmt.Errorf("%w: root: %w", ErrConfig, err)
	}
	for name, l := range c.Lines {
		if err := l.Quota.check(); err != nil {
			return c, fmt.Errorf("line %q: %w", name, err)
		}
	}
	if err := c.checkWitnesses(); err != nil {
		return c, err
	}
	seen := map[string]bool{}
	for _, o := range c.Officers {
		if seen[o.Name] {
			return c, fmt.Errorf("%w: officer %q stands there twice", ErrConfig, o.Name)
		}
		seen[o.Name] = true
		if _, err := publicKey(o.Key); err != nil {
			return c, fmt.Errorf("%w: officer %q: %w", ErrConfig, o.Name, err)
		}
		if len(o.Desks) == 0 {
			return c, fmt.Errorf("%w: officer %q has no desk", ErrConfig, o.Name)
		}
		for _, d := range o.Desks {
			if _, err := parley.ParseDesk(string(c.Party) + "/" + d); err != nil {
				return c, fmt.Errorf("%w: officer %q: %w", ErrConfig, o.Name, err)
			}
		}
	}
	return c, nil
}

func publicKey(s string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%q is not a public key of 32 bytes in base64", s)
	}
	return b, nil
}

func (c Config) bytes() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# What this party has decided about its own station. See docs/operations.md.\n")
	if err := toml.NewEncoder(&b).Encode(c); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// desks returns the desks that officers of this party sit at, each once.
func (c Config) desks() []string {
	var out []string
	for _, o := range c.Officers {
		out = append(out, o.Desks...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (h *Home) writeConfig(c Config) error {
	b, err := c.bytes()
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(h.dir, configName), b)
}

func readConfig(dir string) (Config, error) {
	b, err := os.ReadFile(filepath.Join(dir, configName))
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, fmt.Errorf("%s holds no party yet: %w", dir, ErrNoHome)
	}
	if err != nil {
		return Config{}, err
	}
	return parseConfig(b)
}
