package courier

import "sync"

// Condition is whether something is up and else why not, for those who wait for its changes. The zero Condition is up.
// It is what a Channel needs to be an Upper.
type Condition struct {
	mu      sync.Mutex
	down    error
	changed chan struct{}
}

// Set makes the condition up when down is nil, and else down for that reason. The same again is no change.
func (c *Condition) Set(down error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if down == nil && c.down == nil || down != nil && c.down != nil && down.Error() == c.down.Error() {
		return
	}
	c.down = down
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// Up is Upper's.
func (c *Condition) Up() (changed <-chan struct{}, down error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed, c.down
}
