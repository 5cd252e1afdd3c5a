package credentials

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// This file does not use AWS's signer for Go, because that never signs User-Agent, which the SDK for Java signs.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

// canonical returns the canonical request of Signature Version 4.
func (s signature) canonical(r *http.Request, payload string) (string, error) {
	query, err := canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	path := encode(r.URL.Path, true)
	if !s.storage() {
		path = encode(r.URL.EscapedPath(), true) // Encoded twice, because the path in the request is already encoded.
	}
	if path == "" {
		path = "/"
	}
	var headers strings.Builder
	for _, name := range s.signed {
		headers.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	return strings.Join([]string{r.Method, path, query, headers.String(), strings.Join(s.signed, ";"), payload}, "\n"), nil
}

func canonicalQuery(raw string) (string, error) {
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return "", refuse(Malformed, "the query is not well formed")
		}
		if name != "X-Amz-Signature" {
			pairs = append(pairs, [2]string{encode(name, false), encode(value, false)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
	})
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = p[0] + "=" + p[1]
	}
	return strings.Join(texts, "&"), nil
}

// headerValue returns the values of a header, with commas between them and single spaces inside. Go's server removes
// Host and Content-Length from the header map.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(values, ",")
}

// encode percent-encodes every byte that is not an unreserved character of RFC 3986.
func encode(s string, keepSlash bool) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == '/' && keepSlash:
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}

// key derives the signing key of the scope.
func (s signature) key(secret string) []byte {
	k := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.region, s.service, terminator} {
		k = hmacSHA256(k, part)
	}
	return k
}

func (s signature) sign(key []byte, canonical string) string {
	text := strings.Join([]string{algorithm, s.time.Format(timeFormat), s.scope(), hexHash([]byte(canonical))}, "\n")
	return hex.EncodeToString(hmacSHA256(key, text))
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // Never fails.
	return h.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
