package main

import "parley/audit"

// ahead is how many pieces each worker may be ahead of what is taken.
const ahead = 4

// runAudit has so many workers do the work of an audit, and takes it in order. done is told
// how many bytes of the file each piece is.
func runAudit(a *audit.Auditor, workers int, done func(bytes int)) {
	type task struct {
		work *audit.Work
		done chan struct{}
	}
	todo := make(chan task, ahead*workers)
	for range workers {
		go func() {
			for t := range todo {
				t.work.Do()
				close(t.done)
			}
		}()
	}
	defer close(todo)
	var under []task // the work that is not taken yet, in order
	for {
		for len(under) < cap(todo) {
			w := a.Next()
			if w == nil {
				break
			}
			t := task{w, make(chan struct{})}
			under = append(under, t)
			todo <- t
		}
		if len(under) == 0 {
			return
		}
		<-under[0].done
		bytes := under[0].work.Len()
		a.Take(under[0].work)
		done(bytes)
		under = under[1:]
	}
}
