package toolchain

import (
	"context"
	"sync"
)

// queue hands out turns to ranked takers: of those that wait, the lowest rank
// is next.
type queue struct {
	mu      sync.Mutex
	free    int
	waiting []chan struct{} // by rank; nil: not waiting
}

func newQueue(turns, ranks int) *queue {
	return &queue{free: turns, waiting: make([]chan struct{}, ranks)}
}

// take waits for a turn; release gives it back.
func (q *queue) take(ctx context.Context, rank int) (release func(), err error) {
	c := make(chan struct{})
	q.mu.Lock()
	q.waiting[rank] = c
	q.next()
	q.mu.Unlock()
	select {
	case <-c:
		return q.release, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting[rank] == nil { // the turn came at the same moment
		q.free++
		q.next()
	}
	q.waiting[rank] = nil
	return nil, ctx.Err()
}

func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	q.next()
}

func (q *queue) next() {
	for rank, c := range q.waiting {
		if q.free == 0 {
			return
		}
		if c != nil {
			q.waiting[rank] = nil
			q.free--
			close(c)
		}
	}
}
