package console

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the pictures of the README")

// The README's pictures are what the console looks like. The font of their text is
// the console's own and animations are off, so that only the drawing of letters
// depends on the machine; the comparison is of the mean of small squares.
func TestThePicturesOfTheReadmeAreTrue(t *testing.T) {
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
		require.Empty(t, different(t, want, got), "%s: run go test ./console -run TestThePictures -update, and look at the pictures", file)
	}
}

func TestPicturesThatDifferAreFound(t *testing.T) {
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
}

const (
	square    = 16   // Pixels.
	closeMean = 16   // Of 255.
	mostOff   = 0.01 // Share of the squares.
)

// different says how two pictures differ; "" if they look alike.
func different(t *testing.T, want, got []byte) string {
	t.Helper()
	a, err := png.Decode(bytes.NewReader(want))
	require.NoError(t, err)
	b, err := png.Decode(bytes.NewReader(got))
	require.NoError(t, err)
	if a.Bounds() != b.Bounds() {
		return fmt.Sprintf("the size is %v, not %v", b.Bounds(), a.Bounds())
	}
	squares, off := 0, 0
	for y := 0; y < a.Bounds().Dy(); y += square {
		for x := 0; x < a.Bounds().Dx(); x += square {
			squares++
			p, q := mean(a, x, y), mean(b, x, y)
			for i := range p {
				if d := p[i] - q[i]; d > closeMean || d < -closeMean {
					off++
					break
				}
			}
		}
	}
	if share := float64(off) / float64(squares); share > mostOff {
		return fmt.Sprintf("%.1f %% of the picture differs", 100*share)
	}
	return ""
}

// mean returns the mean colour of a square.
func mean(img image.Image, x, y int) (sum [3]int) {
	n := 0
	for dy := range min(square, img.Bounds().Dy()-y) {
		for dx := range min(square, img.Bounds().Dx()-x) {
			r, g, b, _ := img.At(x+dx, y+dy).RGBA()
			sum[0], sum[1], sum[2] = sum[0]+int(r>>8), sum[1]+int(g>>8), sum[2]+int(b>>8)
			n++
		}
	}
	for i := range sum {
		sum[i] /= n
	}
	return sum
}
