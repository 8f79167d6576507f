package backup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/age"
)

// Recipients are whom a backup is sealed for: any one of them opens it.
type Recipients = []age.Recipient

// Identities are what a backup is opened with.
type Identities = []age.Identity

// ErrRecipient is returned for what is no public key of age.
var ErrRecipient = errors.New("not a public key of age: age-keygen -y prints it, and it begins with age1")

// RecipientsOf returns the recipients whose public keys are given, and those in a file,
// one a line, unless its name is "".
func RecipientsOf(keys []string, file string) (Recipients, error) {
	var to Recipients
	for _, k := range keys {
		// Neither error quotes what was given: it may be the private key.
		r, err := age.ParseRecipients(strings.NewReader(k))
		if err != nil || !strings.HasPrefix(k, "age1") {
			return nil, ErrRecipient
		}
		to = append(to, r...)
	}
	if file == "" {
		return to, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r, err := age.ParseRecipients(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, ErrRecipient)
	}
	return append(to, r...), nil
}
