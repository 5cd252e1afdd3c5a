package main

import (
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// limit is how much of one connection passes, once; the connections before and after it stay whole.
type limit struct {
	Connection int64 `json:"connection"` // Which one since the toxic was added, from 1.
	Bytes      int64 `json:"bytes"`
	Fired      bool  `json:"fired"` // Read back by the harness.

	connections atomic.Int64
}

type limitState struct{ number, passed int64 }

// NewState numbers a connection.
func (l *limit) NewState() any { return &limitState{number: l.connections.Add(1)} }

// pipe passes data on up to the limit. What comes after it is lost, or ends the connection if `cuts` is set.
func (l *limit) pipe(stub *toxics.ToxicStub, cuts bool) {
	state, ok := stub.State.(*limitState)
	if !ok || state.number != l.Connection {
		new(toxics.NoopToxic).Pipe(stub)
		return
	}
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil || !l.pass(stub, state, chunk) && cuts {
				stub.Close()
				return
			}
		}
	}
}

// pass forwards what is left before the limit, and reports whether that is the whole chunk.
func (l *limit) pass(stub *toxics.ToxicStub, state *limitState, chunk *stream.StreamChunk) bool {
	left := max(l.Bytes-state.passed, 0)
	state.passed += int64(len(chunk.Data))
	if int64(len(chunk.Data)) <= left {
		stub.Output <- chunk
		return true
	}
	if left > 0 {
		stub.Output <- &stream.StreamChunk{Data: chunk.Data[:left], Timestamp: chunk.Timestamp}
	}
	l.Fired = true
	return false
}

// Cut ends one connection after some bytes.
type Cut struct{ limit }

// Pipe passes data on, up to the cut.
func (c *Cut) Pipe(stub *toxics.ToxicStub) { c.pipe(stub, true) }

// Silence loses what one connection sends after some bytes, and closes nothing.
type Silence struct{ limit }

// Pipe passes data on until it falls silent; the end of the connection it passes on in any case.
func (s *Silence) Pipe(stub *toxics.ToxicStub) { s.pipe(stub, false) }
