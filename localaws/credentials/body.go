package credentials

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
)

var errWrongBody = &Error{Reason: WrongBody, Message: "the body differs from the signed body"}

// hashedBody checks the hash of a body while it streams. It returns the last bytes only if the hash matches.
type hashedBody struct {
	io.ReadCloser
	sum  hash.Hash
	want string
	left int64 // -1 if the length is unknown
}

func newHashed(body io.ReadCloser, length int64, want string) io.ReadCloser {
	return &hashedBody{ReadCloser: body, sum: sha256.New(), want: want, left: length}
}

func (h *hashedBody) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.sum.Write(p[:n]) // Never fails.
	if h.left > 0 {
		h.left -= int64(n)
	}
	if (h.left == 0 || errors.Is(err, io.EOF)) && hex.EncodeToString(h.sum.Sum(nil)) != h.want {
		return 0, errWrongBody
	}
	return n, err
}

// maxChunk is the maximum size of a chunk, which is buffered until its signature is verified. SDKs send at most 1 MiB.
const maxChunk = 16 << 20

// chunked is a body in signed chunks. It verifies the signature of each chunk, and returns the chunk unchanged.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
type chunked struct {
	body     io.Closer
	in       *bufio.Reader
	key      []byte
	sig      signature
	previous string
	trailer  bool
	ready    bytes.Buffer
	err      error // Returned after ready.
}

func newChunked(body io.ReadCloser, key []byte, s signature, trailer bool) io.ReadCloser {
	return &chunked{body: body, in: bufio.NewReader(body), key: key, sig: s, previous: s.value, trailer: trailer}
}

func (c *chunked) Close() error { return c.body.Close() }

func (c *chunked) Read(p []byte) (int, error) {
	for c.ready.Len() == 0 {
		if c.err != nil {
			return 0, c.err
		}
		if c.err = c.next(); c.err != nil && !errors.Is(c.err, io.EOF) {
			c.ready.Reset()
			c.err = fmt.Errorf("%w (%w)", errWrongBody, c.err)
		}
	}
	return c.ready.Read(p)
}

// next reads one chunk. It returns io.EOF with the last chunk.
func (c *chunked) next() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	hexSize, sig, ok := strings.Cut(line, ";chunk-signature=")
	size, err := strconv.ParseUint(hexSize, 16, 32)
	if !ok || err != nil || size > maxChunk {
		return errors.New("a chunk has no size or signature")
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(c.in, data); err != nil {
		return fmt.Errorf("read a chunk: %w", noEOF(err))
	}
	if err := c.verify("AWS4-HMAC-SHA256-PAYLOAD", sig, hexHash(nil)+"\n"+hexHash(data)); err != nil {
		return err
	}
	c.ready.Write(data)
	if size == 0 && c.trailer {
		return c.trailers()
	}
	if line, err = c.line(); err != nil || line != "" {
		return errors.New("a chunk has no line break at its end")
	}
	if size == 0 {
		return io.EOF
	}
	return nil
}

// trailers reads the headers that follow the last chunk.
func (c *chunked) trailers() error {
	var signed strings.Builder
	verified := false
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "x-amz-trailer-signature" {
			if err := c.verify("AWS4-HMAC-SHA256-TRAILER", strings.TrimSpace(value), hexHash([]byte(signed.String()))); err != nil {
				return err
			}
			verified = true
			continue
		}
		if verified {
			return errors.New("a trailer is not signed")
		}
		signed.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	if !verified {
		return errors.New("the trailers are not signed")
	}
	return io.EOF
}

func (c *chunked) verify(kind, sig, hashes string) error {
	text := strings.Join([]string{kind, c.sig.time.Format(timeFormat), c.sig.scope(), c.previous, hashes}, "\n")
	if want := hex.EncodeToString(hmacSHA256(c.key, text)); !hmac.Equal([]byte(want), []byte(sig)) {
		return errors.New("the signature of a chunk does not match")
	}
	c.previous = sig
	return nil
}

// line returns one line, and appends it, with its line break, to the data for the reader.
func (c *chunked) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return "", fmt.Errorf("read a chunk: %w", noEOF(err))
	}
	c.ready.Write(line)
	return strings.TrimRight(string(line), "\r\n"), nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
