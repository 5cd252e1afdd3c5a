package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
	"store-events/config"
	"store-events/deploy/rolepolicy"
	"store-events/preflight"
	"store-events/schema"
)

// caller is a session of a role, with the policies that are attached to it.
type caller struct {
	role     string
	policies []policy.Named
}

// callerOf returns a session of a role that the program creates.
func callerOf(t *testing.T, role string) caller {
	t.Helper()
	return callerWith(t, role, nil)
}

// callerWith returns a session of a role that the program creates with the settings.
func callerWith(t *testing.T, role string, settings map[string]string) caller {
	t.Helper()
	got, err := bootstrapped(settings)
	require.NoError(t, err)
	c := caller{role: role}
	for name, r := range got {
		of, suffix, _ := strings.Cut(name, "-may-")
		if r.Type != "aws:iam/rolePolicyAttachment:RolePolicyAttachment" || of != role {
			continue
		}
		policyName := strings.TrimSuffix(role, "-drift") + "-" + suffix
		c.policies = append(c.policies, parse(t, policyName, got[policyName].text("policy")))
	}
	return c
}

func parse(t *testing.T, name, text string) policy.Named {
	t.Helper()
	d, err := policy.Parse(policy.Identity, []byte(text))
	require.NoError(t, err, name)
	return policy.Named{Name: name, Document: d}
}

// may reports whether IAM allows the caller a request. The policies of keys leave it to IAM.
func (c caller) may(t *testing.T, action, resource string, context policy.Context) bool {
	t.Helper()
	r := policy.Request{
		Principal: policy.Principal{
			ARN: "arn:aws:sts::" + account + ":assumed-role/" + c.role + "/github", Role: "arn:aws:iam::" + account + ":role/" + c.role,
		},
		Action: action, Resource: resource, ResourceAccount: account, Context: context,
	}
	p := policy.Policies{Identity: c.policies}
	if strings.HasPrefix(action, "kms:") {
		d, err := policy.Parse(policy.Resource, []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+account+`:root"},"Action":"kms:*","Resource":"*"}]}`))
		require.NoError(t, err)
		p.Resource = &policy.Named{Name: "key policy", Document: d}
	}
	return policy.Evaluate(r, p).Allowed
}

// covers reports whether a policy of the caller contains the action.
func (c caller) covers(action string) bool {
	for _, p := range c.policies {
		for i := range p.Statements {
			if p.Statements[i].Covers(action) {
				return true
			}
		}
	}
	return false
}

// ofStack returns the context of a request for a resource with the tags of a stack.
func ofStack(env string) policy.Context { return retagged(env, env) }

// retagged returns the context of a request that replaces the tags of one stack by those of another.
func retagged(env, has string) policy.Context {
	c := policy.Context{}
	for where, value := range map[string]string{byRequest: env, byResource: has} {
		c.Set(where+"/Project", "store-events")
		c.Set(where+"/Environment", value)
	}
	c.Set("iam:PermissionsBoundary", "arn:aws:iam::"+account+":policy/github-store-events-"+env+"-boundary")
	c.Set("iam:PassedToService", "glue.amazonaws.com")
	c.Set("iam:AWSServiceName", "rds.amazonaws.com")
	c.Set("lambda:FunctionArn", "arn:aws:lambda:"+region+":"+account+":function:store-events-"+has+"-starter")
	c.Set("kms:GrantIsForAWSResource", "true")
	c.Set("ec2:Owner", "amazon")
	return c
}

// needed returns the requests of an update that creates everything, as the local AWS
// recorded them with `storeevents up --as`, for the stack of an environment.
func needed(t *testing.T, env string) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/needed.json")
	require.NoError(t, err)
	var all map[string][]string
	require.NoError(t, json.Unmarshal(raw, &all))
	c, err := config.Load(env, config.Map{})
	require.NoError(t, err)
	names := strings.NewReplacer("{prefix}", "store-events-"+env, "{database}", c.Catalog.Database, "{crawler}", c.Catalog.CrawlerName, "{job}", c.Etl.JobName)
	for action, resources := range all {
		for i, resource := range resources {
			all[action][i] = concrete(names.Replace(resource))
		}
	}
	return all
}

// concrete replaces the wildcards of an ARN by a region, an account and a name.
func concrete(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return arn
	}
	if parts[3] == "*" {
		parts[3] = region
	}
	if parts[4] == "*" {
		parts[4] = account
	}
	parts[5] = strings.ReplaceAll(parts[5], "*", "0a1b2c3")
	return strings.Join(parts, ":")
}

func TestTheDeployRoleMayDoWhatAnUpdateNeeds(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	requests := 0
	var refused []string
	for action, resources := range needed(t, "dev") {
		for _, resource := range resources {
			if requests++; !c.may(t, action, resource, ofStack("dev")) {
				refused = append(refused, action+" on "+resource)
			}
		}
	}
	require.Empty(t, refused)
	require.Greater(t, requests, 150)
}

// shared are resources that do not belong to a stack: the account's catalog, AWS's images,
// roles and parameters. "*" stands for actions without a resource.
var shared = []string{"*", ":catalog", ":role/aws-service-role/", "::image/", ":parameter/aws/", ":log-group::", ":network-interface/", ":volume/"}

func TestTheRoleMayNotChangeAnotherStack(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	for action, resources := range needed(t, "prod") {
		for _, resource := range resources {
			_, operation, _ := strings.Cut(action, ":")
			if resource == "*" || anyIn(resource, shared[1:]) || strings.HasPrefix(operation, "Describe") {
				continue
			}
			require.False(t, c.may(t, action, resource, ofStack("prod")), "%s on %s", action, resource)
		}
	}
}

// Permissions by tag apply to every resource with the tags: tagging another stack's resource takes it over.
func TestTheRoleMayNotRetagAnotherStack(t *testing.T) {
	dev, prod := callerOf(t, "github-store-events-dev"), callerOf(t, "github-store-events-prod")
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	tagging := map[string]bool{}
	for name, r := range got {
		if r.Type != "aws:iam/policy:Policy" || !strings.HasPrefix(name, "github-store-events-prod-") {
			continue
		}
		for _, s := range r.statements(t, "policy") {
			for _, action := range s.Action {
				if !changesTags(action) {
					continue
				}
				for _, resource := range s.Resource {
					resource = concrete(resource)
					if resource == "*" || anyIn(resource, []string{":catalog", ":og:default"}) { // belongs to the account
						continue
					}
					service, _, _ := strings.Cut(action, ":")
					tagging[service] = true
					require.True(t, prod.may(t, action, resource, ofStack("prod")), "%s on %s", action, resource)
					require.False(t, dev.may(t, action, resource, retagged("dev", "prod")), "%s on %s", action, resource)
				}
			}
		}
	}
	require.Subset(t, slices.Collect(maps.Keys(tagging)), []string{"ec2", "kms", "lambda", "s3", "rds", "iam"})
}

// changesTags reports whether an action adds or removes tags.
func changesTags(action string) bool {
	_, operation, _ := strings.Cut(action, ":")
	return strings.Contains(operation, "Tag") && !anyIn(operation, []string{"Get", "List", "Describe"})
}

// KMS and Lambda check TagResource also for the tags of a request that creates something.
func TestTheRoleMayTagWhatItCreates(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	creates := policy.Context{}
	creates.Set(byRequest+"/Project", "store-events")
	creates.Set(byRequest+"/Environment", "dev")
	mapping := "arn:aws:lambda:" + region + ":" + account + ":event-source-mapping:0a1b2c3d"
	require.True(t, c.may(t, "kms:CreateKey", "*", creates))
	for action, resources := range map[string][]string{"kms:TagResource": {"*", catalogKey}, "lambda:TagResource": {mapping}} {
		for _, resource := range resources {
			require.True(t, c.may(t, action, resource, creates), "%s on %s", action, resource)
			require.False(t, c.may(t, action, resource, policy.Context{}), "%s on %s without tags", action, resource)
		}
	}
	require.True(t, c.may(t, "kms:TagResource", catalogKey, ofStack("dev")), "it may change the tags of its key")
	require.True(t, c.may(t, "lambda:TagResource", mapping, ofStack("dev")), "it may change the tags of its mapping")
}

// On AWS `up` compares the columns through the consumer. The lists recorded on a local stack lack this: there the
// database is queried directly.
func TestTheRoleMayQueryTheDatabaseThroughTheConsumer(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	of := func(env string) policy.Context {
		k := policy.Context{}
		k.Set("ssm:resourceTag/Project", "store-events")
		k.Set("ssm:resourceTag/Environment", env)
		return k
	}
	const instance = "arn:aws:ec2:" + region + ":" + account + ":instance/i-0a1b2c3"
	require.True(t, c.may(t, "ssm:SendCommand", "arn:aws:ssm:"+region+"::document/AWS-RunShellScript", policy.Context{}))
	require.False(t, c.may(t, "ssm:SendCommand", "arn:aws:ssm:"+region+"::document/AWS-RunRemoteScript", policy.Context{}))
	require.True(t, c.may(t, "ssm:SendCommand", instance, of("dev")))
	require.False(t, c.may(t, "ssm:SendCommand", instance, of("prod")), "the consumer of another stack")
	require.False(t, c.may(t, "ssm:SendCommand", instance, policy.Context{}))
	require.True(t, c.may(t, "ssm:GetCommandInvocation", "*", policy.Context{}))
	require.True(t, c.may(t, "ssm:CancelCommand", "*", policy.Context{}))
	output := "arn:aws:s3:::store-events-dev-events-0a1b2c3/" + schema.Load().Prefixes.CommandOutput + "/rows.tsv.gz"
	require.True(t, c.may(t, "s3:GetObject", output, policy.Context{}))
	require.True(t, c.may(t, "kms:Decrypt", catalogKey, ofStack("dev")), "the stack's key, by its tags")
	require.False(t, callerOf(t, "github-store-events-dev-drift").covers("ssm:SendCommand"), "the drift role only reads")
}

func anyIn(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// preflight also lists the actions of resource types that the local stack lacks.
func TestTheRoleCoversPreflight(t *testing.T) {
	c := callerWith(t, "github-store-events-dev", map[string]string{"catalogEnvironment": "dev"})
	for _, action := range preflight.Actions() {
		require.True(t, c.covers(action), action)
	}
}

// preflight simulates every action that a recorded deployment needed.
func TestPreflightCoversADeployment(t *testing.T) {
	simulated := preflight.Actions()
	for action := range needed(t, "dev") {
		require.Contains(t, simulated, action)
	}
}

// With the right to create a resource comes the right to change and delete it.
func TestTheRoleMayChangeAndDeleteWhatItCreates(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	var statements []rolepolicy.Statement
	for action, resources := range needed(t, "dev") {
		statements = append(statements, rolepolicy.Statement{Effect: "Allow", Action: []string{action}, Resource: resources})
	}
	var refused []string
	for _, s := range rolepolicy.WithTeardown(statements) {
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				// What is created with resource "*" is deleted by its ARN. Images belong to Amazon.
				if resource == "*" || strings.Contains(resource, "::image/") || withheld[action] != "" {
					continue
				}
				// Network interfaces have no tags.
				untagged := strings.Contains(resource, ":network-interface/") && c.may(t, action, concrete(resource), policy.Context{})
				if !untagged && !c.may(t, action, concrete(resource), ofStack("dev")) {
					refused = append(refused, action+" on "+resource)
				}
			}
		}
	}
	require.Empty(t, refused)
}

// withheld are actions that change the stack's resources and that the role does not have, with the reasons.
var withheld = map[string]string{
	"ec2:ModifyNetworkInterfaceAttribute": "an instance's interface has no tags: it would reach those of other stacks",
	"iam:DeleteRolePermissionsBoundary":   "the stack's roles keep the boundary",
}

// The user data of instances and launch templates, and the keys of VPN connections, may be secrets of other teams.
func TestTheRolesMayNotReadSecretsOfEC2(t *testing.T) {
	instance := "arn:aws:ec2:" + region + ":" + account + ":instance/i-0a1b2c3"
	for _, suffix := range []string{"", "-drift"} {
		c := callerOf(t, "github-store-events-dev"+suffix)
		require.True(t, c.may(t, "ec2:DescribeInstanceAttribute", instance, ofStack("dev")))
		require.False(t, c.may(t, "ec2:DescribeInstanceAttribute", instance, ofStack("prod")))
		require.False(t, c.may(t, "ec2:DescribeInstanceAttribute", instance, policy.Context{}))
		for _, action := range []string{"ec2:DescribeLaunchTemplateVersions", "ec2:DescribeVpnConnections", "ec2:DescribeSpotInstanceRequests"} {
			require.False(t, c.covers(action), action)
		}
	}
}

// The provider compares only the job's files, and `up` reads only answers of the consumer.
func TestTheRolesMayNotReadTheEvents(t *testing.T) {
	prefixes := schema.Load().Prefixes
	for suffix, folders := range map[string][]string{"": {prefixes.Scripts, prefixes.CommandOutput}, "-drift": {prefixes.Scripts}} {
		c := callerOf(t, "github-store-events-dev"+suffix)
		for _, folder := range []string{"sale_events", prefixes.Curated, prefixes.Quarantine, prefixes.AthenaResults, prefixes.CommandOutput, prefixes.Scripts} {
			object := "arn:aws:s3:::store-events-dev-events-0a1b2c3/" + folder + "/dt=2026-11-30/a"
			require.Equal(t, slices.Contains(folders, folder), c.may(t, "s3:GetObject", object, policy.Context{}), "%s%s", suffix, object)
			require.Equal(t, suffix == "" && folder == prefixes.Scripts, c.may(t, "s3:PutObject", object, policy.Context{}), "%s%s", suffix, object)
		}
	}
}

func TestWithheldActions(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	for action := range withheld {
		require.False(t, c.covers(action), action)
	}
	unused := "arn:aws:ec2:" + region + ":" + account + ":network-interface/eni-1"
	require.True(t, c.may(t, "ec2:DeleteNetworkInterface", unused, policy.Context{}), "Lambda's")
	require.False(t, c.may(t, "ec2:DeleteNetworkInterface", unused, ofStack("prod")), "of another stack")
}

// A role with an action that creates a resource also has the action that deletes it.
func TestEveryCreateHasItsDelete(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	var actions []string
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	for _, name := range []string{"network", "data", "services"} {
		for _, s := range got["github-store-events-dev-"+name].statements(t, "policy") {
			actions = append(actions, s.Action...)
		}
	}
	other := map[string]string{"kms:CreateKey": "kms:ScheduleKeyDeletion", "ec2:CreateVpcEndpoint": "ec2:DeleteVpcEndpoints"}
	// Grants end with their key, the service-linked role belongs to the account, and snapshots are kept on purpose.
	lasting := []string{"kms:CreateGrant", "iam:CreateServiceLinkedRole", "rds:CreateDBSnapshot"}
	for _, action := range actions {
		service, operation, _ := strings.Cut(action, ":")
		created, creates := strings.CutPrefix(operation, "Create")
		if !creates || slices.Contains(lasting, action) {
			continue
		}
		deletion := other[action]
		if deletion == "" {
			deletion = service + ":Delete" + created
		}
		require.True(t, c.covers(deletion), "%s after %s", deletion, action)
	}
}

func TestTheRoleCannotEscalateItsPermissions(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	boundless := ofStack("dev")
	delete(boundless, "iam:permissionsboundary")
	stackRole := "arn:aws:iam::" + account + ":role/store-events-dev-job-0a1b2c3"
	require.True(t, c.may(t, "iam:CreateRole", stackRole, ofStack("dev")))
	require.False(t, c.may(t, "iam:CreateRole", stackRole, boundless), "a role without the boundary")
	require.False(t, c.may(t, "iam:PutRolePolicy", stackRole, boundless))
	require.False(t, c.may(t, "iam:AttachRolePolicy", stackRole, ofStack("dev")))
	require.False(t, c.may(t, "iam:DeleteRolePermissionsBoundary", stackRole, ofStack("dev")))
	own := "arn:aws:iam::" + account + ":role/github-store-events-dev"
	boundary := "arn:aws:iam::" + account + ":policy/github-store-events-dev-boundary"
	for _, action := range []string{"iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:DeleteRole"} {
		require.False(t, c.may(t, action, own, ofStack("dev")), action)
	}
	for _, action := range []string{"iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion"} {
		require.False(t, c.may(t, action, boundary, ofStack("dev")), action)
	}
	elsewhere := ofStack("dev")
	elsewhere.Set("iam:PassedToService", "ecs-tasks.amazonaws.com")
	require.False(t, c.may(t, "iam:PassRole", stackRole, elsewhere))
}

func TestNetworksOfOthersCannotBeChanged(t *testing.T) {
	c := callerOf(t, "github-store-events-dev")
	group := "arn:aws:ec2:" + region + ":" + account + ":security-group/sg-0a1b2c3"
	untagged := policy.Context{}
	untagged.Set(byRequest+"/Project", "store-events")
	untagged.Set(byRequest+"/Environment", "dev")
	require.True(t, c.may(t, "ec2:CreateTags", group, untagged), "a VPC's default group has no tags")
	others := policy.Context{}
	others.Set(byRequest+"/Project", "store-events")
	others.Set(byRequest+"/Environment", "dev")
	others.Set(byResource+"/Project", "billing")
	require.False(t, c.may(t, "ec2:CreateTags", group, others), "the tags of others are not replaced")
	require.False(t, c.may(t, "ec2:DeleteSecurityGroup", group, policy.Context{}))
	require.False(t, c.may(t, "ec2:CreateVpc", "arn:aws:ec2:"+region+":"+account+":vpc/vpc-1", policy.Context{}), "without tags it could not be deleted")
}

// catalogKey is the key of another stack and has that stack's tags.
const catalogKey = "arn:aws:kms:" + region + ":" + account + ":key/1234abcd-12ab-34cd-56ef-1234567890ab"

// Reading and writing an encrypted catalog uses its key:
// https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html
func TestTheCatalogKeyMayBeUsedNotChanged(t *testing.T) {
	const role = "github-store-events-dev"
	use := []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}
	with := map[string]string{"catalogKeyArn": catalogKey}
	deploys, drift := callerWith(t, role, with), callerWith(t, role+"-drift", with)
	others := retagged("dev", "prod")
	for _, action := range use {
		require.True(t, deploys.may(t, action, catalogKey, others), action)
		require.False(t, deploys.may(t, action, strings.Replace(catalogKey, "1234abcd", "99999999", 1), others), action)
		require.False(t, callerOf(t, role).may(t, action, catalogKey, others), action)
	}
	require.True(t, drift.may(t, "kms:Decrypt", catalogKey, others))
	for _, action := range []string{"kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"} {
		require.False(t, deploys.may(t, action, catalogKey, others), action)
	}
}

// The catalog belongs to the account: a role that may change its encryption could turn it off for another stack.
func TestOnlyOneRoleEncryptsTheCatalog(t *testing.T) {
	const put = "glue:PutDataCatalogEncryptionSettings"
	catalog := "arn:aws:glue:" + region + ":" + account + ":catalog"
	with := map[string]string{"catalogEnvironment": "prod"}
	require.True(t, callerWith(t, "github-store-events-prod", with).may(t, put, catalog, ofStack("prod")))
	require.False(t, callerWith(t, "github-store-events-dev", with).covers(put))
	require.False(t, callerWith(t, "github-store-events-prod-drift", with).covers(put))
	require.False(t, callerOf(t, "github-store-events-prod").covers(put), "no stack encrypts it")
}
