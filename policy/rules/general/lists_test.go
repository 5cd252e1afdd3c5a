package general

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestSettingsOfAccounts(t *testing.T) {
	strong := Props{
		"minimumPasswordLength": 14, "requireLowercaseCharacters": true, "requireUppercaseCharacters": true, "requireNumbers": true, "requireSymbols": true,
	}
	for kind, settings := range map[string]struct {
		on  Props
		off []Props
	}{
		aws.EncryptionByDefault:  {Props{"enabled": true}, []Props{{"enabled": false}}},
		aws.ImagePublicAccess:    {Props{"state": "block-new-sharing"}, []Props{{"state": "unblocked"}, {}}},
		aws.SnapshotPublicAccess: {Props{"state": "block-all-sharing"}, []Props{{"state": "unblocked"}, {}}},
		aws.MetadataDefaults:     {Props{"httpTokens": "required"}, []Props{{"httpTokens": "optional"}, {}}},
		aws.TraceEncryption:      {Props{"type": "KMS"}, []Props{{"type": "NONE"}, {}}},
		aws.VpcPublicAccess:      {Props{"internetGatewayBlockMode": "block-bidirectional"}, []Props{{"internetGatewayBlockMode": "off"}, {}}},
		aws.PasswordPolicy:       {strong, nil},
	} {
		require.False(t, Finds(t, accountGuardsOn, []Res{R(kind, "account", settings.on)}), kind)
		for _, off := range settings.off {
			require.True(t, Finds(t, accountGuardsOn, []Res{R(kind, "account", off)}), "%s %v", kind, off)
		}
	}
	require.False(t, Finds(t, accountGuardsOn, []Res{R(aws.SnapshotPublicAccess, "account", Props{"state": "block-new-sharing"})}))
	require.False(t, Finds(t, accountGuardsOn, []Res{R(aws.VpcPublicAccess, "account", Props{"internetGatewayBlockMode": "block-ingress"})}))
	for key := range strong {
		weak := Props{}
		for k, v := range strong {
			weak[k] = v
		}
		weak[key] = false
		if key == "minimumPasswordLength" {
			weak[key] = 13
		}
		require.True(t, Finds(t, accountGuardsOn, []Res{R(aws.PasswordPolicy, "account", weak)}), key)
	}
}

func TestIgnorableChanges(t *testing.T) {
	ignoring := func(kind, path string) []Res {
		r := R(kind, "x", Props{})
		r.IgnoreChanges = []string{path}
		return []Res{r}
	}
	for _, name := range strings.Fields(`tags tagsAll description versionStages engineVersion allocatedStorage availabilityZone ami code sourceCodeHash
		s3ObjectVersion dashboardBody secretString password keepers schedule enabled numberOfWorkers`) {
		require.False(t, Finds(t, noIgnoredChanges, ignoring(aws.Instance, name)), name)
		require.False(t, Finds(t, noIgnoredChanges, ignoring(aws.Instance, name+".x")), name)
		require.False(t, Finds(t, noIgnoredChanges, ignoring(aws.Instance, `["`+name+`"]`)), name)
	}
	for _, path := range []string{"policy", ".tags", `["policy"]`, `["policy"].tags`, "*", "userData"} {
		require.True(t, Finds(t, noIgnoredChanges, ignoring(aws.Instance, path)), path)
	}
	require.False(t, Finds(t, noIgnoredChanges, ignoring("random:index/randomId:RandomId", "policy")), "of a type that no rule checks")
}

func TestReferencesToOtherAccounts(t *testing.T) {
	topic := R(aws.Topic, "topic", Props{}) // Its ARN identifies the stack's account.
	named := func(kind, key string) []Res {
		return []Res{R(kind, "x", Props{key: "arn:aws:sns:eu-west-1:999999999999:t"}), topic}
	}
	for _, key := range strings.Fields("tags tagsAll description environment userData content principal layers imageUri") {
		require.False(t, Finds(t, ownAccountOnly, named(aws.Topic, key)), key)
	}
	require.True(t, Finds(t, ownAccountOnly, named(aws.Topic, "arns")))
	require.False(t, Finds(t, ownAccountOnly, named("gcp:x/y:Z", "arns")), "of another cloud")
	s := Build(t, []Res{R(aws.Topic, "x", Props{"arn": "", "topicArn": "arn:aws:sns:eu-west-1:999999999999:t"})}, rule.Settings{})
	require.Equal(t, "the stack's own account is not known yet", ownAccountOnly.CheckStack(s)[0].Message)
	for kind, key := range map[string]string{
		aws.Function: "role", aws.GlueJob: "roleArn", aws.GlueCrawler: "role", aws.DBInstance: "monitoringRoleArn", aws.EventTarget: "roleArn",
		aws.EventRule: "roleArn", aws.GlueMLTransform: "roleArn",
	} {
		acting := func(role any) []Res { return []Res{R(kind, "x", Props{key: role}), R(aws.Role, "role", Props{})} }
		require.False(t, Finds(t, workloadRoleInStack, acting(Arn("role"))), kind)
		require.True(t, Finds(t, workloadRoleInStack, acting("arn:aws:iam::123456789012:role/Admin")), kind)
		require.False(t, Finds(t, workloadRoleInStack, acting("")), kind)
	}
}

func TestPropertiesWithCredentials(t *testing.T) {
	for kind, keys := range map[string][]string{aws.SecretVersion: {"secretString", "secretBinary"}, aws.DBInstance: {"password"}, aws.RandomPassword: {"result"}, aws.Parameter: {"value", "valueWo"}} {
		for _, key := range keys {
			require.True(t, Finds(t, noLiteralCredential, []Res{R(kind, "x", Props{key: "AKIAIOSFODNN7EXAMPLE"})}), "%s of %s", key, kind)
			require.False(t, Finds(t, noLiteralCredential, []Res{R(kind, "x", Props{key: Secret("AKIAIOSFODNN7EXAMPLE")})}), "%s of %s", key, kind)
		}
	}
}

// The name of a parameter determines what its value is.
func TestValuesOfParameters(t *testing.T) {
	finds := func(r Res) bool { return Finds(t, noLiteralCredential, []Res{r}) }
	for name, found := range map[string]bool{"/db/password": true, "/db/password/format": false, "db-user": false} {
		for _, key := range []string{"value", "valueWo", "insecureValue"} {
			require.Equal(t, found, finds(R(aws.Parameter, "password", Props{"name": name, key: "correct-horse-7"})), "%s: %s", name, key)
		}
		require.False(t, finds(R(aws.Parameter, "x", Props{"name": name, "allowedPattern": "correct-horse-7"})), name)
		require.False(t, finds(R(aws.Topic, "x", Props{"name": name, "value": "correct-horse-7"})), name)
	}
	require.True(t, finds(R(aws.Parameter, "dbPassword", Props{"value": "correct-horse-7"})), "the provider names it")
	require.False(t, finds(R(aws.Parameter, "dbUser", Props{"value": "correct-horse-7"})))
}

// A credential is recognized by its format, or by its name if it is not a word.
func TestCredentials(t *testing.T) {
	for text, found := range map[string]bool{"AKIAAAAAAAAAAAAAAAAA": true, "Xk3#pQ9!vT2$wZ7": true, "aaaaaaaaaaaa": false, "correct-horse-7": false} {
		require.Equal(t, found, Finds(t, noLiteralCredential, []Res{R(aws.Topic, "x", Props{"comment": text})}), text)
	}
	require.True(t, Finds(t, noLiteralCredential, []Res{R(aws.Topic, "x", Props{"password": "correct-horse-7"})}))
	require.False(t, Finds(t, noLiteralCredential, []Res{R(aws.Topic, "x", Props{"password": "aaaaaaaaaaaa"})}))
}

// A resource whose provider differs from the others uses another account, role or place.
func TestSettingsOfProviders(t *testing.T) {
	differs := func(settings Props) bool { return Finds(t, providerOfStack, by(settings, nil)) }
	for _, key := range strings.Fields("accessKey secretKey token profile skipCredentialsValidation skipRequestingAccountId httpProxy httpsProxy region") {
		require.True(t, differs(Props{key: "x"}), key)
		require.False(t, differs(Props{key: ""}), key)
	}
	require.False(t, differs(Props{"skipCredentialsValidation": "false"}))
	require.True(t, differs(Props{"insecure": "true"}))
	require.False(t, differs(Props{"insecure": "false"}))
	for _, key := range []string{"assumeRole", "assumeRoles", "assumeRoleWithWebIdentity"} {
		require.True(t, differs(Props{key: `[{"roleArn":"arn:aws:iam::999999999999:role/r"}]`}), key)
		require.True(t, differs(Props{key: Props{"roleArn": "arn:aws:iam::999999999999:role/r"}}), key)
		require.False(t, differs(Props{key: `[{"roleArn":"arn:aws:iam::123456789012:role/r","sessionName":"s"}]`}), key)
	}
	for endpoint, elsewhere := range map[string]bool{
		"http://127.0.0.1:4566": false, "http://localhost:4566": false, "http://[::1]:4566": false, "http://10.0.0.1": true, "https://localhost.example.com": true, "::": true,
	} {
		require.Equal(t, elsewhere, differs(Props{"endpoints": List{Props{"s3": endpoint}}}), endpoint)
	}
	mixed := `[{"s3":"http://127.0.0.1:4566","sns":"::"}]`
	require.True(t, differs(Props{"endpoints": mixed}), "one of them is not an address")
	require.False(t, differs(Props{"sharedConfigFiles": List{}}), "an empty list")
	unknown := []Res{R(aws.Topic, "topic", Props{"arn": ""})}
	unknown[0].Provider = Props{"assumeRole": Props{"roleArn": "arn:aws:iam::999999999999:role/r"}}
	require.False(t, Finds(t, providerOfStack, unknown), "the account is not known")
	other := func(name, kind string, settings Props) Res {
		r := R(kind, name, Props{})
		r.Provider = settings
		return r
	}
	profile := Props{"profile": "x"}
	require.True(t, Finds(t, providerOfStack, []Res{
		other("a", aws.Topic, profile), other("b", aws.Topic, nil), other("c", aws.Topic, nil), other("d", "gcp:x/y:Z", profile), other("e", "gcp:x/y:Z", profile),
	}), "resources of other clouds are ignored")
	require.False(t, Finds(t, providerOfStack, []Res{R("gcp:x/y:Z", "x", Props{"region": "x"}), R(aws.Topic, "topic", Props{})}))
	require.False(t, Finds(t, providerOfStack, []Res{R("pulumi:providers:gcp", "x", Props{"region": "x"}), R(aws.Topic, "topic", Props{})}))
	require.True(t, Finds(t, providerOfStack, []Res{R("pulumi:providers:aws", "x", Props{"region": "x"}), R(aws.Topic, "topic", Props{})}))
}

// Settings of a provider may be unknown before it is created.
func TestUnknownSettingsOfProviders(t *testing.T) {
	unknown := property.New(property.Computed)
	for _, key := range strings.Fields(`accessKey secretKey token profile sharedConfigFiles sharedCredentialsFile sharedCredentialsFiles customCaBundle
		ec2MetadataServiceEndpoint skipCredentialsValidation skipRequestingAccountId endpoints httpProxy httpsProxy assumeRole assumeRoles
		assumeRoleWithWebIdentity roleArn insecure`) {
		findings := providerOfStack.CheckStack(Build(t, by(Props{key: unknown}, nil), rule.Settings{}))
		require.Len(t, findings, 1, key)
		require.Equal(t, rule.Undecided, findings[0].Kind, key)
	}
	for key, part := range map[string]any{
		"assumeRoles": List{Props{"roleArn": unknown}}, "endpoints": List{Props{"s3": "http://127.0.0.1:1", "sns": unknown}},
		"sharedConfigFiles": List{unknown, "/a"},
	} {
		findings := providerOfStack.CheckStack(Build(t, by(Props{key: part}, nil), rule.Settings{}))
		require.Len(t, findings, 1, "a part of %s", key)
		require.Equal(t, rule.Undecided, findings[0].Kind, "a part of %s", key)
	}
	require.False(t, Finds(t, providerOfStack, by(Props{"region": unknown}, nil)), "the resource's ARN says its region")
}

// aws-native has different names for two settings.
func TestSettingsOfNativeProviders(t *testing.T) {
	made := func(kind, name string, settings Props) Res {
		r := R(kind, name, Props{})
		r.Provider = settings
		return r
	}
	topics := []Res{made(aws.Topic, "a", nil), made(aws.Topic, "b", nil), made(aws.Topic, "c", nil)}
	const kind = "aws-native:sns:Topic"
	for name, settings := range map[string]Props{
		"a file of credentials": {"sharedCredentialsFile": "/home/a/.aws/deploy"},
		"a role of the account": {"roleArn": "arn:aws:iam::123456789012:role/deploy"},
	} {
		example := append([]Res{made(kind, "d", settings), made(kind, "e", settings)}, topics...)
		require.False(t, Finds(t, providerOfStack, example), name)
	}
	usual := Props{"sharedCredentialsFile": "/home/a/.aws/deploy"}
	for name, settings := range map[string]Props{
		"another file": {"sharedCredentialsFile": "/home/a/.aws/other"}, "a role of another account": {"roleArn": "arn:aws:iam::999999999999:role/deploy"},
		"a profile": {"profile": "other"},
	} {
		example := append([]Res{made(kind, "d", usual), made(kind, "e", usual), made(kind, "f", settings)}, topics...)
		require.True(t, Finds(t, providerOfStack, example), name)
	}
	profile := Props{"profile": "deploy"}
	require.False(t, Finds(t, providerOfStack, []Res{made(kind, "d", profile), made(kind, "e", profile)}), "all are of aws-native")
}

// Spaces in a list make no difference.
func TestSpellingOfSettings(t *testing.T) {
	spelled := func(files string) Res {
		r := R(aws.Topic, "topic"+files, Props{})
		r.Provider = Props{"sharedConfigFiles": files}
		return r
	}
	require.False(t, Finds(t, providerOfStack, []Res{spelled(`["/a","/b"]`), spelled(`["/a", "/b"]`), spelled(` ["/a","/b"]`)}))
}

// Before ARNs are known, zones and providers determine the stack's region.
func TestRegionOfAStack(t *testing.T) {
	subnet := func(name, zone string) Res { return R(aws.Subnet, name, Props{"arn": "", "availabilityZone": zone}) }
	another := R(aws.Topic, "topic", Props{"arn": "", "region": "us-east-1"})
	require.True(t, Finds(t, providerOfStack, []Res{subnet("a", "eu-west-1a"), subnet("b", "eu-west-1b"), another}))
	require.False(t, Finds(t, providerOfStack, []Res{subnet("a", "us-east-1a"), subnet("b", "us-east-1b"), another}))
	require.False(t, Finds(t, providerOfStack, []Res{another}), "the region is not known")
	arns := func(arns ...string) rule.Stack {
		example := []Res{subnet("a", "us-west-2a"), subnet("b", "us-west-2b")}
		for _, arn := range arns {
			example = append(example, R(aws.Topic, arn, Props{}))
		}
		s := Build(t, example, rule.Settings{})
		for i, arn := range arns {
			s.Resources[2+i].Outputs = s.Resources[2+i].Outputs.Set("arn", property.New(arn))
		}
		return s
	}
	const topic = "arn:aws:sns:eu-west-1:123456789012:t"
	require.Equal(t, "us-west-2", regionOf(arns()))
	require.Equal(t, "eu-west-1", regionOf(arns(topic)), "an ARN takes precedence over zones")
	require.Equal(t, "eu-west-1", regionOf(arns(topic, "arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b")), "roles are in every region")
	require.Equal(t, "eu-west-1", regionOf(arns(topic, "a:b:c:us-east-1:d", "a:b:c:us-east-1:e")), "not ARNs")
}

func TestTags(t *testing.T) {
	tagged := func(kind string, keys ...string) []Res {
		tags := Props{}
		for _, key := range keys {
			tags[key] = "x"
		}
		return []Res{R(kind, "x", Props{"tagsAll": Props{}, "tags": tags})}
	}
	all := strings.Fields("Project Environment Owner CostCenter ManagedBy")
	for _, kind := range []string{aws.Bucket, aws.DBInstance, aws.Secret, aws.CatalogDatabase} {
		require.True(t, Finds(t, tagsRequired, tagged(kind, all...)), "data also has its own tags: %s", kind)
	}
	require.False(t, Finds(t, tagsRequired, tagged(aws.Role, all...)))
	require.False(t, Finds(t, tagsRequired, tagged("gcp:x/y:Z")))
	findings := tagsRequired.CheckStack(Build(t, tagged(aws.Role, all[1:]...), rule.DefaultSettings(rule.Prod)))
	require.Len(t, findings, 1)
	require.Equal(t, "tags", findings[0].Property)
	require.Equal(t, "missing tags: Project", findings[0].Message)
	nested := tagged(aws.Role, all[1:]...)
	nested[0].Provider = Props{"defaultTags": Props{"tags": Props{"Project": "store"}}}
	require.False(t, Finds(t, tagsRequired, nested))
	r := Build(t, tagged(aws.Role, "Owner"), rule.Settings{}).Resources[0]
	r.Settings = rule.Settings{Tags: all, Project: "store", Environment: rule.Dev, TagValues: map[string]string{"CostCenter": "7"}}
	added := addTags(r)["tags"]
	require.Equal(t, map[string]property.Value{
		"Owner": property.New("x"), "Project": property.New("store"), "Environment": property.New("dev"), "ManagedBy": property.New("pulumi"), "CostCenter": property.New("7"),
	}, added.AsMap().AsMap())
	for _, text := range []string{"", "Managed by Pulumi", "Managed by Terraform"} {
		require.True(t, Finds(t, descriptionsPresent, []Res{R(aws.Key, "key", Props{"description": text})}), text)
	}
}

func TestSubscribersOfABudget(t *testing.T) {
	budget := func(notification Props) []Res {
		return []Res{R(aws.Budget, "budget", Props{"limitAmount": "50", "timeUnit": "MONTHLY", "notifications": List{notification}})}
	}
	require.False(t, Finds(t, budgetPresent, budget(Props{"threshold": 0, "subscriberSnsTopicArns": List{"arn"}})))
	require.True(t, Finds(t, budgetPresent, budget(Props{"subscriberSnsTopicArns": List{"arn"}})), "without a threshold")
}

// A resource of a second provider may be in another account without naming one.
func TestResourceInAnotherAccount(t *testing.T) {
	example := []Res{R(aws.Topic, "a", Props{}), R(aws.Topic, "b", Props{}), R(aws.Topic, "c", Props{})}
	require.False(t, Finds(t, ownAccountOnly, example))
	s := Build(t, example, rule.DefaultSettings(rule.Prod))
	s.Resources[1].Outputs = s.Resources[1].Outputs.Set("arn", property.New("arn:aws:sns:eu-west-1:999999999999:b"))
	findings := ownAccountOnly.CheckStack(s)
	require.Len(t, findings, 1)
	require.Equal(t, s.Resources[1].URN, findings[0].URN)
	require.Equal(t, "the resource is not in the stack's account", findings[0].Message)
}
