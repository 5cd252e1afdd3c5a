package matcher

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"io"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEncoded limits the length of decoded strings: credentials and scripts are short.
const maxEncoded = 1 << 20

var (
	encoded     = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}={0,2}`)
	escaped     = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	lineEnds    = strings.NewReplacer("\n", "", "\r", "")
	urlAlphabet = strings.NewReplacer("-", "+", "_", "/")
)

// decodings returns the strings that are encoded in a string: in base64, even compressed, in hex, or URL-encoded.
func decodings(text string) []string {
	if len(text) > maxEncoded {
		return nil
	}
	var texts []string
	if escaped.MatchString(text) {
		if plain, err := url.QueryUnescape(text); err == nil {
			texts = append(texts, plain)
		}
	}
	for _, part := range encoded.FindAllString(lineEnds.Replace(text), -1) {
		if plain, ok := decodeBase64(part); ok {
			texts = append(texts, plain)
		}
		if data, err := hex.DecodeString(part); err == nil && isText(data) {
			texts = append(texts, string(data))
		}
	}
	return texts
}

// Readings returns a string and the strings that are encoded in it: in base64, even compressed, in hex, or URL-encoded.
func Readings(text string) []string { return append([]string{text}, decodings(text)...) }

// decodeBase64 returns the text that a string encodes, in any variant of base64.
func decodeBase64(text string) (string, bool) {
	text = urlAlphabet.Replace(strings.TrimRight(text, "="))
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		data = unzip(data)
	}
	return string(data), isText(data)
}

const beginCertificate = "-----BEGIN CERTIFICATE-----"

// withoutCertificates removes certificates in PEM, so that bundles of these public values are not searched. Other blocks
// stay.
func withoutCertificates(text string) string {
	if !strings.Contains(text, beginCertificate) {
		return text
	}
	var left strings.Builder
	for {
		before, after, found := strings.Cut(text, beginCertificate)
		left.WriteString(before)
		if !found {
			return left.String()
		}
		block, rest := pem.Decode([]byte(beginCertificate + after))
		// Decode skips malformed text before the block, and accepts headers.
		if skipped := after[:max(0, len(after)-len(rest))]; block != nil && len(block.Headers) == 0 &&
			!strings.Contains(skipped, "-----BEGIN") && isCertificate(block.Bytes) {
			text = string(rest)
			continue
		}
		left.WriteString(beginCertificate)
		text = after
	}
}

func isCertificate(der []byte) bool {
	_, err := x509.ParseCertificate(der)
	return err == nil
}

func unzip(data []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxEncoded))
	if err != nil {
		return nil
	}
	return plain
}

func isText(data []byte) bool {
	return utf8.Valid(data) && !bytes.ContainsFunc(data, func(r rune) bool {
		return !unicode.IsPrint(r) && !unicode.IsSpace(r)
	})
}

// isLogin reports whether a string is user:password in base64, as after Basic in RFC 7617.
func isLogin(encoded string) bool {
	plain, ok := decodeBase64(encoded)
	return ok && strings.Contains(plain, ":")
}
