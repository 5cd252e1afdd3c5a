package analyzer

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"store-events/policy/aws"
)

const urn = "urn:pulumi:dev::store::aws:rds/instance:Instance::db"

// configured returns a server with a configured stack.
func configured(t *testing.T, config map[string]string) *server {
	t.Helper()
	s := &server{}
	_, err := s.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{Project: "store", Stack: "dev", Config: config})
	require.NoError(t, err)
	return s
}

// encoded returns properties in the engine's encoding.
func encoded(t *testing.T, m resource.PropertyMap) *structpb.Struct {
	t.Helper()
	s, err := plugin.MarshalProperties(m, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	require.NoError(t, err)
	return s
}

func analyze(t *testing.T, s *server, m resource.PropertyMap) map[string]*pulumirpc.AnalyzeDiagnostic {
	t.Helper()
	answer, err := s.Analyze(t.Context(), &pulumirpc.AnalyzeRequest{Type: aws.DBInstance, Urn: urn, Name: "db", Properties: encoded(t, m)})
	require.NoError(t, err)
	byPolicy := map[string]*pulumirpc.AnalyzeDiagnostic{}
	for _, d := range answer.GetDiagnostics() {
		byPolicy[d.GetPolicyName()] = d
	}
	for _, passed := range answer.GetNotApplicable() {
		require.NotContains(t, byPolicy, passed.GetPolicyName())
	}
	return byPolicy
}

func TestAnalyzeDecodesProperties(t *testing.T) {
	s := configured(t, nil)
	public := analyze(t, s, resource.PropertyMap{"publiclyAccessible": resource.NewProperty(true)})["rds-not-public"]
	require.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, public.GetEnforcementLevel())
	require.Equal(t, pulumirpc.PolicySeverity_POLICY_SEVERITY_CRITICAL, public.GetSeverity())
	require.Equal(t, urn, public.GetUrn())

	secret := analyze(t, s, resource.PropertyMap{"publiclyAccessible": resource.MakeSecret(resource.NewProperty(true))})
	require.Contains(t, secret, "rds-not-public", "secrets are read")

	unknown := analyze(t, s, resource.PropertyMap{"publiclyAccessible": resource.MakeComputed(resource.NewProperty(""))})
	require.NotContains(t, unknown, "rds-not-public")
	require.Equal(t, pulumirpc.EnforcementLevel_ADVISORY, unknown["not-decided-at-preview"].GetEnforcementLevel())

	shapeless := analyze(t, s, resource.PropertyMap{"publiclyAccessible": resource.NewProperty(7.0)})
	require.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, shapeless["rule-failed"].GetEnforcementLevel())
}

func TestAnalyzeStackReadsReferences(t *testing.T) {
	s := configured(t, nil)
	unknown := resource.MakeComputed(resource.NewProperty(""))
	bucketURN := "urn:pulumi:dev::store::aws:s3/bucketV2:BucketV2::bucket"
	req := &pulumirpc.AnalyzeStackRequest{Resources: []*pulumirpc.AnalyzerResource{
		{Type: aws.Bucket, Urn: bucketURN, Name: "bucket", Properties: encoded(t, resource.PropertyMap{"id": unknown})},
	}}
	names := func() (list []string) {
		answer, err := s.AnalyzeStack(t.Context(), req)
		require.NoError(t, err)
		for _, d := range answer.GetDiagnostics() {
			list = append(list, d.GetPolicyName())
		}
		return list
	}
	require.Contains(t, names(), "s3-public-access-block-present")
	req.Resources = append(req.Resources, &pulumirpc.AnalyzerResource{
		Type: aws.BucketPublicAccess, Urn: "urn:pulumi:dev::store::" + aws.BucketPublicAccess + "::block", Name: "block",
		Properties:           encoded(t, resource.PropertyMap{"bucket": unknown}),
		PropertyDependencies: map[string]*pulumirpc.AnalyzerPropertyDependencies{"bucket": {Urns: []string{bucketURN}}},
	})
	require.NotContains(t, names(), "s3-public-access-block-present", "references are followed before IDs are known")
}

func TestInfo(t *testing.T) {
	info, err := configured(t, nil).GetAnalyzerInfo(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	byName := map[string]*pulumirpc.PolicyInfo{}
	for _, p := range info.GetPolicies() {
		byName[p.GetName()] = p
	}
	encrypted := byName["rds-storage-encrypted"]
	require.Equal(t, pulumirpc.PolicyType_POLICY_TYPE_RESOURCE, encrypted.GetPolicyType())
	require.Equal(t, pulumirpc.PolicySeverity_POLICY_SEVERITY_HIGH, encrypted.GetSeverity())
	require.Contains(t, encrypted.GetUrl(), "rds-controls.html#rds-3")
	require.NotEmpty(t, encrypted.GetRemediationSteps())
	require.Equal(t, pulumirpc.PolicyType_POLICY_TYPE_STACK, byName["s3-public-access-block-present"].GetPolicyType())
	require.Equal(t, pulumirpc.EnforcementLevel_DISABLED, byName["rds-multi-az"].GetEnforcementLevel())
}

func TestConfigureChangesLevels(t *testing.T) {
	s := configured(t, nil)
	configure := func(name string, level pulumirpc.EnforcementLevel) error {
		_, err := s.Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{name: {EnforcementLevel: level}}})
		return err
	}
	public := resource.PropertyMap{"publiclyAccessible": resource.NewProperty(true)}
	require.NoError(t, configure("rds-not-public", pulumirpc.EnforcementLevel_ADVISORY))
	require.Equal(t, pulumirpc.EnforcementLevel_ADVISORY, analyze(t, s, public)["rds-not-public"].GetEnforcementLevel())
	require.NoError(t, configure("rds-not-public", pulumirpc.EnforcementLevel_DISABLED))
	require.NotContains(t, analyze(t, s, public), "rds-not-public")

	all := map[string]*pulumirpc.PolicyConfig{"all": {}, "rule-failed": {EnforcementLevel: pulumirpc.EnforcementLevel_ADVISORY}}
	_, err := s.Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: all})
	require.NoError(t, err)
	broken := analyze(t, s, resource.PropertyMap{"publiclyAccessible": resource.NewProperty(7.0), "storageEncrypted": resource.NewProperty(7.0)})
	require.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, broken["rule-failed"].GetEnforcementLevel(), "a failed rule never passes")

	require.ErrorContains(t, configure("kms-rotate", pulumirpc.EnforcementLevel_ADVISORY), "kms-rotate: no such policy; policies that begin with kms: kms-")
}

func TestStackConfigurationIsChecked(t *testing.T) {
	for key, text := range map[string]string{"policy:environment": "staging", "policy:exceptions": "{"} {
		_, err := (&server{}).ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{Stack: "dev", Config: map[string]string{key: text}})
		require.Error(t, err, key)
	}
}

func TestRemediateChangesOnlyTheProperty(t *testing.T) {
	s := configured(t, nil)
	inputs := encoded(t, resource.PropertyMap{
		"bucket": resource.MakeComputed(resource.NewProperty("")), "blockPublicAcls": resource.NewProperty(true),
		"note": resource.MakeSecret(resource.NewProperty("x")), "__defaults": resource.NewProperty([]resource.PropertyValue{}),
	})
	remediate := func() []*pulumirpc.Remediation {
		answer, err := s.Remediate(t.Context(), &pulumirpc.AnalyzeRequest{Type: aws.BucketPublicAccess, Urn: urn, Properties: inputs})
		require.NoError(t, err)
		require.NotEmpty(t, answer.GetNotApplicable())
		return answer.GetRemediations()
	}
	require.Empty(t, remediate(), "it is off by default")

	_, err := s.Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{
		"s3-public-access-block-complete": {EnforcementLevel: pulumirpc.EnforcementLevel_REMEDIATE},
	}})
	require.NoError(t, err)
	made := remediate()
	require.Len(t, made, 1)
	got := made[0].GetProperties().GetFields()
	for _, name := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		require.True(t, got[name].GetBoolValue(), name)
	}
	for name, before := range inputs.GetFields() {
		require.Equal(t, before, got[name], name)
	}
	require.Len(t, got, 7)
	require.NotContains(t, inputs.GetFields(), "ignorePublicAcls", "the request is unchanged")
}
