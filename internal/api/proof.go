package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"parley"
	"parley/proof"
)

func (v *Server) proof(w http.ResponseWriter, r *http.Request) {
	file, err := v.proofOf(r)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/cbor")
	// The client reads the whole value: a cut answer is none.
	_, _ = w.Write(file)
}

func (v *Server) proofOf(r *http.Request) ([]byte, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	first, err := strconv.ParseUint(r.PathValue("first"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: the first number: %w", errRequest, err)
	}
	last, err := strconv.ParseUint(r.PathValue("last"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: the last number: %w", errRequest, err)
	}
	p, err := l.Proof(parley.Party(r.PathValue("party")), first, last)
	if err != nil {
		return nil, err
	}
	return proof.AppendCBOR(nil, p)
}

// Proof returns the messages first to last of a party with their proof
// (spec/PROOF.md).
func (c *Client) Proof(ctx context.Context, line, party string, first, last uint64) (*proof.Proof, error) {
	resp, err := c.send(ctx, http.MethodGet, path(line, "proofs", party, strconv.FormatUint(first, 10), strconv.FormatUint(last, 10)), nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, proof.MaxFile+1))
	if err != nil {
		return nil, err
	}
	return proof.ParseCBOR(b)
}
