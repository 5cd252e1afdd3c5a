package observability

import (
	"encoding/json"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var dashboardOwnFunctions = rule.Rule{
	ID:       "dashboard-own-functions",
	Title:    "Dashboard widgets call only functions of this stack",
	Why:      "CloudWatch calls the function with the permissions of whoever opens the dashboard, and shows the HTML that it returns.",
	Fix:      "Set the endpoint of the custom widget to the ARN of a lambda.Function of the stack.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Dashboard, aws.Function},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Dashboard, func(d rule.Resource) []rule.Finding {
			body := d.Get("dashboardBody")
			text, err := body.Text()
			if err != nil {
				return rule.Unreadable(err)
			}
			endpoints, ok := customWidgets(text)
			if !ok {
				return rule.Unreadable(&value.Error{Path: body.Path(), Want: "the JSON of a dashboard", Got: "another string"})
			}
			var findings []rule.Finding
			for _, endpoint := range endpoints {
				if !ofFunction(s, endpoint) {
					findings = append(findings, rule.Violate(body, "a widget calls a function outside this stack")...)
				}
			}
			return findings
		})
	},
}

// customWidgets returns the functions that custom widgets of a dashboard call, and whether its body can be read:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
func customWidgets(body string) (endpoints []string, ok bool) {
	var dashboard struct {
		Widgets []struct {
			Type       string
			Properties struct{ Endpoint string }
		}
	}
	if body == "" {
		return nil, true
	}
	if json.Unmarshal([]byte(body), &dashboard) != nil {
		return nil, false
	}
	for _, w := range dashboard.Widgets {
		if w.Type == "custom" || w.Properties.Endpoint != "" {
			endpoints = append(endpoints, w.Properties.Endpoint)
		}
	}
	return endpoints, true
}

// ofFunction reports whether an ARN belongs to a function of the stack, or to one of its versions or aliases.
func ofFunction(s rule.Stack, endpoint string) bool {
	for _, f := range s.Of(aws.Function) {
		arn, _ := value.Of(f.Outputs).Get("arn").Text()
		if arn != "" && (endpoint == arn || strings.HasPrefix(endpoint, arn+":")) {
			return true
		}
	}
	return s.Settings.Configured(endpoint)
}
