package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"localaws/credentials"
	"localaws/gateway/query"
)

// ServerName is the Server header of an error response. A program that needs the same port can detect the local AWS by
// it.
const ServerName = "localaws"

// refusalCodes are AWS's error codes for an invalid signature, by protocol:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
type refusalCodes struct{ storage, query, ec2, json string }

var refusals = map[credentials.Reason]refusalCodes{
	credentials.Missing:      {"AccessDenied", "MissingAuthenticationToken", "MissingAuthenticationToken", "MissingAuthenticationTokenException"},
	credentials.Malformed:    {"AuthorizationHeaderMalformed", "IncompleteSignature", "IncompleteSignature", "IncompleteSignatureException"},
	credentials.UnknownKey:   {"InvalidAccessKeyId", "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"},
	credentials.InvalidToken: {"InvalidToken", "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"},
	credentials.ExpiredToken: {"ExpiredToken", "ExpiredToken", "RequestExpired", "ExpiredTokenException"},
	credentials.Skewed:       {"RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired", "InvalidSignatureException"},
	credentials.Mismatch:     {"SignatureDoesNotMatch", "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"},
	credentials.WrongBody:    {"XAmzContentSHA256Mismatch", "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"},
}

// writeRefusal writes an error response in the protocol of the requested service.
func writeRefusal(w http.ResponseWriter, r *http.Request, err error) {
	var known *credentials.Error
	if !errors.As(err, &known) {
		known = &credentials.Error{Reason: credentials.Malformed, Message: err.Error()}
	}
	codes, status := refusals[known.Reason], http.StatusForbidden
	if known.Reason == credentials.Malformed || known.Reason == credentials.WrongBody {
		status = http.StatusBadRequest
	}
	w.Header().Set("Server", ServerName)
	service := credentials.ServiceOf(r)
	switch {
	case r.Header.Get("X-Amz-Target") != "" || restJSON[service]:
		w.Header().Set("X-Amzn-Errortype", codes.json)
		writeBody(w, status, "application/x-amz-json-1.1", func() ([]byte, error) {
			return json.Marshal(map[string]string{"__type": codes.json, "message": known.Message})
		})
	case service == "ec2":
		a := query.ErrorResponse(true, &query.Error{Code: codes.ec2, Message: known.Message})
		writeBody(w, status, "text/xml", func() ([]byte, error) { return a.Body, nil })
	case isForm(r) || (service != "" && !strings.HasPrefix(service, "s3")):
		a := query.ErrorResponse(false, &query.Error{Code: codes.query, Message: known.Message})
		writeBody(w, status, "text/xml", func() ([]byte, error) { return a.Body, nil })
	default:
		doc := query.Document("Error", "")
		query.Set(doc.Root(), "Code", codes.storage)
		query.Set(doc.Root(), "Message", known.Message)
		writeBody(w, status, "application/xml", doc.WriteToBytes)
	}
}

func writeBody(w http.ResponseWriter, status int, contentType string, encode func() ([]byte, error)) {
	body, err := encode()
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	w.WriteHeader(status)
	_, _ = w.Write(body) // The client may have disconnected.
}

// restJSON are the services with the REST JSON protocol.
var restJSON = map[string]bool{"lambda": true, credentials.InternalService: true}
