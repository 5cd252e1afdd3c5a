package config

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

const adminArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-AbCdEf"

func onServer(more Map) Map {
	settings := Map{"databaseHost": "db.example.internal", "databaseSecretArn": adminArn, "databaseGroupId": "sg-0123456789abcdef0"}
	maps.Copy(settings, more)
	return settings
}

// users returns the settings of a server with existing users.
func users(loader, reader string) Map {
	return onServer(Map{"databaseSecretArn": "", "databaseLoaderSecretArn": loader, "databaseReaderSecretArn": reader})
}

func TestSecretsOfAnExistingDatabase(t *testing.T) {
	made := Database{Host: "db", SecretArn: "admin"}
	require.Equal(t, []string{"admin"}, made.SecretArns())
	require.Empty(t, made.UserSecretArns())
	found := Database{Host: "db", LoaderSecretArn: "loader", ReaderSecretArn: "reader"}
	require.Equal(t, []string{"loader", "reader"}, found.SecretArns())
	require.Equal(t, map[string]string{"databaseLoaderSecretArn": "loader", "databaseReaderSecretArn": "reader"}, found.UserSecretArns())
	require.Equal(t, 30, Database{StorageGiB: 30}.OwnStorageGiB())
}

func TestExistingDatabaseIsAccepted(t *testing.T) {
	for _, more := range []Map{
		nil,
		{"databasePort": "80", "protectData": "true", "jobWorkers": "100"},
		{"databaseGroupId": "", "databaseCidr": "10.20.0.7/32"},
		{"databaseSecretArn": "", "databaseLoaderSecretArn": adminArn, "databaseReaderSecretArn": adminArn},
		{"databaseGroupId": "", "databaseCidr": "10.20.0.0/16"},
	} {
		c, err := Load("dev", onServer(more))
		require.NoError(t, err)
		require.Zero(t, c.Database.OwnStorageGiB())
		require.True(t, c.Database.Existing())
		require.Equal(t, c.Database.SecretArn != "", c.Database.Administered())
	}
}

func TestInvalidExistingDatabase(t *testing.T) {
	for name, tc := range map[string]struct {
		settings     Map
		key, allowed string
	}{
		"no host":                    {Map{"databaseSecretArn": adminArn}, "databaseSecretArn", "set databaseHost"},
		"a group without a host":     {Map{"databaseGroupId": "sg-0123456789abcdef0"}, "databaseGroupId", "set databaseHost"},
		"a URL":                      {onServer(Map{"databaseHost": "mysql://db:3306"}), "databaseHost", "without its port"},
		"no login":                   {onServer(Map{"databaseSecretArn": ""}), "databaseSecretArn", "set both"},
		"only the reader's secret":   {onServer(Map{"databaseSecretArn": "", "databaseReaderSecretArn": adminArn}), "databaseSecretArn", "set both"},
		"only the loader's secret":   {onServer(Map{"databaseSecretArn": "", "databaseLoaderSecretArn": adminArn}), "databaseSecretArn", "set both"},
		"administrator and users":    {onServer(Map{"databaseLoaderSecretArn": adminArn, "databaseReaderSecretArn": adminArn}), "databaseSecretArn", "either databaseSecretArn"},
		"administrator and one user": {onServer(Map{"databaseLoaderSecretArn": adminArn}), "databaseSecretArn", "either databaseSecretArn"},
		"not a secret":               {onServer(Map{"databaseSecretArn": "admin"}), "databaseSecretArn", "the full ARN of a Secrets Manager secret"},
		"no way":                     {onServer(Map{"databaseGroupId": ""}), "databaseGroupId", "set databaseCidr"},
		"two ways":                   {onServer(Map{"databaseCidr": "10.20.0.0/24"}), "databaseGroupId", "instead"},
		"everywhere":                 {onServer(Map{"databaseGroupId": "", "databaseCidr": "0.0.0.0/0"}), "databaseCidr", "/16 to /32"},
		"a class":                    {onServer(Map{"databaseInstanceClass": "db.t4g.small"}), "databaseInstanceClass", "no value together with databaseHost"},
		"backups":                    {onServer(Map{"databaseBackupDays": "14"}), "databaseBackupDays", "no value together with databaseHost"},
		"a user":                     {onServer(Map{"databaseUser": "boss"}), "databaseUser", "no value together with databaseHost"},
		"a version":                  {onServer(Map{"databaseEngineVersion": "8.4.3"}), "databaseEngineVersion", "no value together with databaseHost"},
		"storage":                    {onServer(Map{"databaseStorageGiB": "30"}), "databaseStorageGiB", "no value together with databaseHost"},
		"growth":                     {onServer(Map{"databaseMaxStorageGiB": "0"}), "databaseMaxStorageGiB", "no value together with databaseHost"},
		"a standby":                  {onServer(Map{"databaseMultiAz": "true"}), "databaseMultiAz", "no value together with databaseHost"},
		"monitoring":                 {onServer(Map{"databaseMonitoringSeconds": "30"}), "databaseMonitoringSeconds", "no value together with databaseHost"},
		"a loader, no host":          {Map{"databaseLoaderSecretArn": adminArn}, "databaseLoaderSecretArn", "set databaseHost"},
		"a reader, no host":          {Map{"databaseReaderSecretArn": adminArn}, "databaseReaderSecretArn", "set databaseHost"},
		"addresses, no host":         {Map{"databaseCidr": "10.20.0.0/24"}, "databaseCidr", "set databaseHost"},
		"not a loader's secret":      {users("loader", adminArn), "databaseLoaderSecretArn", "the full ARN of a Secrets Manager secret"},
		"not a reader's secret":      {users(adminArn, "reader"), "databaseReaderSecretArn", "the full ARN of a Secrets Manager secret"},
		"not a group":                {onServer(Map{"databaseGroupId": "default"}), "databaseGroupId", "the ID of a security group"},
		"not a block":                {onServer(Map{"databaseGroupId": "", "databaseCidr": "10.20.0.0"}), "databaseCidr", "an IPv4 CIDR block"},
		"a block of IPv6":            {onServer(Map{"databaseGroupId": "", "databaseCidr": "fd00::/64"}), "databaseCidr", "an IPv4 CIDR block"},
		"an address in a block":      {onServer(Map{"databaseGroupId": "", "databaseCidr": "10.20.0.1/24"}), "databaseCidr", "an IPv4 CIDR block"},
		"a large block":              {onServer(Map{"databaseGroupId": "", "databaseCidr": "10.20.0.0/15"}), "databaseCidr", "/16 to /32"},
		"no port":                    {onServer(Map{"databasePort": "0"}), "databasePort", "1 to 65535"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("dev", tc.settings)
			require.Error(t, err)
			for _, p := range problems(t, err) {
				require.Equal(t, tc.key, p.Key)
			}
			require.ErrorContains(t, err, tc.allowed)
		})
	}
}
