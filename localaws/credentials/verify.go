package credentials

import (
	"bytes"
	"crypto/hmac"
	"errors"
	"io"
	"net/http"
	"strings"
)

const (
	contentHash = "X-Amz-Content-Sha256"

	unsignedPayload  = "UNSIGNED-PAYLOAD"
	unsignedTrailer  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	streaming        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamingTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	maxBuffered      = 1 << 20   // For S3. Larger objects are hashed while they stream.
	maxBufferedCall  = 100 << 20 // For other services. Lambda accepts 50 MB of code in base64.
)

// Verify returns the caller of a request, or an *Error. It replaces the body with a reader that fails at the end if the
// body differs from the signed body. Callers must read to the end before they act.
func (a *Authority) Verify(r *http.Request) (Principal, error) {
	p, err := a.verify(r)
	var refused *Error
	if a.Advice != "" && errors.As(err, &refused) && (refused.Reason == Missing || refused.Reason == UnknownKey) {
		return p, refuse(refused.Reason, "%s: %s", refused.Message, a.Advice)
	}
	return p, err
}

func (a *Authority) verify(r *http.Request) (Principal, error) {
	s, err := readSignature(r)
	if err != nil {
		return Principal{}, err
	}
	secret, p, err := a.find(s.keyID, s.token)
	if err != nil {
		return Principal{}, err
	}
	if err := errors.Join(s.checkTime(a.now()), s.checkHeaders(r.Header)); err != nil {
		return Principal{}, err
	}
	payload, err := s.payload(r)
	if err != nil {
		return Principal{}, err
	}
	canonical, err := s.canonical(r, payload)
	if err != nil {
		return Principal{}, err
	}
	key := s.key(secret)
	if !hmac.Equal([]byte(s.sign(key, canonical)), []byte(s.value)) {
		return Principal{}, refuse(Mismatch, "the signature does not match the request and the access key")
	}
	if payload == streaming || payload == streamingTrailer {
		r.Body = newChunked(r.Body, key, s, payload == streamingTrailer)
	}
	return p, nil
}

// payload returns the hash or keyword that represents the body in the signature.
func (s signature) payload(r *http.Request) (string, error) {
	claimed := r.Header.Get(contentHash)
	if claimed == "" && s.presigned {
		claimed = r.URL.Query().Get(contentHash)
	}
	if !s.storage() {
		body, err := buffer(r, maxBufferedCall)
		if err != nil {
			return "", err
		}
		return hexHash(body), nil
	}
	if claimed == "" && s.presigned {
		return unsignedPayload, nil
	}
	switch claimed {
	case unsignedPayload, unsignedTrailer, streaming, streamingTrailer:
		return claimed, nil
	}
	if claimed != "" && (r.ContentLength < 0 || r.ContentLength > maxBuffered) {
		r.Body = newHashed(r.Body, r.ContentLength, strings.ToLower(claimed))
		return claimed, nil
	}
	body, err := buffer(r, maxBuffered)
	if err != nil {
		return "", err
	}
	actual := hexHash(body)
	if claimed != "" && !strings.EqualFold(actual, claimed) {
		return "", refuse(WrongBody, "the body does not match %s", contentHash)
	}
	return actual, nil
}

// buffer reads the body and restores it.
func buffer(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, refuse(Malformed, "the body is larger than %d bytes", limit)
	}
	if err != nil {
		return nil, refuse(Malformed, "read the body: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
