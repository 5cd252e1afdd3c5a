package main

import (
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// Cut ends one connection after some bytes, once; the connections before and after it stay whole.
type Cut struct {
	Connection int64 `json:"connection"` // Which one since the toxic was added, from 1.
	Bytes      int64 `json:"bytes"`
	Fired      bool  `json:"fired"` // Read back by the harness.

	connections atomic.Int64
}

type cutState struct{ number, passed int64 }

// NewState numbers a connection.
func (c *Cut) NewState() any { return &cutState{number: c.connections.Add(1)} }

// Pipe passes data on, up to the cut.
func (c *Cut) Pipe(stub *toxics.ToxicStub) {
	state, ok := stub.State.(*cutState)
	if !ok || state.number != c.Connection {
		new(toxics.NoopToxic).Pipe(stub)
		return
	}
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil || !c.pass(stub, state, chunk) {
				stub.Close()
				return
			}
		}
	}
}

// pass forwards what is left before the cut, and reports whether the connection goes on.
func (c *Cut) pass(stub *toxics.ToxicStub, state *cutState, chunk *stream.StreamChunk) bool {
	left := c.Bytes - state.passed
	if int64(len(chunk.Data)) <= left {
		stub.Output <- chunk
		state.passed += int64(len(chunk.Data))
		return true
	}
	if left > 0 {
		stub.Output <- &stream.StreamChunk{Data: chunk.Data[:left], Timestamp: chunk.Timestamp}
	}
	c.Fired = true
	return false
}
