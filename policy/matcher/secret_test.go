package matcher

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestHasCredential(t *testing.T) {
	for _, text := range []string{
		"key = 'AKIAIOSFODNN7EXAMPLE'", "ASIAIOSFODNN7EXAMPLE", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
		`password = "correct-horse"`, `{"password":"correct-horse"}`, "jdbc:mysql://db/x?user=u&password=correct-horse",
		"https://user:correct-horse@example.com/", "mysql --password=correct-horse -h db", "store:correct-horse@tcp(db:3306)/store_events",
		"ghp_0123456789abcdefghijABCDEFGHIJ012345", "Authorization: Basic c3RvcmU6Y29ycmVjdC1ob3JzZQ==", "xoxb-1234567890-abcdef",
		"Bearer 0123456789abcdefghijklmnop", "sk_live_0123456789abcdefABCD", "PWD: 'secret1'",
	} {
		require.True(t, HasCredential(text), text)
	}
	for _, text := range []string{
		"", "password", `password = secret["password"]`, "password=$PASSWORD", `password="${DB_PASSWORD}"`, "password=os.environ['P']",
		"jdbc:mysql://db:3306/store_events", "s3://bucket/key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-password",
		"AKIA is a prefix", "basic authentication", "basic understanding of", "user:name@example.com", "bearer of news", "https://example.com/a:b@c", `f"password={value}"`, "cd $PWD", "pwd=$(pwd)",
	} {
		require.False(t, HasCredential(text), text)
	}
}

func TestCredentialUnder(t *testing.T) {
	for key, text := range map[string]string{"DB_PASSWORD": "x", "--api-key": "AKIAIOSFODNN7EXAMPLE", "token": "abc", "clientSecret": "abc", "secret": "abc", "MASTER_PASSWORD_2": "abc", "DB_PASS": "abc", "secretString": "abc"} {
		require.True(t, CredentialUnder(key, text), key)
	}
	for key, text := range map[string]string{
		"SECRET_ARN": "anything", "--tgt_db_secret_arn": "x", "secretName": "store", "password": "", "token": "arn:aws:x:y",
		"manageMasterUserPassword": "true", "bucket": "secret-bucket", "secretId": "x", "skipSecret": "false", "httpTokens": "required", "bypass": "abc", "compass": "abc", "passwordLength": "32",
	} {
		require.False(t, CredentialUnder(key, text), key)
	}
}

func TestURLs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z]{1,10}(\.[a-z]{2,5})?(:[0-9]{2,4})?`).Draw(t, "host")
		user := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "user")
		require.False(t, userInfo.MatchString("jdbc:mysql://"+host+"/db"))
		require.True(t, userInfo.MatchString("jdbc:mysql://"+user+":p@"+host+"/db"))
	})
}
