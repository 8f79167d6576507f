// Package home is a party's folder: its configuration, its keys, the papers of
// its lines, and the wiring of a station from them.
//
//	HOME/parley.toml        what this party decided (Config)
//	HOME/keys/              keyring's; root.key may be moved away
//	HOME/journal/           journal's
//	HOME/lines/NAME/        the papers of one line: invite, accept, roster, confirmed
//	HOME/pouch/NAME/        the pouch's folders, where no others are configured
//	HOME/run/parley.sock    the running station's socket
//
// It knows files and the order of the key ceremony (spec/ROSTER.md §5). It has
// no rule of belief of its own: nothing of a line is used before a person of
// this side confirmed its words.
package home

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"parley"
	"parley/internal/durable"
	"parley/internal/keyring"
)

// Errors that a caller decides on.
var (
	// ErrNoHome is returned for a folder in which parley init was not run.
	ErrNoHome = errors.New("run parley init first, or name the folder with --home")
	// ErrHomeExists is returned by Init for a folder that holds a party already.
	ErrHomeExists = errors.New("a party lives there already")
)

// Home is a party's folder.
type Home struct {
	dir    string
	config Config
}

// InitOptions is what a new party decides.
type InitOptions struct {
	Party    parley.Party
	Language string // BCP 47; "" means "en"
	// StationSecret is as in Config; the secret must exist already.
	StationSecret string
	// Root protects the root key, which signs cards and changes of the roster.
	Root keyring.Passphrase
}

// Vacant returns ErrHomeExists for a folder that holds a party.
func Vacant(dir string) error {
	_, err := os.Stat(filepath.Join(dir, configName))
	if err == nil {
		return fmt.Errorf("%s: %w", dir, ErrHomeExists)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Init makes a party's folder with its root key and its station's keys. It
// changes nothing if a party lives there already.
func Init(dir string, o InitOptions) (*Home, error) {
	if err := Vacant(dir); err != nil {
		return nil, err
	}
	if o.Language == "" {
		o.Language = "en"
	}
	h := &Home{dir: dir, config: Config{Party: o.Party, Language: o.Language, StationSecret: o.StationSecret}}
	protect, err := h.protection()
	if err != nil {
		return nil, err
	}
	for _, d := range []string{"", "lines", "run"} {
		if err := durable.Folder(filepath.Join(dir, d)); err != nil {
			return nil, err
		}
	}
	root, err := keyring.CreateRoot(filepath.Join(h.keys(), keyring.RootFile), o.Root)
	if err != nil {
		return nil, err
	}
	if _, err := keyring.CreateStation(h.keys(), protect); err != nil {
		return nil, err
	}
	h.config.Root = base64.StdEncoding.EncodeToString(root)
	return h, h.writeConfig(h.config)
}

// Open returns the party's folder at dir, or ErrNoHome.
func Open(dir string) (*Home, error) {
	c, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	return &Home{dir: dir, config: c}, nil
}

// Dir returns the folder.
func (h *Home) Dir() string { return h.dir }

// Party returns the party that lives there.
func (h *Home) Party() parley.Party { return h.config.Party }

// Config returns what the party decided.
func (h *Home) Config() Config { return h.config }

// Socket returns the path of the running station's local socket.
func (h *Home) Socket() string { return filepath.Join(h.dir, "run", "parley.sock") }

// Keys returns the folder that keyring keeps for this party.
func (h *Home) Keys() string { return h.keys() }

func (h *Home) keys() string { return filepath.Join(h.dir, "keys") }

// AddOfficer makes an officer's key under its own passphrase and lets the
// officer release for the named desks of this party, on lines whose card is
// made after it.
func (h *Home) AddOfficer(name string, desks []string, pass keyring.Passphrase) (Officer, error) {
	unlock, err := h.lockConfig()
	if err != nil {
		return Officer{}, err
	}
	defer unlock()
	// Another process may have added one since this one read the file.
	if h.config, err = readConfig(h.dir); err != nil {
		return Officer{}, err
	}
	if slices.ContainsFunc(h.config.Officers, func(o Officer) bool { return o.Name == name }) {
		return Officer{}, fmt.Errorf("officer %q: %w", name, keyring.ErrExists)
	}
	if len(desks) == 0 {
		return Officer{}, fmt.Errorf("officer %q needs a desk: name one with --desk", name)
	}
	for _, d := range desks {
		if _, err := parley.ParseDesk(string(h.config.Party) + "/" + d); err != nil {
			return Officer{}, err
		}
	}
	key, err := keyring.CreateOfficer(h.keys(), name, pass)
	if err != nil {
		return Officer{}, err
	}
	o := Officer{Name: name, Desks: slices.Sorted(slices.Values(desks)), Key: base64.StdEncoding.EncodeToString(key)}
	c := h.config
	c.Officers = append(slices.Clone(c.Officers), o)
	if err := h.writeConfig(c); err != nil {
		return Officer{}, err
	}
	h.config = c
	return o, nil
}

// RemoveOfficer leaves an officer out of the cards that are made after it. The
// key stays where it is: lines that are in use may still name it.
func (h *Home) RemoveOfficer(name string) error {
	unlock, err := h.lockConfig()
	if err != nil {
		return err
	}
	defer unlock()
	if h.config, err = readConfig(h.dir); err != nil {
		return err
	}
	c := h.config
	c.Officers = slices.DeleteFunc(slices.Clone(c.Officers), func(o Officer) bool { return o.Name == name })
	if len(c.Officers) == len(h.config.Officers) {
		return fmt.Errorf("%s has no officer %q: %w", h.config.Party, name, keyring.ErrNotFound)
	}
	if err := h.writeConfig(c); err != nil {
		return err
	}
	h.config = c
	return nil
}
