package home

import (
	"crypto"
	"errors"
	"fmt"

	"parley/internal/keyring"
	"parley/receipt"
	"parley/roster"
)

// receiptPQ returns this party's key that cosigns by ML-DSA-44, made when it is
// needed first.
func (h *Home) receiptPQ() (keyring.ReceiptPQ, error) {
	protect, err := h.protection()
	if err != nil {
		return keyring.ReceiptPQ{}, err
	}
	k, err := keyring.UnlockReceiptPQ(h.keys(), protect)
	if errors.Is(err, keyring.ErrNotFound) {
		return keyring.CreateReceiptPQ(h.keys(), protect)
	}
	return k, err
}

// cosigner returns the key with which this party cosigns by ML-DSA-44 on a line; nil
// where not both parties have one (spec/RECEIPT.md §9).
func (h *Home) cosigner(agreed *roster.Roster) (crypto.Signer, error) {
	if !receipt.HasPQ(agreed) {
		return nil, nil
	}
	protect, err := h.protection()
	if err != nil {
		return nil, err
	}
	own, err := keyring.UnlockReceiptPQ(h.keys(), protect)
	if err != nil {
		return nil, err
	}
	if self, _ := agreed.Side(h.Party()); string(self.ReceiptPQ) != string(own.Bytes()) {
		return nil, fmt.Errorf("%w: put the right %s back, or agree on the line anew", ErrKeys, keyring.ReceiptPQFile)
	}
	return own, nil
}
