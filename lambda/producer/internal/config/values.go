package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// values looks up settings by environment variable and payload key, and collects
// errors.
type values struct {
	getenv  func(string) string
	payload map[string]json.RawMessage
	errs    []error
}

func newValues(getenv func(string) string, payload json.RawMessage) *values {
	v := &values{getenv: getenv}
	if len(payload) == 0 {
		return v
	}
	if err := json.Unmarshal(payload, &v.payload); err != nil {
		v.errs = append(v.errs, errors.New("payload: must be a JSON object"))
	}
	return v
}

// inPayload returns the text of a key and its source. text is empty if the key is
// absent or null.
func (v *values) inPayload(key string) (text, where string) {
	if text = string(v.payload[key]); text == "null" {
		text = ""
	}
	return text, fmt.Sprintf("payload %q", key)
}

// renamed rejects a key of an earlier release, which would be ignored like any unknown
// key.
func (v *values) renamed(key, now string) {
	if text, where := v.inPayload(key); text != "" {
		v.errs = append(v.errs, fmt.Errorf("%s: use the key %q", where, now))
	}
}

// find returns the text of a setting and its source. text is empty if it is not set.
func (v *values) find(env, key string) (text, where string) {
	if text, where := v.inPayload(key); text != "" {
		return text, where
	}
	return v.getenv(env), env
}

func (v *values) fail(where, text, want string) {
	v.errs = append(v.errs, fmt.Errorf("%s: %s is not %s", where, text, want))
}

func (v *values) required(env string) string {
	text := v.getenv(env)
	if text == "" {
		v.errs = append(v.errs, fmt.Errorf("%s: must be set", env))
	}
	return text
}

func (v *values) number(env, key string, fallback, low, high float64) float64 {
	text, where := v.find(env, key)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= low && n <= high) { // Written so that NaN fails too.
		v.fail(where, text, fmt.Sprintf("a number from %v to %v", low, high))
	}
	return n
}

func (v *values) seconds(env, key string, fallback, low, high float64) time.Duration {
	return time.Duration(math.Round(v.number(env, key, fallback, low, high) * float64(time.Second))) // 1.005 is slightly less in floating point.
}

func (v *values) integer(env, key string, fallback, low, high int) int {
	text, where := v.find(env, key)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		v.fail(where, text, fmt.Sprintf("a whole number from %d to %d", low, high))
	}
	return n
}

func (v *values) boolean(env, key string, fallback bool) bool {
	text, where := v.find(env, key)
	if text == "" {
		return fallback
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		v.fail(where, text, "true or false")
	}
	return b
}

func (v *values) seed(key string, fallback uint64) uint64 {
	text, where := v.inPayload(key)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		v.fail(where, text, "a whole number from 0 to 2^64-1")
	}
	return n
}
