package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// encryptCatalog encrypts the whole catalog of the account and region, if configured.
func encryptCatalog(s scope, args *CatalogArgs) error {
	if !args.Settings.Encryption {
		return nil
	}
	_, err := glue.NewDataCatalogEncryptionSettings(s.ctx, s.label("catalog-encryption"), &glue.DataCatalogEncryptionSettingsArgs{
		DataCatalogEncryptionSettings: glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsArgs{
			EncryptionAtRest: glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsEncryptionAtRestArgs{
				CatalogEncryptionMode: pulumi.String("SSE-KMS"),
				SseAwsKmsKeyId:        args.Storage.KeyArn,
			},
			ConnectionPasswordEncryption: glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsConnectionPasswordEncryptionArgs{
				ReturnConnectionPasswordEncrypted: pulumi.Bool(true),
				AwsKmsKeyId:                       args.Storage.KeyArn,
			},
		},
	}, s.parent)
	if err != nil {
		return fmt.Errorf("encryption of the catalog: %w", err)
	}
	return nil
}

// useCatalogKey allows reading and writing a catalog that another stack encrypts
// with its key: https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html
func useCatalogKey(c config.Catalog) []statement {
	if c.KeyArn == "" {
		return nil
	}
	use := useKey(pulumi.String(c.KeyArn))
	use.sid = "UseCatalogKey"
	return []statement{use}
}

// newSecurityConfiguration encrypts what crawler and job write: logs, bookmarks and
// objects.
func newSecurityConfiguration(s scope, keyArn pulumi.StringInput) (pulumi.StringOutput, error) {
	sc, err := glue.NewSecurityConfiguration(s.ctx, s.label("encryption"), &glue.SecurityConfigurationArgs{
		Name: pulumi.String(s.name),
		EncryptionConfiguration: glue.SecurityConfigurationEncryptionConfigurationArgs{
			CloudwatchEncryption: glue.SecurityConfigurationEncryptionConfigurationCloudwatchEncryptionArgs{
				CloudwatchEncryptionMode: pulumi.String("SSE-KMS"),
				KmsKeyArn:                keyArn,
			},
			JobBookmarksEncryption: glue.SecurityConfigurationEncryptionConfigurationJobBookmarksEncryptionArgs{
				JobBookmarksEncryptionMode: pulumi.String("CSE-KMS"),
				KmsKeyArn:                  keyArn,
			},
			S3Encryption: glue.SecurityConfigurationEncryptionConfigurationS3EncryptionArgs{
				S3EncryptionMode: pulumi.String("SSE-KMS"),
				KmsKeyArn:        keyArn,
			},
		},
	}, s.parent)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("glue security configuration: %w", err)
	}
	return sc.Name, nil
}
