package credentials

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"

	// maxSkew is AWS's tolerance for clock skew.
	maxSkew = 15 * time.Minute
	// maxPresigned is the maximum lifetime of a presigned URL.
	maxPresigned = 7 * 24 * time.Hour
)

// signature is a parsed signature of a request.
type signature struct {
	keyID, token          string
	date, region, service string // The credential scope.
	signed                []string
	value                 string
	time                  time.Time
	presigned             bool
	lifetime              time.Duration // of a presigned URL
}

func (s signature) scope() string {
	return strings.Join([]string{s.date, s.region, s.service, terminator}, "/")
}

// storage reports whether the service is S3, which has different rules: the path is encoded once, and the header
// X-Amz-Content-Sha256 replaces the hash of the body.
func (s signature) storage() bool { return strings.HasPrefix(s.service, "s3") }

// readSignature parses the signature in the header Authorization or in the query.
func readSignature(r *http.Request) (signature, error) {
	query := r.URL.Query()
	inQuery := query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential")
	inHeader := r.Header.Values("Authorization")
	switch {
	case query.Has("AWSAccessKeyId"):
		return signature{}, refuse(Malformed, "signature version 2 is not supported: use %s", algorithm)
	case len(inHeader) == 0 && !inQuery:
		return signature{}, refuse(Missing, "the request is not signed")
	case len(inHeader) > 1 || (inQuery && len(inHeader) > 0):
		return signature{}, refuse(Malformed, "the request has more than one signature")
	case inQuery:
		return fromQuery(query)
	}
	return fromHeader(r.Header, inHeader[0])
}

func fromHeader(header http.Header, authorization string) (signature, error) {
	kind, rest, _ := strings.Cut(authorization, " ")
	if kind != algorithm {
		return signature{}, refuse(Malformed, "the header Authorization must begin with %s", algorithm)
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	s := signature{token: header.Get("X-Amz-Security-Token")}
	at := header.Get("X-Amz-Date")
	if at == "" {
		if t, err := http.ParseTime(header.Get("Date")); err == nil {
			at = t.UTC().Format(timeFormat)
		}
	}
	return s.fill(fields["Credential"], fields["SignedHeaders"], fields["Signature"], at)
}

func fromQuery(query url.Values) (signature, error) {
	for name, values := range query {
		if strings.HasPrefix(name, "X-Amz-") && len(values) > 1 {
			return signature{}, refuse(Malformed, "the query has %s more than once", name)
		}
	}
	if query.Get("X-Amz-Algorithm") != algorithm {
		return signature{}, refuse(Malformed, "X-Amz-Algorithm must be %s", algorithm)
	}
	expires := query.Get("X-Amz-Expires")
	if expires == "" { // Only S3 requires it.
		expires = strconv.Itoa(int(maxSkew.Seconds()))
	}
	seconds, err := strconv.Atoi(expires)
	if err != nil || seconds < 0 || seconds > int(maxPresigned.Seconds()) {
		return signature{}, refuse(Malformed, "X-Amz-Expires must be 0 to %.0f", maxPresigned.Seconds())
	}
	s := signature{token: query.Get("X-Amz-Security-Token"), presigned: true, lifetime: time.Duration(seconds) * time.Second}
	return s.fill(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature"), query.Get("X-Amz-Date"))
}

func (s signature) fill(credential, signed, value, at string) (signature, error) {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != terminator || signed == "" || value == "" {
		return s, refuse(Malformed, "the signature lacks a credential scope, signed headers or value")
	}
	var err error
	if s.time, err = time.Parse(timeFormat, at); err != nil || !strings.HasPrefix(at, parts[1]) {
		return s, refuse(Malformed, "the date of the signature is missing or differs from its scope")
	}
	s.keyID, s.date, s.region, s.service = parts[0], parts[1], parts[2], parts[3]
	s.signed, s.value = strings.Split(signed, ";"), value
	return s, nil
}

// checkHeaders requires that the signature covers every header that AWS reads.
func (s signature) checkHeaders(header http.Header) error {
	if !slices.Contains(s.signed, "host") {
		return refuse(Mismatch, "the header Host must be signed")
	}
	for name := range header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(s.signed, name) {
			return refuse(Mismatch, "the header %s is not signed", name)
		}
	}
	return nil
}

// checkTime returns an error for signatures that are too old or from the future.
func (s signature) checkTime(now time.Time) error {
	if s.presigned {
		if now.After(s.time.Add(s.lifetime)) || s.time.After(now.Add(maxSkew)) {
			return refuse(Skewed, "the presigned URL expired or is not valid yet")
		}
		return nil
	}
	if now.Sub(s.time).Abs() > maxSkew {
		return refuse(Skewed, "the request was signed at %s, but the time is %s", s.time.Format(timeFormat), now.UTC().Format(timeFormat))
	}
	return nil
}

// ServiceOf returns the service in the request's signature, for example s3, or "". It may be forged unless the request
// is verified.
func ServiceOf(r *http.Request) string {
	s, err := readSignature(r)
	if err != nil {
		return ""
	}
	return s.service
}
