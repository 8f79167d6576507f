package backup

import (
	"path"
	"strings"

	"parley/internal/keyring"
)

// The files of a party's folder that are no keys and no papers.
const (
	configFile  = "parley.toml"
	journalFile = "journal/journal.db"
)

// belongs reports whether a backup holds the file of a party's folder that has this
// name, which may be any string. It is the one rule for what goes in and for what is
// taken out: a name that leaves the folder, or is hidden, passes nowhere.
//
// Not among them, on purpose: keys/epochs and keys/prekeys, which are destroyed so that
// captured traffic stays closed; keys/starts, which tells a journal from an older one;
// keys/root.key, which is kept apart from everything else.
func belongs(name string) bool {
	if !plain(name) {
		return false
	}
	if key, ok := strings.CutPrefix(name, "keys/"); ok {
		return keyring.InBackup(key)
	}
	dir, file := path.Split(name)
	switch parts := strings.Split(strings.TrimSuffix(dir, "/"), "/"); {
	case name == configFile || name == journalFile:
		return true
	case parts[0] == "lines" && (len(parts) == 2 || len(parts) == 3):
		return strings.HasSuffix(file, ".txt")
	}
	return false
}

// plain reports whether a name is of parts of a–z, A–Z, 0–9, '-', '_' and '.', none of
// them beginning with a '.', with one '/' between each.
func plain(name string) bool {
	if len(name) == 0 || len(name) > maxName {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' {
			return false
		}
		for _, c := range []byte(part) {
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			default:
				return false
			}
		}
	}
	return true
}
