package main

import (
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// limit is the number of bytes that pass on one connection. Other connections are not limited.
type limit struct {
	Connection int64 `json:"connection"` // The number of the connection since the toxic was added, from 1.
	Bytes      int64 `json:"bytes"`
	Fired      bool  `json:"fired"` // Read by the harness.

	connections atomic.Int64
}

type limitState struct{ number, passed int64 }

// NewState numbers a connection.
func (l *limit) NewState() any { return &limitState{number: l.connections.Add(1)} }

// pipe passes data on up to the limit. Data beyond it is dropped, or closes the connection if `cuts` is set.
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

// pass forwards the part of a chunk before the limit, and reports whether that is the whole chunk.
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

// Cut closes one connection after some bytes.
type Cut struct{ limit }

// Pipe passes data on, up to the cut.
func (c *Cut) Pipe(stub *toxics.ToxicStub) { c.pipe(stub, true) }

// Silence drops what one connection sends after some bytes, and does not close it.
type Silence struct{ limit }

// Pipe passes data on up to the limit. It always passes on the end of the connection.
func (s *Silence) Pipe(stub *toxics.ToxicStub) { s.pipe(stub, false) }
