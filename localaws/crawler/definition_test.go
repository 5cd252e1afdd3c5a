package crawler

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogGroupOfACrawler(t *testing.T) {
	d := Definition{Role: "arn:aws:iam::000000000000:role/service-role/crawls"}
	require.Equal(t, "/aws-glue/crawlers", d.logGroup())
	d.CrawlerSecurityConfiguration = "sc"
	require.Equal(t, "/aws-glue/crawlers-role/crawls-sc", d.logGroup())
}

func TestPartitionIndexesAreOnByDefault(t *testing.T) {
	for configuration, want := range map[string]bool{
		"": true, `{"Version":1}`: true, `{"Version":1,"CreatePartitionIndex":true}`: true, `{"Version":1,"CreatePartitionIndex":false}`: false,
	} {
		p, err := newPolicy(Definition{Configuration: configuration})
		require.NoError(t, err)
		require.Equal(t, want, p.PartitionIndexes, configuration)
	}
	_, err := newPolicy(Definition{Configuration: `{"Version":1,"CreatePartitionIndex":"no"}`})
	require.ErrorContains(t, err, "crawler configuration is not valid JSON")
}
