package eventfile

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// decompressed decompresses gzip, zstd and bzip2, and returns other data unchanged.
func decompressed(in io.Reader) io.Reader {
	packed := bufio.NewReaderSize(in, 64<<10)
	start, _ := packed.Peek(10)
	switch {
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		return &gzipReader{in: packed}
	case isZstd(start):
		return &zstdReader{in: packed}
	case isBzip2(start):
		return damagedReader{bzip2.NewReader(packed)}
	}
	return packed
}

// isZstd also recognizes skippable frames, which contain metadata of other programs:
// https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2
func isZstd(start []byte) bool {
	return bytes.HasPrefix(start, []byte("\x28\xb5\x2f\xfd")) ||
		len(start) >= 4 && start[0]&0xf0 == 0x50 && string(start[1:4]) == "\x2a\x4d\x18"
}

// isBzip2 also checks the magic number of the first block, or of the end: text may
// begin with BZh.
func isBzip2(start []byte) bool {
	if len(start) < 10 || !bytes.HasPrefix(start, []byte("BZh")) || start[3] < '1' || start[3] > '9' {
		return false
	}
	mark := string(start[4:])
	return mark == "\x31\x41\x59\x26\x53\x59" || mark == "\x17\x72\x45\x38\x50\x90"
}

// damagedReader converts every error to errCutShort.
type damagedReader struct{ in io.Reader }

func (d damagedReader) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	if err != nil && err != io.EOF {
		err = errCutShort
	}
	return n, err
}

// zstdReader decompresses the frames of a zstd file. Like the job, it refuses
// windows above 128 MiB.
type zstdReader struct {
	in      io.Reader
	decoder *zstd.Decoder
	ended   error
}

func (z *zstdReader) Read(p []byte) (int, error) {
	if z.ended != nil {
		return 0, z.ended
	}
	if z.decoder == nil {
		var err error
		z.decoder, err = zstd.NewReader(z.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return 0, errCutShort
		}
	}
	n, err := damagedReader{z.decoder}.Read(p)
	if z.ended = err; err != nil {
		z.decoder.Close()
	}
	return n, err
}

// gzipReader decompresses the members of a gzip file. Zeros after a member are
// padding: https://www.rfc-editor.org/rfc/rfc1952#section-2.2
type gzipReader struct {
	in     *bufio.Reader
	member *gzip.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	if g.member == nil {
		if err := g.next(); err != nil {
			return 0, err
		}
	}
	n, err := g.member.Read(p)
	if errors.Is(err, io.EOF) {
		return n, g.next()
	}
	if err != nil {
		return n, errCutShort
	}
	return n, nil
}

// next opens the next member; it returns io.EOF after the last one.
func (g *gzipReader) next() error {
	for {
		b, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		if b == 0 {
			continue
		}
		if err := g.in.UnreadByte(); err != nil {
			return err
		}
		break
	}
	// Like zlib, refuse unknown flags, which the package gzip ignores.
	if header, err := g.in.Peek(4); err == nil && header[3]&0xe0 != 0 {
		return errCutShort
	}
	member, err := gzip.NewReader(g.in)
	if err != nil {
		return errCutShort
	}
	member.Multistream(false)
	g.member = member
	return nil
}
