// Package producerapi defines the payload and the response of the producer function.
package producerapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Request is the invocation payload. The function's configuration has the defaults
// of nil fields.
type Request struct {
	// Seconds is the duration of a run; ignored if Events is above zero.
	Seconds *float64 `json:"seconds,omitempty"`
	// Events is the number of events to produce as fast as possible; 0 limits the
	// run by Seconds.
	Events *int `json:"events,omitempty"`
	// Rate is the number of events per second of a run limited by Seconds; 0 is as
	// fast as possible.
	Rate *int `json:"rate,omitempty"`
	// IncompleteShare is the share of incomplete events, 0 to 1.
	IncompleteShare *float64 `json:"incomplete_share,omitempty"`
	// Seed makes the events reproducible, including request_id.
	Seed *uint64 `json:"seed,omitempty"`
	// Gzip compresses the objects.
	Gzip *bool `json:"gzip,omitempty"`
	// Batch is the number of events per object.
	Batch *int `json:"batch,omitempty"`
}

// Message counts the stored events.
type Message struct {
	// Status is always true: a call that cannot store all events fails.
	Status        bool `json:"status"`
	TotalMessages int  `json:"tot_msgs"`
	Incomplete    int  `json:"bad_msgs"`
	SaleEvents    int  `json:"sale_evnts"`
	// InventoryEvents counts the events of all other types.
	InventoryEvents int `json:"inventory_evnts"`
	// TotalSales is the exact sum of "sales" over the stored sale events, with two
	// decimals.
	TotalSales json.Number `json:"tot_sales"`
}

// Response is the function's response, in the format of an API proxy integration.
type Response struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

type body struct {
	Message Message `json:"message"`
}

// Respond returns the response with a message.
func Respond(m Message) (Response, error) {
	text, err := json.Marshal(body{m})
	if err != nil {
		return Response{}, fmt.Errorf("encode the response: %w", err)
	}
	return Response{StatusCode: http.StatusOK, Body: string(text)}, nil
}

// Parse parses a function's response. Functions of former releases return another
// status code if they could not store all events.
func Parse(payload []byte) (Message, error) {
	var r Response
	if err := json.Unmarshal(payload, &r); err != nil {
		return Message{}, fmt.Errorf("the producer's response is not JSON: %w: %.200s", err, payload)
	}
	if r.StatusCode != http.StatusOK {
		return Message{}, fmt.Errorf("the producer could not store all events: %.500s", r.Body)
	}
	var b body
	if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
		return Message{}, fmt.Errorf("the body of the producer's response is not JSON: %w: %.200s", err, r.Body)
	}
	return b.Message, nil
}

// Cents formats an amount in cents as a number with two decimals.
func Cents(n int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", n/100, n%100))
}
