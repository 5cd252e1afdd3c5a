package main

import (
	"errors"
	"fmt"
	"strconv"
)

// settings are the function's environment variables.
type settings struct {
	workflow string
	job      string
	// bucket has the events and the feed.
	bucket string
	// queue is the URL of the queue.
	queue string
	// pauseSeconds is the visibility timeout of a reminder.
	pauseSeconds int32
}

// readSettings reads the settings. Its error lists all missing or invalid variables.
func readSettings(getenv func(string) string) (settings, error) {
	var problems []error
	required := func(name string) string {
		value := getenv(name)
		if value == "" {
			problems = append(problems, fmt.Errorf("%s is not set", name))
		}
		return value
	}
	s := settings{
		workflow: required("STORE_EVENTS_WORKFLOW"),
		job:      required("STORE_EVENTS_JOB"),
		bucket:   required("STORE_EVENTS_BUCKET"),
		queue:    required("STORE_EVENTS_QUEUE"),
	}
	if text := required("STORE_EVENTS_PAUSE_SECONDS"); text != "" {
		// 43,200 is the longest visibility timeout:
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 1 || n > 43_200 {
			problems = append(problems, fmt.Errorf("STORE_EVENTS_PAUSE_SECONDS: %q is not a number from 1 to 43200", text))
		}
		s.pauseSeconds = int32(n)
	}
	return s, errors.Join(problems...)
}
