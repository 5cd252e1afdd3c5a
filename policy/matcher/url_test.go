package matcher

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"store-events/policy/rule"
	"store-events/policy/value"
)

// accepts returns the result of a test for a string.
func accepts(t require.TestingT, test rule.Test, text string) bool {
	ok, err := test(value.OfTexts(map[string]string{"url": text}).Get("url"))
	require.NoError(t, err, text)
	return ok
}

func TestURLs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z]{1,10}(\.[a-z]{2,5})?(:[0-9]{2,4})?`).Draw(t, "host")
		user := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "user")
		require.True(t, accepts(t, URLWithoutCredentials, "jdbc:mysql://"+host+"/db"))
		require.False(t, accepts(t, URLWithoutCredentials, "jdbc:mysql://"+user+":p@"+host+"/db"))
	})
	for url, want := range map[string]bool{
		"jdbc:mysql://db:3306/x?useSSL=true": true, "jdbc:oracle:thin:@//db:1521/x": true, "https://example.com/a@b": true, "": true,
		"jdbc:mysql://db/x?User=u": false, "jdbc:mysql://db/x?a=b&password=": false, "jdbc:sqlserver://db;pwd=p": false,
		"jdbc:oracle:thin:u/p@db:1521:x": false, "https://user@example.com": false, "jdbc:mysql://db/x?superuser=1": true,
	} {
		require.Equal(t, want, accepts(t, URLWithoutCredentials, url), url)
	}
}

func TestNamedOrigins(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://shop.example.com": true, "https://*.shop.example.com": true, "https://*.example.com": true, "shop.example.com": true,
		"*": false, "https://*": false, "https://*.com": false, "*.com": false, "*.example.com": true, "": true,
	} {
		require.Equal(t, want, accepts(t, NamedOrigin, origin), origin)
	}
}

func TestS3Locations(t *testing.T) {
	for text, want := range map[string][2]string{
		"s3://bucket/a/b.json": {"bucket", "a/b.json"}, "s3a://bucket/a": {"bucket", "a"}, "s3n://bucket/": {"bucket", ""}, "s3://bucket": {"bucket", ""},
	} {
		bucket, key, ok := S3Location(text)
		require.True(t, ok, text)
		require.Equal(t, want, [2]string{bucket, key}, text)
	}
	for _, text := range []string{"", "s3", "bucket/key", "s3:/bucket/key", "https://bucket/key", "://bucket/key"} {
		bucket, key, ok := S3Location(text)
		require.False(t, ok, text)
		require.Empty(t, bucket+key, text)
	}
	_, key, ok := S3Location("s3:///key")
	require.False(t, ok, "a location without a bucket")
	require.Equal(t, "key", key)
}
