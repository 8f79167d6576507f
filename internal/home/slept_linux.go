package home

import (
	"time"

	"golang.org/x/sys/unix"
)

// slept is how long this machine was suspended since it was started: by what the clock
// that counts the time asleep is ahead of the one that does not.
func slept() time.Duration {
	var all, awake unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &all) != nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake) != nil {
		return 0
	}
	return time.Duration(all.Nano() - awake.Nano())
}
