package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley"
	"parley/internal/backup"
	"parley/internal/home"
	"parley/internal/keyring"
	"parley/internal/plain"
)

func (m *Main) backup() *cobra.Command {
	var out, toFile string
	var to []string
	c := &cobra.Command{
		Use:   "backup --out FILE",
		Short: "Make an encrypted backup while the station runs",
		Long: `Writes the party's folder into one file that age encrypts: the journal in one
state, the papers of the lines, the keys of the station and of the officers as they
are sealed, and parley.toml. The station goes on meanwhile.

The file opens with a passphrase, which is asked for; or, with --to or --to-file,
with the private key of any one of the public keys named (age-keygen makes them).
It is not in the file: keep it elsewhere.

What captured traffic is sealed with is never in a backup, nor is the root key.
A station that was restored from a backup signs nothing before the other side has
said how far its log goes, and then goes on behind it (docs/operations.md).`,
		Example: examples("parley backup --out /media/vault/north-week-48.age",
			"parley backup --out north.age --to age1…",
			"parley backup verify north.age --passphrase-file backup.pass"),
		Args: takes(0, 0),
	}
	c.Flags().StringVar(&out, "out", "", "the file to write (required)")
	c.Flags().StringSliceVar(&to, "to", nil, "a public key of age whose private key opens it; may be given several times")
	c.Flags().StringVar(&toFile, "to-file", "", "a file of such public keys, one a line")
	pass := m.backupSecret(c.Flags())
	c.AddCommand(m.backupVerify())
	return m.inHome(c, func(ctx context.Context, h *home.Home, _ []string) error {
		if out == "" {
			return usageError{errors.New("--out is missing: which file shall the backup be?")}
		}
		if err := vacant(out); err != nil {
			return err
		}
		recipients, err := backup.RecipientsOf(to, toFile)
		if err != nil {
			return usageError{fmt.Errorf("backup: %w", err)}
		}
		word := len(recipients) == 0
		if word {
			p, err := pass.chosen("New passphrase of the backup")
			if err != nil {
				return err
			}
			r, err := keyring.BackupRecipient(p)
			if err != nil {
				return err
			}
			recipients = append(recipients, r)
		}
		bar := m.progress()
		made, err := backup.Make(ctx, h, recipients, out, backup.Options{Program: program(), Now: m.Now, Told: bar.at})
		bar.done()
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		m.madeBackup(h, made, out, word)
		return nil
	})
}

// madeBackup tells what was made.
func (m *Main) madeBackup(h *home.Home, made backup.Made, out string, word bool) {
	m.say("The backup of %s is in %s: %s.", h.Party(), out, size(made.Bytes))
	m.contents(made.Manifest, lineNames(h))
	m.say("")
	opens := "the private key of one of the public keys named"
	if word {
		opens = "its passphrase"
	}
	m.say("It opens with %s and with nothing else.", opens)
	m.say("Not in it, so keep these apart:")
	m.say("  the root key (%s)", keyring.RootFile)
	if s := h.Config().StationSecret; s != "" {
		m.say("  the secret that opens the station's keys (%s): without it a restored station does not start", s)
	}
	for _, name := range made.Left {
		if strings.HasPrefix(name, "lines/") {
			m.say("  %s, which is not one of Parley's files", name)
		}
	}
	m.say("Test it: parley backup verify %s", out)
}

// backupEvery is how long a backup is new enough.
const backupEvery = 7 * 24 * time.Hour

// lastBackup tells when the last backup of a folder was made.
func (m *Main) lastBackup(h *home.Home) error {
	last, ok, err := backup.LastOf(h)
	switch age := m.Now().Sub(last.Made); {
	case err != nil:
		return err
	case !ok:
		m.say("No backup was made yet. Make one: parley backup --out FILE")
	case last.Restored:
		m.say("This folder was restored from the backup of %s (%s), and no backup was made of it since. Make one: parley backup --out FILE", m.moment(last.Made), plain.Line(last.File))
	case last.Keys:
		m.say("Keys have changed since the last backup, of %s: %s. Make another: parley backup --out FILE", m.moment(last.Made), plain.Line(last.File))
	case age > backupEvery:
		m.say("The last backup is %d days old: %s. Make another: parley backup --out FILE", int(age.Hours()/24), plain.Line(last.File))
	default:
		m.say("The last backup was made at %s: %s", m.moment(last.Made), plain.Line(last.File))
	}
	return nil
}

func (m *Main) backupVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Test that a backup opens and is whole",
		Long: `Opens a backup, reads it to its end and compares every file in it with what the
backup says of it. It writes nothing and needs no folder of a party, so it can be
run where the backup is kept.`,
		Example: examples("parley backup verify north.age", "parley backup verify north.age --identity vault.key"),
		Args:    takes(1, 1),
	}
	open := m.openers(c.Flags())
	asJSON := jsonFlag(c)
	c.RunE = runs(func(ctx context.Context, args []string) error {
		ids, err := open.identities()
		if err != nil {
			return err
		}
		bar := m.progress()
		got, err := backup.Verify(ctx, args[0], ids, backup.Options{Told: bar.at})
		bar.done()
		if err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		if *asJSON {
			return m.json(jsonOf(got))
		}
		m.say("%s is a whole backup of %s, made at %s by parley %s.", args[0], got.Party, m.moment(got.Made), got.Program)
		m.contents(got, nil)
		m.say("Root key of %s: %s", got.Party, got.RootText())
		return nil
	})
	return c
}

// jsonOf returns a manifest for programs.
func jsonOf(b backup.Manifest) any {
	type log struct {
		Line  string `json:"line"`
		Party string `json:"party"`
		Size  uint64 `json:"size"`
	}
	out := struct {
		Party string `json:"party"`
		Made  string `json:"made"`
		Root  string `json:"root"`
		Files int    `json:"files"`
		Bytes int64  `json:"bytes"`
		Logs  []log  `json:"logs"`
	}{string(b.Party), b.Made.Format("2006-01-02T15:04:05Z"), b.RootText(), len(b.Files), b.Bytes(), []log{}}
	for _, l := range b.Logs {
		out.Logs = append(out.Logs, log{l.Line.String(), string(l.Party), l.Size})
	}
	return out
}

// contents tells how far the logs in a backup go, by the names of their lines where
// they are known.
func (m *Main) contents(b backup.Manifest, names map[parley.LineID]string) {
	m.say("It holds %s, %s in all.", count(uint64(len(b.Files)), "file", "files"), size(b.Bytes()))
	logs := slices.SortedFunc(slices.Values(b.Logs), func(a, b backup.Log) int { return strings.Compare(string(a.Party), string(b.Party)) })
	var ids []parley.LineID
	for _, l := range logs {
		if !slices.Contains(ids, l.Line) {
			ids = append(ids, l.Line)
		}
	}
	for _, id := range ids {
		name, ok := names[id]
		if !ok {
			name = peerIn(logs, id, b.Party)
		}
		var said []string
		for _, l := range logs {
			if l.Line == id {
				said = append(said, fmt.Sprintf("%s of %s", count(l.Size, "message", "messages"), l.Party))
			}
		}
		m.say("  line %s: %s", name, strings.Join(said, ", "))
	}
	if len(ids) == 0 {
		m.say("  no message: no line was ever served")
	}
}

// peerIn names a line by the party on its other side, as its folder does.
func peerIn(logs []backup.Log, line parley.LineID, party parley.Party) string {
	for _, l := range logs {
		if l.Line == line && l.Party != party {
			return "with " + string(l.Party)
		}
	}
	return line.String()[:12]
}

// lineNames returns the names of the lines of a folder.
func lineNames(h *home.Home) map[parley.LineID]string {
	names := map[parley.LineID]string{}
	all, err := h.AllLines()
	if err != nil {
		return names // they are told by their ids
	}
	for _, l := range all {
		if l.Roster != nil {
			names[l.Roster.Line] = "with " + l.Name
		}
	}
	return names
}

func (m *Main) backupSecret(flags *pflag.FlagSet) *secret {
	return m.secret(flags, "passphrase-file", "PARLEY_BACKUP_PASSPHRASE_FILE", "the backup")
}

// openers are how a command comes by what opens a backup.
type openers struct {
	keys string
	pass *secret
}

func (m *Main) openers(flags *pflag.FlagSet) *openers {
	o := &openers{pass: m.backupSecret(flags)}
	flags.StringVar(&o.keys, "identity", "", "a file of mode 0600 with private keys of age, for a backup that was made with --to")
	return o
}

func (o *openers) identities() (backup.Identities, error) {
	if o.keys != "" {
		ids, err := keyring.BackupIdentities(o.keys)
		if err != nil {
			err = hinted{err, "age-keygen -o FILE makes such a file, of mode 0600"}
		}
		return ids, err
	}
	p, err := o.pass.known("Passphrase of the backup")
	if err != nil {
		return nil, err
	}
	id, err := keyring.BackupIdentity(p)
	return backup.Identities{id}, err
}

// program is the word by which a backup names the program that made it.
func program() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return strings.ReplaceAll(info.Main.Version, " ", "-")
	}
	return "unknown"
}

// size returns a size for people.
func size(bytes int64) string {
	switch {
	case bytes < 10<<10:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 10<<20:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}
