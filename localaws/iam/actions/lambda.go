package actions

import (
	"net/url"
	"strings"
)

// lambdaRoutes maps the method and the path after the version to operations.
// {} is the function's name.
var lambdaRoutes = map[string]string{
	"POST functions":                       "CreateFunction",
	"GET functions":                        "ListFunctions",
	"GET functions/{}":                     "GetFunction",
	"DELETE functions/{}":                  "DeleteFunction",
	"PUT functions/{}/code":                "UpdateFunctionCode",
	"GET functions/{}/configuration":       "GetFunctionConfiguration",
	"PUT functions/{}/configuration":       "UpdateFunctionConfiguration",
	"POST functions/{}/invocations":        "InvokeFunction",
	"POST functions/{}/invoke-async":       "InvokeFunction",
	"GET functions/{}/policy":              "GetPolicy",
	"POST functions/{}/policy":             "AddPermission",
	"DELETE functions/{}/policy/*":         "RemovePermission",
	"GET functions/{}/versions":            "ListVersionsByFunction",
	"POST functions/{}/versions":           "PublishVersion",
	"GET functions/{}/aliases":             "ListAliases",
	"POST functions/{}/aliases":            "CreateAlias",
	"GET functions/{}/aliases/*":           "GetAlias",
	"PUT functions/{}/aliases/*":           "UpdateAlias",
	"DELETE functions/{}/aliases/*":        "DeleteAlias",
	"GET functions/{}/concurrency":         "GetFunctionConcurrency",
	"PUT functions/{}/concurrency":         "PutFunctionConcurrency",
	"DELETE functions/{}/concurrency":      "DeleteFunctionConcurrency",
	"GET functions/{}/code-signing-config": "GetFunctionCodeSigningConfig",
	"GET functions/{}/recursion-config":    "GetFunctionRecursionConfig",
	"GET functions/{}/url":                 "GetFunctionUrlConfig",
	"GET functions/{}/event-invoke-config": "GetFunctionEventInvokeConfig",
	"GET event-source-mappings":            "ListEventSourceMappings",
	"POST event-source-mappings":           "CreateEventSourceMapping",
	"GET event-source-mappings/{}":         "GetEventSourceMapping",
	"PUT event-source-mappings/{}":         "UpdateEventSourceMapping",
	"DELETE event-source-mappings/{}":      "DeleteEventSourceMapping",
	"GET tags/{}":                          "ListTags",
	"POST tags/{}":                         "TagResource",
	"DELETE tags/{}":                       "UntagResource",
	"GET account-settings":                 "GetAccountSettings",
}

// readLambda sets the operation of a REST request, and its function as a parameter.
func (c *Call) readLambda() {
	parts := strings.Split(strings.Trim(c.http.URL.EscapedPath(), "/"), "/")
	if len(parts) < 2 {
		return
	}
	parts = parts[1:] // the API's version
	if len(parts) > 1 {
		if name, err := url.PathUnescape(parts[1]); err == nil && parts[0] != "event-source-mappings" {
			if p, ok := c.params.(jsonParams); ok {
				p["FunctionName"] = name
			}
		}
		parts[1] = "{}"
	}
	if len(parts) > 3 {
		parts[3] = "*"
	}
	c.Operation = lambdaRoutes[c.http.Method+" "+strings.Join(parts, "/")]
}

// lambdaResources returns the ARN of the function, which a request identifies by name, partial or full ARN, with an
// optional qualifier:
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (c *Call) lambdaResources() []string {
	name := first(c.params, "FunctionName")
	if name == "" || len(table()["lambda"].Actions[c.Operation]) == 0 {
		return nil
	}
	if strings.HasPrefix(name, "arn:") && !strings.Contains(name, ":function:") {
		return []string{name} // The resource of a request for the tags of a mapping.
	}
	if i := strings.Index(name, "function:"); i >= 0 {
		name = name[i+len("function:"):]
	}
	name = name[strings.LastIndex(name, "/")+1:]
	if qualifier := c.http.URL.Query().Get("Qualifier"); qualifier != "" && !strings.Contains(name, ":") {
		name += ":" + qualifier
	}
	return []string{c.accountARN("lambda", "function:"+name)}
}
