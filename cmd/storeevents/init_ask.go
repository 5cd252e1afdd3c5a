package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"store-events/config"
)

// interview prompts for the settings that most stacks need. An empty answer selects the default.
type interview struct {
	in  io.Reader
	out io.Writer
}

// question is a prompt for a setting that no flag has set.
type question struct {
	text, fallback string
	// choices are the accepted answers; empty accepts every answer.
	choices []string
	// applies reports whether to ask the question after the answers so far.
	applies func(config.Map) bool
	take    func(answer string)
}

func (i interview) ask(ctx context.Context, o *initOptions, settings config.Map) error {
	set := func(key string) func(string) {
		return func(answer string) {
			if answer != "" {
				settings[key] = answer
			}
		}
	}
	unset := func(keys ...string) func(config.Map) bool {
		return func(s config.Map) bool { return !slices.ContainsFunc(keys, given(s)) }
	}
	empty := func(flag *string) func(config.Map) bool {
		return func(config.Map) bool { return *flag == "" }
	}
	into := func(flag *string) func(string) { return func(answer string) { *flag = answer } }
	inVpc := func(s config.Map) bool { return s["vpcId"] != "" && s["appSubnetIds"] == "" }
	protected := func(s config.Map) bool { return egressUndecided(s) && s["protectData"] == "true" }
	unprotected := func(s config.Map) bool { return egressUndecided(s) && s["protectData"] != "true" }
	lines := bufio.NewReader(i.in)
	for _, q := range []question{
		{"AWS region", defaultRegion(), nil, empty(&o.region), into(&o.region)},
		{"value of the tags Owner and CostCenter", defaultOwner, nil, empty(&o.owner), into(&o.owner)},
		{"keep the data if the stack is destroyed", "false", []string{"true", "false"}, unset("protectData"), set("protectData")},
		{"existing VPC (empty for a new one)", "", nil, unset(append(config.NewNetworkKeys(), "vpcId")...), set("vpcId")},
		{"its two private subnets, separated by commas", "", nil, inVpc, func(answer string) { settings["appSubnetIds"] = listOf(answer) }},
		{egressText + instancePrice, byInstance, []string{byInstance, byGateway, byEndpoints}, unprotected, setEgress(settings)},
		{egressText, byEndpoints, []string{byGateway, byEndpoints}, protected, setEgress(settings)},
		{"e-mail address for alerts (empty for none)", "", nil, unset("alertEmail"), set("alertEmail")},
	} {
		if !q.applies(settings) {
			continue
		}
		answer, err := i.question(ctx, lines, q)
		if err != nil {
			return err
		}
		q.take(answer)
	}
	return nil
}

// Routes to the AWS APIs. The default answer is the one that --yes selects.
const (
	byInstance, byGateway, byEndpoints = "instance", "gateway", "endpoints"

	egressText    = "route to the AWS APIs, in USD a month: a NAT gateway for 37, interface endpoints for 117"
	instancePrice = ", a NAT instance for 7"
)

// setEgress returns a function that applies an answer to the settings.
func setEgress(settings config.Map) func(answer string) {
	return func(answer string) {
		switch answer {
		case byInstance:
			settings["natInstance"] = "true"
		case byGateway:
			settings["natGateways"] = "1"
		}
		settings["interfaceEndpoints"] = strconv.FormatBool(answer == byEndpoints)
	}
}

func (i interview) question(ctx context.Context, lines *bufio.Reader, q question) (string, error) {
	prompt := q.text
	if len(q.choices) > 0 {
		prompt += " (" + strings.Join(q.choices, ", ") + ")"
	}
	if q.fallback != "" {
		prompt += " [" + q.fallback + "]"
	}
	for {
		answer, err := i.line(ctx, lines, prompt+": ")
		if err != nil {
			return "", err
		}
		answer = cmp.Or(answer, q.fallback)
		if len(q.choices) == 0 || slices.Contains(q.choices, answer) {
			return answer, nil
		}
	}
}

// line reads one answer, "" for Enter alone.
func (i interview) line(ctx context.Context, lines *bufio.Reader, prompt string) (string, error) {
	if _, err := fmt.Fprint(i.out, prompt); err != nil {
		return "", fmt.Errorf("ask: %w", err)
	}
	line, err := answer(ctx, func() (string, error) { return lines.ReadString('\n') })
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("nothing is written: %w", err)
	}
	line = strings.TrimSpace(line)
	if err != nil && line == "" {
		return "", errors.New("no answer: nothing is written (--yes skips the prompts)")
	}
	return line, nil
}

// listOf returns values separated by commas or spaces as a JSON list.
func listOf(answer string) string {
	var quoted []string
	for _, value := range strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' }) {
		quoted = append(quoted, fmt.Sprintf("%q", value))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}
