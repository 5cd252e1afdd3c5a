package policy_test

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

type inputs = map[string]pulumi.Map

func TestUnknownValueIsReported(t *testing.T) {
	t.Parallel()
	o := preview(t, "dev", func(ctx *pulumi.Context) error {
		p := &registry{ctx: ctx}
		computed := p.add("random:index/randomPassword:RandomPassword", "password", pulumi.Map{"length": pulumi.Int(32)})
		public := computed.Result.ApplyT(func(s string) bool { return s == "" })
		p.add("aws:rds/instance:Instance", "database", pulumi.Map{
			"instanceClass": pulumi.String("db.t4g.micro"), "storageEncrypted": pulumi.Bool(true), "publiclyAccessible": public,
		})
		return p.err
	})
	require.NotContains(t, o.mandatory(), "rds-not-public database")
	require.Contains(t, o.Reports, report{
		Policy: "not-decided-at-preview", Level: "advisory", Resource: "database",
		Message: "A rule could not decide yet\n[critical] not decided at preview, the update decides: publiclyAccessible: not known yet (rds-not-public)\n",
	})
}

// Values unknown at preview are checked during the update, before the resource is created.
func TestUpdateChecksUnknownValues(t *testing.T) {
	t.Parallel()
	passwordWith := func(begin string) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error {
			p := &registry{ctx: ctx}
			letter := p.add("random:index/randomPassword:RandomPassword", "letter", pulumi.Map{"length": pulumi.Int(24), "special": pulumi.Bool(false)})
			p.add("random:index/randomPassword:RandomPassword", "password", pulumi.Map{
				"length": pulumi.Int(32), "overrideSpecial": letter.Result.ApplyT(func(string) string { return begin }),
			})
			return p.err
		}
	}
	undecided := "not-decided-at-preview password"
	before := preview(t, "local", passwordWith("!#"))
	require.NoError(t, before.Err, before.Log)
	require.Contains(t, before.all(), undecided)

	good := update(t, "local", passwordWith("!#"))
	require.NoError(t, good.Err, good.Log)
	require.NotContains(t, good.all(), undecided)

	bad := update(t, "local", passwordWith("!@"))
	require.Error(t, bad.Err)
	require.Equal(t, []string{"random-password-strength password"}, bad.mandatory(), bad.Log)
}

func TestExceptionInTheConfiguration(t *testing.T) {
	t.Parallel()
	until := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	exceptions := config.NewObjectValue(`[{"rule":"rds-storage-encrypted","resource":"data*","reason":"moves next month","owner":"data","expires":"` + until + `"}]`)
	o := preview(t, "dev", pipeline(func(in inputs) { in["database"]["storageEncrypted"] = pulumi.Bool(false) }),
		setting{"policy:exceptions", exceptions})
	require.NotContains(t, o.mandatory(), "rds-storage-encrypted database", o.Log)
	require.Contains(t, o.Log, "excepted until "+until+" by data: moves next month")

	broken := preview(t, "dev", pipeline(nil), setting{"policy:exceptions", config.NewObjectValue(`[{"rule":"no-such-rule","resource":"x","reason":"r","expires":"2999-12-31"}]`)})
	require.Error(t, broken.Err)
	require.Contains(t, broken.Log, `rule "no-such-rule" for "x": no such rule`)
}

// The user sees the message: it must contain everything needed to fix the violation.
func TestMessageHasViolationReasonAndFix(t *testing.T) {
	t.Parallel()
	o := preview(t, "prod", pipeline(func(in inputs) {
		in["database"]["storageEncrypted"] = pulumi.Bool(false)
		in["connection"]["connectionProperties"].(pulumi.Map)["PASSWORD"] = pulumi.String("hunter2")
	}))
	require.Error(t, o.Err)
	require.Contains(t, o.mandatory(), "glue-connection-secret-id connection")
	require.NotContains(t, o.Log, "hunter2", "messages do not contain values")
	for _, part := range []string{
		"rds-storage-encrypted", "[high]", "aws:rds/instance:Instance database", "property: storageEncrypted", "why: ", "fix: Set StorageEncrypted",
		"FSBP RDS.3", "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-3",
	} {
		require.Contains(t, o.Log, part)
	}
}
