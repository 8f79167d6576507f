package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"parley/internal/api"
	"parley/internal/home"
)

// rolled are the roles whose keys become others on a line by parley key.
var rolled = [...]string{"hop", "log", "receipt", "root", "station"}

// nextRoot is how a command comes by a root key that is to be: the running station
// never has it, and the one in force is not needed.
type nextRoot struct {
	path string
	pass *secret
}

func (m *Main) nextRoot(flags *pflag.FlagSet) *nextRoot {
	r := &nextRoot{pass: m.rootSecret(flags)}
	flags.StringVar(&r.path, "root-key", "", "the file of the new root key, for root; it is made if it is not there")
	return r
}

// roll returns the change in which other keys of these roles come.
func (r *nextRoot) roll(ctx context.Context, s *speaker, roles []string) (req api.ChangeRequest, err error) {
	if err := r.check(roles); err != nil {
		return req, err
	}
	for _, role := range roles {
		if role != "root" {
			req.Roll = append(req.Roll, role)
			continue
		}
		if req.Root, err = r.key(ctx, s); err != nil {
			return req, err
		}
	}
	return req, nil
}

// check refuses a role whose key cannot become another on a line, and a root key
// without its file.
func (r *nextRoot) check(roles []string) error {
	for i, role := range roles {
		switch {
		case !slices.Contains(rolled[:], role):
			return usageError{hinted{
				fmt.Errorf("key %s: only hop, station, receipt, log and root keys can become others by this while a line stands", role),
				"for officers: parley officer leave --with",
			}}
		case slices.Contains(roles[:i], role):
			return usageError{fmt.Errorf("key %s is named twice", role)}
		}
	}
	switch named := slices.Contains(roles, "root"); {
	case named && r.path == "":
		return usageError{hinted{
			errors.New("--root-key is missing: where is the new root key to be?"),
			"name a file on a medium that is kept offline; it is made there",
		}}
	case !named && r.path != "":
		return usageError{errors.New("--root-key is for the role root")}
	}
	return nil
}

// key returns the public half of the new root key. A party has one root key: where it
// became another on one line already, that one comes on the others.
func (r *nextRoot) key(ctx context.Context, s *speaker) (string, error) {
	now, err := s.Roster(ctx, s.name())
	if err != nil {
		return "", err
	}
	ask, prompt := r.pass.chosen, "New passphrase of the new root key"
	if home.RootExists(r.path) {
		ask, prompt = r.pass.known, "Passphrase of the new root key"
	}
	pass, err := ask(prompt)
	if err != nil {
		return "", err
	}
	own := s.home.Config().Root
	began := hasRoot(now, string(s.home.Party()), own)
	if !began && !home.RootExists(r.path) {
		return "", errOtherRoot(r.path)
	}
	public, err := home.NewRoot(home.RootKey{Path: r.path, Passphrase: pass})
	if err != nil {
		return "", err
	}
	text := base64.StdEncoding.EncodeToString(public)
	if !began && text != own {
		return "", errOtherRoot(r.path)
	}
	return text, nil
}

func errOtherRoot(path string) error {
	return hinted{
		fmt.Errorf("%s: %w: it became another on another line already", path, home.ErrRoot),
		"name the file of that one: a party has one root key on all its lines",
	}
}

// hasRoot reports whether a party's root key on a line is this one.
func hasRoot(r api.Roster, party, key string) bool {
	return slices.ContainsFunc(r.Sides, func(side api.RosterSide) bool {
		return side.Party == party && slices.ContainsFunc(side.Keys, func(k api.RosterKey) bool {
			return k.Role == "root" && k.To == 0 && k.Key == key
		})
	})
}
