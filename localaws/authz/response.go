package authz

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"localaws/iam/actions"
	"localaws/iam/policy"
)

// Response is an error response in the request's protocol.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Denied returns the response to a denied request:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-exceptions.html
func Denied(r *http.Request, d policy.Decision) Response {
	service, _, _ := strings.Cut(d.Request.Action, ":")
	if called := actions.Read(r, nil, actions.Env{}).Service; called != "" {
		service = called // If the service may not use its key, the error is the called service's.
	}
	switch message := d.Message(); {
	case service == "lambda":
		return errorOf(r, service, http.StatusForbidden, "AccessDeniedException", message)
	case usesJSON(r, service):
		return errorOf(r, service, http.StatusBadRequest, "AccessDeniedException", message)
	case service == "ec2":
		return errorOf(r, service, http.StatusForbidden, "UnauthorizedOperation", "You are not authorized to perform this operation. "+message)
	case service == "sns":
		return errorOf(r, service, http.StatusForbidden, "AuthorizationError", message)
	default:
		return errorOf(r, service, http.StatusForbidden, "AccessDenied", message)
	}
}

// TimedOut returns the response to a call that on AWS gets no response.
func TimedOut(r *http.Request, service, message string) Response {
	return errorOf(r, service, http.StatusBadRequest, "ConnectTimeout", message)
}

func usesJSON(r *http.Request, service string) bool {
	return r.Header.Get("X-Amz-Target") != "" || service == "lambda"
}

// errorOf returns an error response of a service.
func errorOf(r *http.Request, service string, status int, code, message string) Response {
	id := uuid.NewString()
	a := Response{Status: status, Header: http.Header{"X-Amzn-Requestid": {id}}}
	switch {
	case usesJSON(r, service):
		a.setJSON(code, message)
	case service == "ec2":
		a.setXML("text/xml", ec2Error{Code: code, Message: message, RequestID: id})
	case service == "s3":
		a.setXML("application/xml", s3Error{Code: code, Message: message, RequestID: id})
	default:
		a.setXML("text/xml", queryError{Type: "Sender", Code: code, Message: message, RequestID: id})
	}
	if r.Method == http.MethodHead {
		a.Body = nil
	}
	return a
}

// Invalid returns the response of a service that cannot use a role or resource in the request for lack of permissions.
func Invalid(code, message string) Response {
	a := Response{Status: http.StatusBadRequest, Header: http.Header{"X-Amzn-Requestid": {uuid.NewString()}}}
	a.setJSON(code, message)
	return a
}

// InvalidQuery returns the response of Invalid in the query protocol.
func InvalidQuery(code, message string) Response {
	id := uuid.NewString()
	a := Response{Status: http.StatusBadRequest, Header: http.Header{"X-Amzn-Requestid": {id}}}
	a.setXML("text/xml", queryError{Type: "Sender", Code: code, Message: message, RequestID: id})
	return a
}

type s3Error struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

type ec2Error struct {
	XMLName   xml.Name `xml:"Response"`
	Code      string   `xml:"Errors>Error>Code"`
	Message   string   `xml:"Errors>Error>Message"`
	RequestID string
}

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func (a *Response) setXML(kind string, v any) {
	a.Header.Set("Content-Type", kind)
	text, err := xml.Marshal(v)
	if err != nil {
		a.Status = http.StatusInternalServerError
	}
	a.Body = append([]byte(xml.Header), text...)
}

func (a *Response) setJSON(code, message string) {
	a.Header.Set("Content-Type", "application/x-amz-json-1.1")
	a.Header.Set("X-Amzn-Errortype", code)
	// Marshal accepts every map of strings.
	a.Body, _ = json.Marshal(map[string]string{"__type": code, "message": message, "Message": message})
}

// Write writes the response.
func (a Response) Write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // The client may have disconnected.
}

// http converts the response to an http.Response for a transport.
func (a Response) http(r *http.Request) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(a.Status) + " " + http.StatusText(a.Status), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r,
	}
}
