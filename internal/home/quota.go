package home

import (
	"fmt"
	"time"

	"parley/internal/station"
)

// QuotaConfig is what the other side of a line may make this station keep; see
// station.Quota. What is left out, or 0, is the default, and -1 is no bound.
type QuotaConfig struct {
	Messages       int64 `toml:"messages,omitempty"`
	Mebibytes      int64 `toml:"mebibytes,omitempty"`
	FlashMessages  int64 `toml:"flash-messages,omitempty"`
	FlashMebibytes int64 `toml:"flash-mebibytes,omitempty"`
	Hours          int64 `toml:"hours,omitempty"`
	FreeMebibytes  int64 `toml:"free-mebibytes,omitempty"`
}

// The largest settings: numbers beyond them are slips, not wishes.
const (
	mostMessages  = 1_000_000_000
	mostMebibytes = 1 << 30
	mostHours     = 24 * 366
)

func (q QuotaConfig) check() error {
	for _, s := range []struct {
		name        string
		value, most int64
		least       int64
	}{
		{"messages", q.Messages, mostMessages, -1},
		{"mebibytes", q.Mebibytes, mostMebibytes, -1},
		{"flash-messages", q.FlashMessages, mostMessages, -1},
		{"flash-mebibytes", q.FlashMebibytes, mostMebibytes, -1},
		{"hours", q.Hours, mostHours, 0},
		{"free-mebibytes", q.FreeMebibytes, mostMebibytes, -1},
	} {
		if s.value < s.least || s.value > s.most {
			return fmt.Errorf("%w: quota: %s = %d: write %d to %d", ErrConfig, s.name, s.value, s.least, s.most)
		}
	}
	return nil
}

func (q QuotaConfig) quota() station.Quota {
	return station.Quota{
		Messages: q.Messages, Bytes: mebibytes(q.Mebibytes),
		Flash: q.FlashMessages, FlashBytes: mebibytes(q.FlashMebibytes),
		Per: time.Duration(q.Hours) * time.Hour, Room: mebibytes(q.FreeMebibytes),
	}
}

func mebibytes(n int64) int64 {
	if n < 0 {
		return n
	}
	return n << 20
}
