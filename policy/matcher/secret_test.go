package matcher

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHasCredential(t *testing.T) {
	for _, text := range []string{
		"key = 'AKIAIOSFODNN7EXAMPLE'", "ASIAIOSFODNN7EXAMPLE", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
		`password = "correct-horse"`, `{"password":"correct-horse"}`, "jdbc:mysql://db/x?user=u&password=correct-horse",
		"https://user:correct-horse@example.com/", "mysql --password=correct-horse -h db", "store:correct-horse@tcp(db:3306)/store_events",
		"ghp_0123456789abcdefghijABCDEFGHIJ012345", "Authorization: Basic c3RvcmU6Y29ycmVjdC1ob3JzZQ==", "xoxb-1234567890-abcdef",
		"Bearer 0123456789abcdefghijklmnop", "sk_live_0123456789abcdefABCD", "PWD: 'secret1'",
		"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "mysql -u u -pTr0ub4dor", "redis://:Tr0ub4dor@cache/0", "<password>Tr0ub4dor</password>",
		"db.password=Tr0ub4dor", "password: Tr0ub4dor", `{"password": 84736251}`, "user%3Du%26password%3DTr0ub4dor",
		"cGFzc3dvcmQ9VHIwdWI0ZG9yOw", "curl -u u:Tr0ub4dor https://x", "mysql://u:p@ss:w0rd@db/x", "u:Tr0ub/4$d@tcp(db)/",
	} {
		require.True(t, HasCredential(text), text)
	}
	for _, text := range []string{
		"", "password", `password = secret["password"]`, "password=$PASSWORD", `password="${DB_PASSWORD}"`, "password=os.environ['P']",
		"jdbc:mysql://db:3306/store_events", "s3://bucket/key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-password",
		"AKIA is a prefix", "basic authentication", "basic understanding of", "user:name@example.com", "bearer of news", "https://example.com/a:b@c", `f"password={value}"`, "cd $PWD", "9fceb02d0ae598e95dc970b74767f19372d61af8",
		"https://example.com/docs/password=reset/", "mysql://{user}:{password}@{host}/x", "mysql -p\"$MYSQL_PWD\" -P 3306", "password: required",
		"password=self.password\n", "Password: generated, rotated every 30 days", "aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBncmVldGluZw==", "pwd=$(pwd)",
	} {
		require.False(t, HasCredential(text), text)
	}
}

func TestCredentialUnder(t *testing.T) {
	for key, text := range map[string]string{"DB_PASSWORD": "x", "--api-key": "AKIAIOSFODNN7EXAMPLE", "token": "abc", "clientSecret": "abc", "secret": "abc", "MASTER_PASSWORD_2": "abc", "DB_PASS": "abc", "secretString": "abc", "dbPass": "abc", "PASSWORD_DB": "abc", "PGPASSWORD": "abc", "DATADOG_APIKEY": "abc1", "--tgt_db_pw": "abc", "REDIS_AUTH": "Tr0ub4dor"} {
		require.True(t, CredentialUnder(key, text), key)
	}
	for key, text := range map[string]string{
		"SECRET_ARN": "anything", "--tgt_db_secret_arn": "x", "secretName": "store", "password": "", "token": "arn:aws:x:y",
		"manageMasterUserPassword": "true", "bucket": "secret-bucket", "secretId": "x", "skipSecret": "false", "httpTokens": "required", "bypass": "abc", "compass": "abc", "passwordLength": "32",
		"DB_PASSWORD": "/run/secrets/db", "DB_SECRET": "store/prod/login", "OAUTH_TOKEN": "https://login.example.com/token", "DB_AUTH": "mysql_native_password",
		"clientRequestToken": "abc", "PARTITION_KEY": "store_id", "PASSWORD_KEY": "password", "API_TOKEN": "{{resolve:ssm-secure:/x:1}}",
	} {
		require.False(t, CredentialUnder(key, text), key)
	}
}

// digits returns n characters that are valid in every kind of token.
func digits(n int) string { return strings.Repeat("0123456789abcdef", n/16+1)[:n] }

// Tokens have the prefix of their issuer and a minimum length: one character less is not a token.
func TestTokens(t *testing.T) {
	for begin, length := range map[string]int{
		"ghp_": 20, "gho_": 20, "ghu_": 20, "ghs_": 20, "ghr_": 20, "github_pat_": 20, "glpat-": 20, "hf_": 30, "xapp-1-A0123456-12345678-": 16,
		"xoxa-": 10, "xoxb-": 10, "xoxp-": 10, "https://hooks.slack.com/services/T0/B0/": 16, "sk_live_": 16, "rk_test_": 16, "sk-": 32, "AIza": 35, "npm_": 36,
		"pypi-": 40, "dckr_pat_": 20, "hvs.": 20, "hvb.": 20, "SG.0123456789abcdef.": 16, "pul-": 40, "shpat_": 32, "shpca_": 32, "shppa_": 32, "shpss_": 32,
		"dop_v1_": 64, "doo_v1_": 64, "dor_v1_": 64, "AccountKey=": 40, "BEARER ": 20, "eyJ01234567.eyJ01234567.": 8,
		"access_key: ": 32, "secretKey=": 32, "secret.access.key = '": 32, "aws configure set aws_secret_access_key ": 40,
	} {
		require.True(t, HasCredential(begin+digits(length)), begin)
		require.False(t, HasCredential(begin+digits(length-1)), begin)
	}
	for _, begin := range []string{"AKIA", "ASIA"} {
		require.True(t, HasCredential("id "+begin+strings.ToUpper(digits(16))))
		require.False(t, HasCredential("id "+begin+strings.ToUpper(digits(17))), "longer than an access key ID")
	}
	require.True(t, HasCredential("-----BEGIN PGP PRIVATE KEY BLOCK-----"))
	require.False(t, HasCredential("the private key is in the vault"))
	require.False(t, HasCredential(strings.Repeat("abcdefghIJ", 4)), "a secret access key has digits")
}

// Passwords are found in the syntax of languages, shells and tools; variables are not passwords.
func TestPasswordsInText(t *testing.T) {
	for text, want := range map[string]bool{
		"pg_dump --password Tr0ub4dor db": true, "pg_dump --password $PASSWORD db": false, "mysql --password -h db": false,
		"user:Tr0ub4dor@unix(/run/db)/x": true, "mariadb -u u -pTr0ub4dor db": true, "mysql -u u -p db": false,
		"echo store:Tr0ub4dor | sudo chpasswd": true, "echo \"store:$PASSWORD\" | chpasswd": false, "run chpasswd": false,
		"chpasswd:\n  list:\n    - store:Tr0ub4dor\n": true, "chpasswd:\n  expire: false\n": false,
		"sshpass -p Tr0ub4dor ssh host": true, "sshpass -e ssh host": false, "redis-cli -h cache -a Tr0ub4dor": true, "redis-cli -h cache": false,
		"curl --user me:Tr0ub4dor https://x": true, "curl --user me:$TOKEN https://x": false, "curl -u me https://x": false,
		"password: correct-horse": false, "password: ${DB_PASSWORD}": false, "Passphrase: Tr0ub4dor": true, "password: tr0ub4dor": true, "password:\n  valueFrom:\n": false,
		"The password is Tr0ub4dor1": true, "The password is Correcthorse": false, "The password is tr0ub4dor1": false,
		"The password is getPassword(1)": false, "The password is self.dbPassword1": false,
		"Authorization: Basic " + encode("user:Tr0ub4dor"): true, "Authorization: BASIC " + encode("user:Tr0ub4dor"): true,
		"Basic " + encode("no user, no word"): false, "Basic " + encode("user:\x00"): false,
	} {
		require.Equal(t, want, HasCredential(text), text)
	}
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestPasswordsInJSON(t *testing.T) {
	for text, want := range map[string]bool{
		`{"db":[{"password":"correct horse battery"}]}`: true, `[{"password":["correct horse battery"]}]`: true,
		`"pass\u0077ord=Tr0ub4dor"`: true, `"correct horse battery"`: false,
		`{"title":"correct horse battery"}`: false, `{"password":"aaaa aaaa"}`: false, `{"password":"${aws ssm get-parameter}"}`: false,
		`{"password":"correct horse battery"`: false, `{"password":{"field":"correct horse battery"}}`: false,
	} {
		require.Equal(t, want, HasCredential(text), text)
		require.Equal(t, want, HasCredential(encode(text)), text)
	}
}

func TestEncodedCredentials(t *testing.T) {
	plain := "password=Tr0ub4dor;~~~???"
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte(plain))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	once := encode(plain)
	require.Contains(t, once, "/")
	require.Contains(t, once, "+", "the URL variants differ")
	for name, text := range map[string]string{
		"base64": once, "twice": encode(once), "for URLs": base64.RawURLEncoding.EncodeToString([]byte(plain)), "compressed": encode(zipped.String()),
		"in hex": hex.EncodeToString([]byte(plain)), "escaped": url.QueryEscape(plain), "in lines": once[:12] + "\r\n" + once[12:24] + "\n" + once[24:],
		"at the end of a long string": strings.Repeat(" ", maxEncoded-len(once)) + once,
	} {
		require.True(t, HasCredential(text), name)
	}
	for name, text := range map[string]string{
		"three times": encode(encode(once)), "not text": encode("\x00" + plain), "not UTF-8": encode("\xff" + plain), "binary in hex": hex.EncodeToString([]byte("\x00" + plain)),
		"damaged": encode(zipped.String()[:24]), "at the end of a longer string": strings.Repeat(" ", maxEncoded+1-len(once)) + once,
	} {
		require.False(t, HasCredential(text), name)
	}
}

func TestReadings(t *testing.T) {
	require.Equal(t, []string{"ls -l"}, Readings("ls -l"))
	require.Equal(t, []string{"user%3Du", "user=u"}, Readings("user%3Du"))
	once := encode("password=Tr0ub4dor")
	require.Equal(t, []string{once, "password=Tr0ub4dor"}, Readings(once))
}

func TestSettledValues(t *testing.T) {
	for _, word := range strings.Fields("true false null None required optional enabled disabled Bearer basic random") {
		require.False(t, CredentialUnder("password", word), word)
	}
	require.True(t, CredentialUnder("password", "other"))
	require.False(t, CredentialUnder("REDIS_AUTH", "Enablement"), "authentication methods have no digits")
	require.False(t, CredentialUnder("REDIS_AUTH", "method2"))
}

func TestLooksRandom(t *testing.T) {
	for text, want := range map[string]bool{
		"abcdefgh": true, "abcdefg": false, "aabbcdef": true, "aabbccdd": false, "aaaaaaab": false, "": false, "correct horse": true,
	} {
		require.Equal(t, want, LooksRandom(text), text)
	}
}

func TestNoCredential(t *testing.T) {
	require.True(t, accepts(t, NoCredential, "jdbc:mysql://db/x"))
	require.False(t, accepts(t, NoCredential, "password=Tr0ub4dor"))
}
