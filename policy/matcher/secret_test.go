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

func TestURLs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z]{1,10}(\.[a-z]{2,5})?(:[0-9]{2,4})?`).Draw(t, "host")
		user := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "user")
		require.False(t, userInfo.MatchString("jdbc:mysql://"+host+"/db"))
		require.True(t, userInfo.MatchString("jdbc:mysql://"+user+":p@"+host+"/db"))
	})
}
