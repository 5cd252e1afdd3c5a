package matcher

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	for names, want := range map[string]kind{
		"password dbPassword DB_PASSWORD --db-password PGPASSWORD passwd userPwd passwort Kennwort2 PASSWORD_DB password2": password,
		"pass DB_PASS passphrase passcode pw dbpw dbpass userpw password_new masterPasswordValue":                          password,

		"token apiToken secret clientSecret DATADOG_APIKEY credential credentials SECRET_42":                                            token,
		"accessKey account_key apiKey encryption_key hmacKey private_key secretKey shared_key signingKey":                               token,
		"secretValue secretString secret_text secretPlain secretPlaintext secret_b64 secretBase64 secretOld secret_new password_secret": token,

		"REDIS_AUTH auth": authentication,

		"name bypass compass key partitionKey primary_key value 42 _ secretName tokens authentication forward pwx": notCredential,
		"clientToken continuation_token creatorToken idempotency_token nextToken page_token clientRequestToken":    notCredential,
	} {
		for _, name := range strings.Fields(names) {
			require.Equal(t, want, nameKind(name), name)
		}
	}
	require.Equal(t, notCredential, nameKind(""))
}

// Properties of a password are not passwords.
func TestNamesAboutPasswords(t *testing.T) {
	for _, word := range strings.Fields(`age arn arns column count days encryption endpoint expiry field file format generator hash header hint
		id ids key kms length location manager max min name names param parameter path pattern policy prefix provider ref reset rotation source
		store ttl type uri url version`) {
		require.Equal(t, notCredential, nameKind("password_"+word), word)
		require.Equal(t, notCredential, nameKind("password_"+word+"_x"), word)
	}
}
