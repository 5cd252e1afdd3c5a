package console

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"store-events/ops"
)

var update = flag.Bool("update", false, "write the pictures of the README and of the views")

// The README's pictures must show the current console. They use the console's font,
// without animations, so that only the rendering of letters depends on the machine. The
// comparison uses the mean colors of small squares.
func TestReadmePictures(t *testing.T) {
	b := newBrowser(t)
	s := serveStack(t, newStack())
	b.signIn(s)
	for _, theme := range []string{light, dark} {
		b.as(theme)
		var got []byte
		b.run(chromedp.Navigate("http://"+s.host+"/"), chromedp.Evaluate("document.fonts.ready.then(() => true)", nil, awaited),
			chromedp.CaptureScreenshot(&got))
		file := "../docs/images/console-" + theme + ".png"
		if *update {
			require.NoError(t, os.WriteFile(file, got, 0o600))
		}
		want, err := os.ReadFile(file) //nolint:gosec // A picture of the project.
		require.NoError(t, err)
		require.Less(t, len(want), 150_000, "it is loaded with the README")
		require.Empty(t, different(t, want, got), "%s: run go test ./console -run TestReadmePictures -update, and check the pictures", file)
	}
}

func TestDifferencesOfPicturesAreFound(t *testing.T) {
	picture := func(ink uint8, x, y int) []byte {
		img := image.NewGray(image.Rect(0, 0, 400, 400))
		for i := range img.Pix {
			img.Pix[i] = 240
		}
		for dx := range 80 {
			for dy := range 30 {
				img.Pix[img.PixOffset(x+dx, y+dy)] = ink
			}
		}
		var out bytes.Buffer
		require.NoError(t, png.Encode(&out, img))
		return out.Bytes()
	}
	require.Empty(t, different(t, picture(0, 100, 100), picture(0, 100, 100)))
	require.Empty(t, different(t, picture(0, 100, 100), picture(10, 100, 100)))
	require.NotEmpty(t, different(t, picture(0, 100, 100), picture(0, 100, 140)), "a box moved")
	require.NotEmpty(t, different(t, picture(0, 100, 100), picture(240, 100, 100)), "a box is missing")
	require.Greater(t, differing(t, shrunk(t, picture(0, 100, 100)), shrunk(t, picture(0, 100, 140)), 1), 0.015, "found in the stored picture of a view, too")
}

const (
	square    = 16   // Pixels.
	closeMean = 16   // Of 255, difference of colors.
	mostOff   = 0.01 // Share of squares that may differ.
)

// different describes how two pictures differ; "" if they look the same.
func different(t *testing.T, want, got []byte) string {
	t.Helper()
	if share := differing(t, want, got, square); share > mostOff {
		return fmt.Sprintf("%.1f %% of the picture differs", 100*share)
	}
	return ""
}

// differing returns the share of the squares of a size whose mean color differs, 1
// for pictures of different sizes.
func differing(t *testing.T, want, got []byte, size int) float64 {
	t.Helper()
	a, b := decoded(t, want), decoded(t, got)
	if a.Bounds() != b.Bounds() {
		return 1
	}
	squares, off := 0, 0
	for y := 0; y < a.Bounds().Dy(); y += size {
		for x := 0; x < a.Bounds().Dx(); x += size {
			squares++
			p, q := mean(a, x, y, size), mean(b, x, y, size)
			for i := range p {
				if d := p[i] - q[i]; d > closeMean || d < -closeMean {
					off++
					break
				}
			}
		}
	}
	return float64(off) / float64(squares)
}

// shrunk returns the picture with one pixel for each square.
func shrunk(t *testing.T, shot []byte) []byte {
	t.Helper()
	full := decoded(t, shot)
	size := full.Bounds().Size()
	small := image.NewRGBA(image.Rect(0, 0, (size.X+square-1)/square, (size.Y+square-1)/square))
	for y := range small.Bounds().Dy() {
		for x := range small.Bounds().Dx() {
			m := mean(full, x*square, y*square, square)
			small.Set(x, y, color.RGBA{uint8(m[0]), uint8(m[1]), uint8(m[2]), 255}) //nolint:gosec // The mean of bytes is a byte.
		}
	}
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, small))
	return out.Bytes()
}

// decoded returns a picture whose bytes can be read without a call for each pixel.
func decoded(t *testing.T, picture []byte) *image.RGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	plain := image.NewRGBA(img.Bounds())
	draw.Draw(plain, plain.Rect, img, plain.Rect.Min, draw.Src)
	return plain
}

// mean returns the mean color of a square.
func mean(img *image.RGBA, x, y, size int) (sum [3]int) {
	n := 0
	for dy := range min(size, img.Rect.Dy()-y) {
		for dx := range min(size, img.Rect.Dx()-x) {
			pixel := img.Pix[img.PixOffset(x+dx, y+dy):]
			sum[0], sum[1], sum[2] = sum[0]+int(pixel[0]), sum[1]+int(pixel[1]), sum[2]+int(pixel[2])
			n++
		}
	}
	for i := range sum {
		sum[i] /= n
	}
	return sum
}

// The job reads the bucket, and Athena reads the catalog. This edge runs between the
// rows, because other nodes are on the direct line.
func TestCatalogIsConnectedToAthena(t *testing.T) {
	p := newPicture(ops.Status{Parts: []ops.Part{{Kind: "catalog"}, {Kind: "job"}, {Kind: "workgroup"}}})
	var paths []string
	for _, e := range p.Edges {
		paths = append(paths, e.Path)
	}
	require.Equal(t, []string{"M640 106V120H1198V134"}, paths)
}
