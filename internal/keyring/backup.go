package keyring

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"filippo.io/age"
)

// InBackup reports whether a file below a keyring's folder, named with '/', belongs in
// a backup: the station's keys and the officers', each as it is sealed. The root key,
// epochs, prekeys and the start counter do not (docs/keys.md).
func InBackup(name string) bool {
	switch dir, file := path.Split(name); dir {
	case "":
		return file == StationFile || file == DeniableFile || file == ReceiptPQFile
	case OfficerDir + "/", HopDir + "/", LaterDir + "/":
		base, ok := strings.CutSuffix(file, keySuffix)
		return ok && checkName(base) == nil
	}
	return false
}

// BackupRecipient returns what seals a backup under a passphrase, as age does
// (scrypt). It is refused if it is too short for a new key.
func BackupRecipient(p Passphrase) (age.Recipient, error) {
	if err := p.enough(); err != nil {
		return nil, err
	}
	return age.NewScryptRecipient(string(p.bytes()))
}

// BackupIdentity returns what opens a backup that BackupRecipient sealed.
func BackupIdentity(p Passphrase) (age.Identity, error) {
	return age.NewScryptIdentity(string(p.bytes()))
}

// BackupIdentities reads a file of age's private keys, as age-keygen writes it, with
// which backups are opened. Errors: ErrNotFound, ErrExposed, ErrMalformed.
func BackupIdentities(path string) ([]age.Identity, error) {
	b, err := readPrivate(path, maxKeyFile*8, 0)
	if err != nil {
		return nil, fmt.Errorf("read private keys %s: %w", path, err)
	}
	ids, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil {
		// What age says may quote the file.
		return nil, fmt.Errorf("read private keys %s: %w: not as age-keygen writes them", path, ErrMalformed)
	}
	return ids, nil
}
