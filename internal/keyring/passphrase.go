package keyring

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Bounds of a passphrase in bytes. The lower one holds for new keys only.
const (
	minPassphrase = 8
	maxPassphrase = 1024
)

// Passphrase is a secret that a person or the service manager supplies. It is
// compared byte by byte, as typed. Every way to print it writes "[redacted]";
// printing a struct that holds it shows an address at most.
type Passphrase struct {
	reveal hidden
}

// hidden holds a secret where no verb of fmt finds it. fmt prints the unexported
// fields of a struct by reflection, without asking their String, and follows a
// pointer when the verb does not fit; a function it never calls.
type hidden func() []byte

func hide(secret []byte) hidden {
	own := append([]byte(nil), secret...)
	return func() []byte { return own }
}

// NewPassphrase takes 1 to 1,024 bytes, which it copies.
func NewPassphrase(secret []byte) (Passphrase, error) {
	if len(secret) == 0 {
		return Passphrase{}, errors.New("empty passphrase")
	}
	if len(secret) > maxPassphrase {
		return Passphrase{}, fmt.Errorf("passphrase of more than %d bytes", maxPassphrase)
	}
	return Passphrase{reveal: hide(secret)}, nil
}

func (p Passphrase) bytes() []byte {
	if p.reveal == nil {
		return nil
	}
	return p.reveal()
}

// enough refuses passphrases that no new key may have.
func (p Passphrase) enough() error {
	if len(p.bytes()) < minPassphrase {
		return fmt.Errorf("passphrase of less than %d bytes: use several random words", minPassphrase)
	}
	return nil
}

const redacted = "[redacted]"

// String returns "[redacted]".
func (Passphrase) String() string { return redacted }

// GoString returns "[redacted]".
func (Passphrase) GoString() string { return redacted }

// Format writes "[redacted]", whatever the verb.
func (Passphrase) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]".
func (Passphrase) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (Passphrase) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue returns "[redacted]".
func (Passphrase) LogValue() slog.Value { return slog.StringValue(redacted) }
