package matcher

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLooksGenerated(t *testing.T) {
	for _, text := range []string{"Xk9#mQ2vLp8!wRt5", "q7?Zt!4mKw@9Lx2R", "pT3&vY8*kD1^nB6q"} {
		require.True(t, LooksGenerated(text), text)
	}
	for _, text := range []string{
		"%Y-%m-%dT%H:%M:%S.000Z", `^s(\d{4})-[A-Z]{2}$`, "Store2024*Events?.Json", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"com.acme.Foo$Bar1", "Store1+Alerts@Example2.example", "a=1&B=2&c3=D4", "2026-01-02T03:04:05Z", "1.2.3-RC1+build5", "cron(0/5 * * * ? *)",
		"arn:aws:s3:::Bucket1/*", "${DB_PASSWORD_1}", "Xk9#mQ2v", "",
	} {
		require.False(t, LooksGenerated(text), text)
	}
}

// A generated password has 12 to 72 characters of all kinds, whose kind changes often, and no words.
func TestFormatOfGeneratedPasswords(t *testing.T) {
	const four = "Xk9#"
	for text, want := range map[string]bool{
		strings.Repeat(four, 3): true, strings.Repeat(four, 3)[:11]: false, strings.Repeat(four, 18): true, strings.Repeat(four, 18) + "X": false,
		"XXkk99##XXkk": false, "XXkk99##XXkkX": true, "Xk9#Xk9#XkkkXk9#": true, "Xk9#Xk9#XkkkkXk9#": false,
		"x9#q2!l8?w5@": false, "X9#Q2!L8?W5@": false, "Xk#Qm!Lp?Wr@": false, "Xk9-Qm2_Lp8+": false, "Xk9'Qm2#Lp8!": false,
	} {
		require.Equal(t, want, LooksGenerated(text), text)
	}
}

// Certificates are not searched. Text between them, and text that only looks like a certificate, is.
func TestCredentialsBesideCertificates(t *testing.T) {
	certificate := newCertificate(t)
	require.Equal(t, "# one\n\n# two\n", withoutCertificates("# one\n"+certificate+"\n# two\n"+certificate))
	require.False(t, HasCredential(certificate+certificate))
	require.False(t, HasCredential(certificateWith(t, "/AKIAIOSFODNN7EXAMPLE/")), "a certificate may contain the letters of a key")
	for _, text := range []string{"-----BEGIN CERTIFICATE-----", "a\n-----BEGIN CERTIFICATE-----\nb\n"} {
		require.Equal(t, text, withoutCertificates(text))
	}
	require.True(t, HasCredential(certificate+"password=\"correct-horse\"\n"+certificate))
	require.True(t, HasCredential("-----BEGIN CERTIFICATE-----\npassword=\"correct-horse\"\n-----END CERTIFICATE-----\n"))
	require.True(t, HasCredential(strings.Replace(certificate, "-----\n", "-----\nNote: AKIAIOSFODNN7EXAMPLE\n\n", 1)))
	require.True(t, HasCredential("-----BEGIN CERTIFICATE-----\nAKIAIOSFODNN7EXAMPLE\n"+certificate))
	require.True(t, HasCredential(certificate+"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n"))
}

// certificateWith returns a certificate whose PEM contains the letters.
func certificateWith(t *testing.T, letters string) string {
	t.Helper()
	content, err := base64.RawStdEncoding.DecodeString("AA" + letters)
	require.NoError(t, err)
	for padding := range 100 { // The letters must be aligned in base64, and not be split by a line break.
		extension := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: append(make([]byte, padding), content...)}
		if certificate := newCertificate(t, extension); strings.Contains(certificate, letters) {
			return certificate
		}
	}
	require.Fail(t, "no place for the letters")
	return ""
}

func newCertificate(t *testing.T, extensions ...pkix.Extension) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), ExtraExtensions: extensions}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// JSON escapes do not hide credentials, and a lone percent sign is not a URL escape.
func TestEscapes(t *testing.T) {
	require.True(t, HasCredential(`{"text":"pass\u0077ord: Tr0ub4dor\u00263"}`))
	require.True(t, HasCredential(`[{"note":"AKIA\u0049OSFODNN7EXAMPLE"}]`))
	require.True(t, HasCredential("password%3D%22correct-horse%22"))
	require.False(t, HasCredential("--password+Tr0ub4dor"), "a plus is a space only in escaped text")
	require.False(t, HasCredential(`{"text":"password: see 50% of the runbook"}`))
}
