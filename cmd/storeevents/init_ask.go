package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"store-events/config"
)

// interview asks a person for the settings that most stacks decide on. An empty
// answer takes the default.
type interview struct {
	in  io.Reader
	out io.Writer
}

// question is asked unless a flag has answered it.
type question struct {
	text, fallback string
	// asked says whether it applies to the answers so far.
	asked func(config.Map) bool
	take  func(answer string)
}

func (i interview) ask(o *initOptions, settings config.Map) error {
	set := func(key string) func(string) {
		return func(answer string) {
			if answer != "" {
				settings[key] = answer
			}
		}
	}
	unset := func(keys ...string) func(config.Map) bool {
		return func(s config.Map) bool {
			for _, key := range keys {
				if _, given := s[key]; given {
					return false
				}
			}
			return true
		}
	}
	inVpc := func(s config.Map) bool { return s["vpcId"] != "" && s["appSubnetIds"] == "" }
	lines := bufio.NewReader(i.in)
	for _, q := range []question{
		{"AWS region", o.region, unset(), func(answer string) { o.region = answer }},
		{"owner, for the tags", o.owner, unset(), func(answer string) { o.owner = answer }},
		{"keep the data if the stack is destroyed (true or false)", "false", unset("protectData"), set("protectData")},
		{"existing VPC (empty creates one)", "", unset("vpcId"), set("vpcId")},
		{"its two private subnets, separated by commas", "", inVpc, func(answer string) { settings["appSubnetIds"] = listOf(answer) }},
		{"way to the AWS APIs: NAT gateways, 37 USD a month each (0 uses interface endpoints, 117 USD)", "1", unset("vpcId", "natGateways"), func(answer string) {
			settings["natGateways"] = answer
			if answer != "0" {
				settings["interfaceEndpoints"] = "false"
			}
		}},
		{"e-mail address for alerts (empty for none)", "", unset("alertEmail"), set("alertEmail")},
	} {
		if !q.asked(settings) {
			continue
		}
		answer, err := i.question(lines, q)
		if err != nil {
			return err
		}
		q.take(answer)
	}
	return nil
}

func (i interview) question(lines *bufio.Reader, q question) (string, error) {
	prompt := q.text
	if q.fallback != "" {
		prompt += " [" + q.fallback + "]"
	}
	if _, err := fmt.Fprint(i.out, prompt+": "); err != nil {
		return "", fmt.Errorf("ask: %w", err)
	}
	line, err := lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	if answer := strings.TrimSpace(line); answer != "" {
		return answer, nil
	}
	if err != nil {
		return "", errors.New("no answer: nothing is written (--yes asks nothing)")
	}
	return q.fallback, nil
}

// listOf is a list in JSON of values separated by commas or spaces.
func listOf(answer string) string {
	var quoted []string
	for _, value := range strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' }) {
		quoted = append(quoted, fmt.Sprintf("%q", value))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}
