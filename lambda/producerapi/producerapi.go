// Package producerapi is what a caller and the producer function say to each
// other: the invocation payload and the answer.
package producerapi

import (
	"encoding/json"
	"fmt"
	"net/http"
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

// Message counts what is stored.
type Message struct {
	// Status is true: a call that cannot store everything fails.
	Status        bool `json:"status"`
	TotalMessages int  `json:"tot_msgs"`
	Incomplete    int  `json:"bad_msgs"`
	SaleEvents    int  `json:"sale_evnts"`
	// InventoryEvents counts the events of all other types.
	InventoryEvents int `json:"inventory_evnts"`
	// TotalSales is the exact sum of "sales" over the stored sale events, with
	// two decimals; inventory events do not count.
	TotalSales json.Number `json:"tot_sales"`
}

// Response is the function's answer, in the form of an API proxy integration.
type Response struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

type body struct {
	Message Message `json:"message"`
}

// Respond wraps a message.
func Respond(m Message) (Response, error) {
	text, err := json.Marshal(body{m})
	if err != nil {
		return Response{}, fmt.Errorf("encode the answer: %w", err)
	}
	return Response{StatusCode: http.StatusOK, Body: string(text)}, nil
}

// Parse reads a function's answer. Functions of former releases have one with
// another status code if they could not store everything.
func Parse(payload []byte) (Message, error) {
	var r Response
	if err := json.Unmarshal(payload, &r); err != nil {
		return Message{}, fmt.Errorf("the producer's answer is not JSON: %w: %.200s", err, payload)
	}
	if r.StatusCode != http.StatusOK {
		return Message{}, fmt.Errorf("the producer could not store everything: %.500s", r.Body)
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
