package hop

import (
	"context"
	"crypto/tls"
	"time"
)

// dialer keeps a channel connected.
type dialer struct {
	channel   *Channel
	addresses []string
	config    *tls.Config
	dial      func(context.Context, string, *tls.Config) (Conn, error)
}

// run dials one address after the other until the channel is closed. It stays with the address that last answered.
func (d *dialer) run() {
	ctx := d.channel.ended
	var backoff Backoff
	for at := 0; ctx.Err() == nil; {
		began := time.Now()
		conn, err := d.dial(ctx, d.addresses[at], d.config)
		if err != nil {
			if ctx.Err() == nil {
				d.channel.up.Set(err)
			}
			at = (at + 1) % len(d.addresses)
		} else {
			d.channel.use(conn)
			if backoff.Lasted(began) {
				backoff.Reset()
			}
		}
		backoff.Wait(ctx)
	}
}
