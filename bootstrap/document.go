package main

import (
	"encoding/json"
	"fmt"
	"slices"
)

// maxPolicy is the maximum size in characters of a managed policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxPolicy = 6144

// statement allows actions on resources.
type statement struct {
	Sid       string
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string  `json:",omitempty"`
	Condition condition `json:",omitempty"`
}

// condition maps operators to keys to values.
type condition map[string]map[string][]string

func allow(sid string, actions, resources []string) statement {
	return statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

func (s statement) when(operator, key string, values ...string) statement {
	c := condition{}
	for op, keys := range s.Condition {
		c[op] = map[string][]string{}
		for k, v := range keys {
			c[op][k] = v
		}
	}
	if c[operator] == nil {
		c[operator] = map[string][]string{}
	}
	c[operator][key] = values
	s.Condition = c
	return s
}

// document encodes a policy. It returns an error if the policy is too large for IAM.
func document(name string, statements ...statement) (string, error) {
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return "", fmt.Errorf("policy %s: %w", name, err)
	}
	if len(text) > maxPolicy {
		return "", fmt.Errorf("policy %s has %d characters, more than the %d of a managed policy", name, len(text), maxPolicy)
	}
	return string(text), nil
}

// of returns actions with their service as prefix.
func of(service string, actions ...string) []string {
	out := make([]string, len(actions))
	for i, action := range actions {
		out[i] = service + ":" + action
	}
	return out
}

func all(lists ...[]string) []string { return slices.Concat(lists...) }
