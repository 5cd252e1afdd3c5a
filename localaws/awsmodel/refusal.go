package awsmodel

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Refusal is AWS's error for an invalid request.
type Refusal struct {
	Code, Message string
	// Status is the HTTP status. The default is 400.
	Status int
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// HTTPStatus returns Status, or its default.
func (r *Refusal) HTTPStatus() int {
	if r.Status == 0 {
		return http.StatusBadRequest
	}
	return r.Status
}

// Refuse returns a Refusal with a formatted message.
func Refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// codes maps services to their error code for a request that violates the model. The default is ValidationException.
//
// Logs: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
// Athena: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
// Query protocol: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
var codes = map[string]string{
	"logs":       "InvalidParameterException",
	"athena":     "InvalidRequestException",
	"budgets":    "InvalidParameterException",
	"iam":        "ValidationError",
	"sts":        "ValidationError",
	"rds":        "ValidationError",
	"cloudwatch": "ValidationError",
	"sns":        "InvalidParameter",
	"sqs":        "InvalidParameterValue",
}

// refusal formats one or more failures as AWS does.
func (r *Request) refusal(failures []failure) *Refusal {
	// The order in which AWS reports failures is not documented.
	slices.SortFunc(failures, func(a, b failure) int { return strings.Compare(a.path+a.constraint, b.path+b.constraint) })
	if r.Protocol() == ProtocolEC2 || r.Service == "rds" || r.Service == "sqs" {
		if refused := missing(failures); refused != nil {
			return refused
		}
	}
	if r.Protocol() == ProtocolEC2 {
		f := failures[0]
		return Refuse("InvalidParameterValue", "Value (%s) for parameter %s is invalid. %s", f.value, f.path, f.constraint)
	}
	texts := make([]string, len(failures))
	for i, f := range failures {
		texts[i] = f.String()
	}
	code, found := codes[r.Service]
	if !found {
		code = "ValidationException"
	}
	noun := "errors"
	if len(failures) == 1 {
		noun = "error"
	}
	return Refuse(code, "%d validation %s detected: %s", len(failures), noun, strings.Join(texts, "; "))
}

// missing returns the error for the first missing parameter, or nil.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func missing(failures []failure) *Refusal {
	for _, f := range failures {
		if f.constraint == notNull {
			return Refuse("MissingParameter", "The request must contain the parameter %s", f.name)
		}
	}
	return nil
}
