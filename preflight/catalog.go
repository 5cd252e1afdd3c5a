package preflight

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	laketypes "github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
)

// iamAllowed is Lake Formation's group of all principals that IAM allows.
const iamAllowed = "IAM_ALLOWED_PRINCIPALS"

// lakeFormation checks that only IAM controls access to new databases and tables.
// Otherwise the roles of crawler, job and consumer also need grants of Lake Formation,
// which the program does not create.
// https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
func lakeFormation(ctx context.Context, r *run) ([]Finding, error) {
	const id = "lake-formation"
	if len(r.plan.all("aws:glue/catalogDatabase:CatalogDatabase")) == 0 {
		return ok(id, "no database of the catalog is created"), nil
	}
	out, err := r.lake.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		return nil, err
	}
	var closed []string
	for _, of := range []struct {
		what   string
		grants []laketypes.PrincipalPermissions
	}{
		{"databases", out.DataLakeSettings.CreateDatabaseDefaultPermissions},
		{"tables", out.DataLakeSettings.CreateTableDefaultPermissions},
	} {
		if !slices.ContainsFunc(of.grants, openToIAM) {
			closed = append(closed, of.what)
		}
	}
	if len(closed) == 0 {
		return ok(id, "only IAM controls the access to new databases and tables"), nil
	}
	return []Finding{{
		ID: id, Status: Problem,
		What: fmt.Sprintf("Lake Formation controls the access to new %s: it denies crawler, job and Athena the access, regardless of their IAM policies", list(closed)),
		Do: "if the account does not use Lake Formation, choose \"Use only IAM access control\" for new databases and tables in its data catalog settings; " +
			"otherwise have its administrator grant the roles of crawler and job ALL on the stack's database and tables after the first update",
	}}, nil
}

func openToIAM(p laketypes.PrincipalPermissions) bool {
	return p.Principal != nil && aws.ToString(p.Principal.DataLakePrincipalIdentifier) == iamAllowed &&
		slices.Contains(p.Permissions, laketypes.PermissionAll)
}

// catalogEncryption checks the key of the data catalog, which all stacks of an account
// and region share.
func catalogEncryption(ctx context.Context, r *run) ([]Finding, error) {
	const id = "catalog-encryption"
	out, err := r.glue.GetDataCatalogEncryptionSettings(ctx, &glue.GetDataCatalogEncryptionSettingsInput{})
	if err != nil {
		return nil, err
	}
	key, takes := catalogKey(out.DataCatalogEncryptionSettings), len(r.plan.all("aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings")) > 0
	expected, err := r.isKey(ctx, key, r.plan.CatalogKey)
	switch {
	case takes && key != "":
		return []Finding{catalogTaken(key)}, nil
	case takes:
		return []Finding{{
			ID: id, Status: Warning, What: "the stack encrypts the data catalog of the whole account and region: all its users then need the stack's key",
			Do: "see docs/stack-lifecycle.md, \"Several stacks in one account and region\"; set store-events:catalogEncryption to false if others use the catalog",
		}}, nil
	case err != nil:
		return nil, err
	case key != "" && !expected && !r.plan.OwnsCatalog:
		return []Finding{{
			ID: id, Status: Problem, What: "the data catalog is encrypted with " + key + ", which the roles of crawler and job may not use",
			Do: "set store-events:catalogKeyArn to that key's ARN, and allow the account's roles in its key policy",
		}}, nil
	}
	return ok(id, "the stack does not change the encryption of the data catalog"), nil
}

func catalogTaken(key string) Finding {
	return Finding{
		ID: "catalog-encryption", Status: Problem,
		What: "the data catalog of this account and region is already encrypted with " + key + ": the stack would replace this setting of another stack or team",
		Do: "set store-events:catalogEncryption to false and store-events:catalogKeyArn to that key; " +
			"a production stack then needs an exception from the policy glue-catalog-encrypted",
	}
}

// CheckCatalog returns an error if the data catalog is already encrypted, for a stack
// that would encrypt it.
func CheckCatalog(ctx context.Context, c *Clients) error {
	out, err := c.glue.GetDataCatalogEncryptionSettings(ctx, &glue.GetDataCatalogEncryptionSettingsInput{})
	if err != nil {
		return fmt.Errorf("read the encryption settings of the data catalog: %w", err)
	}
	if key := catalogKey(out.DataCatalogEncryptionSettings); key != "" {
		f := catalogTaken(key)
		return fmt.Errorf("%s; %s", f.What, f.Do)
	}
	return nil
}

func catalogKey(s *gluetypes.DataCatalogEncryptionSettings) string {
	if s == nil || s.EncryptionAtRest == nil || s.EncryptionAtRest.CatalogEncryptionMode == gluetypes.CatalogEncryptionModeDisabled {
		return ""
	}
	if key := aws.ToString(s.EncryptionAtRest.SseAwsKmsKeyId); key != "" {
		return key
	}
	return "aws/glue"
}
