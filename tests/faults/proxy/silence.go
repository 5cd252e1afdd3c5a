package main

import (
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// Silence loses what one connection sends after some bytes, once, and closes nothing; the connections before and after
// it stay whole.
type Silence struct {
	Connection int64 `json:"connection"` // Which one since the toxic was added, from 1.
	Bytes      int64 `json:"bytes"`
	Fired      bool  `json:"fired"` // Read back by the harness.

	connections atomic.Int64
}

// NewState numbers a connection.
func (s *Silence) NewState() any { return &cutState{number: s.connections.Add(1)} }

// Pipe passes data on until it falls silent; the end of the connection it passes on in any case.
func (s *Silence) Pipe(stub *toxics.ToxicStub) {
	state, ok := stub.State.(*cutState)
	if !ok || state.number != s.Connection {
		new(toxics.NoopToxic).Pipe(stub)
		return
	}
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			s.pass(stub, state, chunk)
		}
	}
}

// pass forwards what is left before the silence.
func (s *Silence) pass(stub *toxics.ToxicStub, state *cutState, chunk *stream.StreamChunk) {
	left := max(s.Bytes-state.passed, 0)
	state.passed += int64(len(chunk.Data))
	if int64(len(chunk.Data)) <= left {
		stub.Output <- chunk
		return
	}
	if left > 0 {
		stub.Output <- &stream.StreamChunk{Data: chunk.Data[:left], Timestamp: chunk.Timestamp}
	}
	s.Fired = true
}
