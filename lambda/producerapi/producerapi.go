// Package producerapi is what a caller and the producer function say to each
// other: the invocation payload and the answer.
package producerapi

import (
	"encoding/json"
	"fmt"
)

// Request is the invocation payload. A nil field leaves the function's own
// configuration in force.
type Request struct {
	// Seconds is how long to produce; unused when Events is above zero.
	Seconds *float64 `json:"seconds,omitempty"`
	// Events is how many events to produce, as fast as possible; 0 is by time.
	Events *int `json:"events,omitempty"`
	// Rate is the number of events a second of a run by time; 0 is as fast as
	// possible.
	Rate *int `json:"rate,omitempty"`
	// IncompleteShare is the share of incomplete events, 0 to 1.
	IncompleteShare *float64 `json:"incomplete_share,omitempty"`
	// Seed makes the events repeatable, request_id included.
	Seed *uint64 `json:"seed,omitempty"`
	// Gzip compresses the objects.
	Gzip *bool `json:"gzip,omitempty"`
	// Batch is the number of events in an object.
	Batch *int `json:"batch,omitempty"`
}

// Message counts what was really stored.
type Message struct {
	// Status is true when everything that was asked for is stored.
	Status        bool `json:"status"`
	TotalMessages int  `json:"tot_msgs"`
	Incomplete    int  `json:"bad_msgs"`
	SaleEvents    int  `json:"sale_evnts"`
	// InventoryEvents counts the events of all other types.
	InventoryEvents int `json:"inventory_evnts"`
	// TotalSales is the exact sum of "sales" over the stored sale events, with
	// two decimals; inventory events do not count.
	TotalSales json.Number `json:"tot_sales"`
	// Error says what went wrong; it is absent when Status is true.
	Error string `json:"error,omitempty"`
}

// Response is the function's answer, in the form of an API proxy integration.
type Response struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

type body struct {
	Message Message `json:"message"`
}

// Respond wraps a message: status code 200 when its Status is true, else 500.
func Respond(m Message) (Response, error) {
	text, err := json.Marshal(body{m})
	if err != nil {
		return Response{}, fmt.Errorf("encode the answer: %w", err)
	}
	if m.Status {
		return Response{StatusCode: 200, Body: string(text)}, nil
	}
	return Response{StatusCode: 500, Body: string(text)}, nil
}

// Parse reads a function's answer.
func Parse(payload []byte) (Message, error) {
	var r Response
	if err := json.Unmarshal(payload, &r); err != nil {
		return Message{}, fmt.Errorf("the producer's answer is not JSON: %w: %.200s", err, payload)
	}
	var b body
	if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
		return Message{}, fmt.Errorf("the body of the producer's answer is not JSON: %w: %.200s", err, r.Body)
	}
	return b.Message, nil
}

// Cents writes an amount of cents as a number with two decimals.
func Cents(n int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", n/100, n%100))
}
