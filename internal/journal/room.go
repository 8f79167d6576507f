package journal

import "fmt"

// Room returns how many bytes of the disk that holds the journal are free for
// it, and how large the disk is. Where the system does not say, both are large.
func (j *Journal) Room() (free, size int64, err error) {
	if free, size, err = diskBytes(j.reserve.path); err != nil {
		return 0, 0, fmt.Errorf("journal: room: %w", err)
	}
	return free, size, nil
}

// DiskRoom returns how many bytes of the disk that holds the folder dir are free, and
// how large the disk is. Where the system does not say, both are large.
func DiskRoom(dir string) (free, size int64, err error) {
	if free, size, err = diskBytes(dir + "/."); err != nil {
		return 0, 0, fmt.Errorf("room in %s: %w", dir, err)
	}
	return free, size, nil
}
