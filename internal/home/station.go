package home

import (
	"fmt"
	"strings"

	"parley/internal/keyring"
)

// protection returns how the station's own keys are protected on this disk.
func (h *Home) protection() (keyring.Protection, error) {
	kind, name, _ := strings.Cut(h.config.StationSecret, ":")
	switch {
	case h.config.StationSecret == "":
		return keyring.PlainFile(), nil
	case kind == "credential" && name != "":
		secret, err := keyring.Credential(name)
		return keyring.SealedBy(secret), err
	case kind == "file" && name != "":
		secret, err := keyring.PassphraseFile(name)
		return keyring.SealedBy(secret), err
	}
	return keyring.Protection{}, fmt.Errorf("station-secret = %q: %w: write credential:NAME or file:PATH", h.config.StationSecret, ErrConfig)
}

// station unlocks the station's keys, unattended.
func (h *Home) station() (*keyring.Station, error) {
	protect, err := h.protection()
	if err != nil {
		return nil, err
	}
	return keyring.UnlockStation(h.keys(), protect)
}
