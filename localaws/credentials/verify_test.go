package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

// example returns an authority with the access key and time of AWS's examples.
func example() *Authority {
	return &Authority{
		root: aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
		now:  func() time.Time { return time.Date(2013, 5, 24, 0, 1, 0, 0, time.UTC) },
	}
}

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
// and https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
func TestAWSExamples(t *testing.T) {
	const scope = "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request" //nolint:gosec // AWS's example.
	empty := hexHash(nil)
	for name, r := range map[string]*http.Request{
		"object": received("GET", "/test.txt", map[string]string{
			"Range": "bytes=0-9", "X-Amz-Content-Sha256": empty, "X-Amz-Date": "20130524T000000Z",
			"Authorization": "AWS4-HMAC-SHA256 " + scope + ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		}),
		"subresource": received("GET", "/?lifecycle", map[string]string{
			"X-Amz-Content-Sha256": empty, "X-Amz-Date": "20130524T000000Z",
			"Authorization": "AWS4-HMAC-SHA256 " + scope + ",SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		}),
		"listing": received("GET", "/?max-keys=2&prefix=J", map[string]string{
			"X-Amz-Content-Sha256": empty, "X-Amz-Date": "20130524T000000Z",
			"Authorization": "AWS4-HMAC-SHA256 " + scope + ",SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		}),
		"presigned": received("GET", "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", nil),
	} {
		p, err := example().Verify(r)
		require.NoError(t, err, name)
		require.True(t, p.Root())
	}
}

func received(method, target string, header map[string]string) *http.Request {
	r := httptest.NewRequest(method, "http://examplebucket.s3.amazonaws.com"+target, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	return r
}

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func TestSignedChunks(t *testing.T) {
	chunks := func(body string, signatures ...string) string {
		sizes := []int{65536, 1024, 0}
		var b strings.Builder
		for i, size := range sizes {
			fmt.Fprintf(&b, "%x;chunk-signature=%s\r\n%s\r\n", size, signatures[i], body[:size])
			body = body[size:]
		}
		return b.String()
	}
	send := func(body string) (string, error) {
		r := httptest.NewRequest(http.MethodPut, "http://s3.amazonaws.com/examplebucket/chunkObject.txt", strings.NewReader(body))
		for name, value := range map[string]string{
			"Content-Encoding": "aws-chunked", "X-Amz-Content-Sha256": streaming, "X-Amz-Date": "20130524T000000Z",
			"X-Amz-Decoded-Content-Length": "66560", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY",
			"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
		} {
			r.Header.Set(name, value)
		}
		r.ContentLength = 66824
		if _, err := example().Verify(r); err != nil {
			return "", err
		}
		got, err := io.ReadAll(r.Body)
		return string(got), err
	}
	signatures := []string{
		"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
	}
	good := chunks(strings.Repeat("a", 66560), signatures...)
	got, err := send(good)
	require.NoError(t, err)
	require.Equal(t, good, got, "the body is passed on unchanged")

	for name, body := range map[string]string{
		"first chunk changed":  chunks("b"+strings.Repeat("a", 66559), signatures...),
		"second chunk changed": chunks(strings.Repeat("a", 66559)+"b", signatures...),
		"last chunk missing":   good[:len(good)-86],
		"chunks in disorder":   chunks(strings.Repeat("a", 66560), signatures[1], signatures[0], signatures[2]),
		"unsigned chunk":       "1\r\na\r\n0\r\n\r\n",
		"huge chunk":           "fffffff;chunk-signature=" + signatures[0] + "\r\n",
		"nothing":              "",
	} {
		got, err := send(body)
		var refused *Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, WrongBody, refused.Reason, name)
		require.Less(t, len(got), len(good), name)
	}
}

// Signatures of AWS's Go signer are accepted for any path, query and headers; any change
// is refused.
func TestAgreesWithAWSSigner(t *testing.T) {
	a := example()
	a.now = time.Now
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same requests each time
	alphabet := []rune("abcXYZ019-._~ +%&=/?#:@!$'()*,;\\\"é世\t")
	word := func() string {
		out := make([]rune, random.IntN(12))
		for i := range out {
			out[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(out)
	}
	for range 2000 {
		service := []string{"s3", "lambda", "glue", "sts"}[random.IntN(4)]
		body := []byte(word())
		target := &url.URL{Scheme: "http", Host: "127.0.0.1:4566", Path: "/" + word()}
		query := url.Values{}
		for range random.IntN(3) {
			query.Add("k"+word(), word())
		}
		target.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
		if service == "s3" {
			target.RawPath = encode(target.Path, true)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), bytes.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Meta-A", strings.TrimSpace(strings.ReplaceAll(word(), "\t", " ")))
		if service == "s3" {
			r.Header.Set(contentHash, hexHash(body))
		}
		options := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }
		require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), a.root, r, hexHash(body), service, "us-east-1", time.Now(), options))

		_, err = a.Verify(overTheWire(t, r, body))
		require.NoError(t, err, "%s %s %q", service, r.URL, r.Header)

		changed := overTheWire(t, r, body)
		changed.URL.Path += "x"
		requireRefused(t, Mismatch, a, changed)
		changed = overTheWire(t, r, append(body, 'x'))
		_, err = a.Verify(changed)
		require.Error(t, err)
	}
}

// overTheWire returns the request as a server reads it.
func overTheWire(t *testing.T, r *http.Request, body []byte) *http.Request {
	t.Helper()
	out := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	out.Header = r.Header.Clone()
	return out
}

func requireRefused(t *testing.T, reason Reason, a *Authority, r *http.Request) {
	t.Helper()
	_, err := a.Verify(r)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, reason, refused.Reason, refused.Message)
}

func TestClocks(t *testing.T) {
	a := example()
	a.now = time.Now
	for name, c := range map[string]struct {
		signed  time.Duration // from now
		allowed bool
	}{
		"now": {0, true}, "a little ago": {-14 * time.Minute, true}, "a little ahead": {14 * time.Minute, true},
		"too old": {-16 * time.Minute, false}, "from the future": {16 * time.Minute, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
		require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), a.root, r, hexHash(nil), "glue", "us-east-1", time.Now().Add(c.signed)))
		_, err := a.Verify(r)
		if c.allowed {
			require.NoError(t, err, name)
			continue
		}
		var refused *Error
		require.True(t, errors.As(err, &refused) && refused.Reason == Skewed, name)
	}
	expired := example()
	expired.now = func() time.Time { return time.Date(2013, 5, 25, 0, 0, 1, 0, time.UTC) }
	r := received("GET", "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", nil)
	requireRefused(t, Skewed, expired, r)
}

func TestErrorsSayWhereToGetAKey(t *testing.T) {
	a := example()
	a.Advice = "ask the owner"
	unsigned := received("GET", "/test.txt", nil)
	_, err := a.Verify(unsigned)
	require.EqualError(t, err, "the request is not signed: ask the owner")
	other := received("GET", "/test.txt", map[string]string{
		"X-Amz-Date":    "20130524T000000Z",
		"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;x-amz-date,Signature=00",
	})
	_, err = a.Verify(other)
	require.EqualError(t, err, `access key "AKIAOTHER" does not belong to this local AWS: ask the owner`)
	a.Advice = ""
	_, err = a.Verify(unsigned)
	require.EqualError(t, err, "the request is not signed")
}
