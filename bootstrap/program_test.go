package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARoleTrustsOneEnvironmentOfOneBranch(t *testing.T) {
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	provider := got["github"]
	require.Equal(t, "https://token.actions.githubusercontent.com", provider.text("url"))
	require.Equal(t, "sts.amazonaws.com", provider.Inputs["clientIdLists"].([]any)[0])
	for name, environment := range map[string]string{
		"github-store-events-dev": "dev", "github-store-events-dev-drift": "dev-drift",
		"github-store-events-prod": "prod", "github-store-events-prod-drift": "prod-drift",
	} {
		require.Equal(t, []statement{{
			Sid: "GitHub", Effect: "Allow", Action: []string{"sts:AssumeRoleWithWebIdentity"},
			Principal: map[string]string{"Federated": "arn:aws:iam::" + account + ":oidc-provider/" + issuer},
			Condition: condition{"StringEquals": {
				issuer + ":aud": {"sts.amazonaws.com"},
				issuer + ":sub": {"repo:octo/shop:environment:" + environment},
				issuer + ":ref": {"refs/heads/main"},
			}},
		}}, got[name].statements(t, "assumeRolePolicy"), name)
	}
}

func TestSessionsOfARole(t *testing.T) {
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	require.InDelta(t, 7200, got["github-store-events-dev"].Inputs["maxSessionDuration"], 0, "as .github/workflows/deploy.yaml asks for")
	require.InDelta(t, 3600, got["github-store-events-dev-drift"].Inputs["maxSessionDuration"], 0)
}

func TestTheDriftRoleOnlyReads(t *testing.T) {
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	var attached []string
	for name, r := range got {
		if r.Type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment" && strings.Contains(name, "-prod-drift-") {
			attached = append(attached, r.text("policyArn"))
		}
	}
	const read, queues = "github-store-events-prod-read", "github-store-events-prod-read-queues"
	policies := "arn:aws:iam::" + account + ":policy/"
	require.ElementsMatch(t, []string{policies + read, policies + queues}, attached)
	for _, s := range append(got[read].statements(t, "policy"), got[queues].statements(t, "policy")...) {
		for _, action := range s.Action {
			_, operation, _ := strings.Cut(action, ":")
			require.Regexp(t, `^(Get|List|Describe|View|Decrypt$)`, operation, action)
		}
	}
}

func TestSettings(t *testing.T) {
	got, err := bootstrapped(map[string]string{
		"environments": `["test"]`, "branch": "release", "subjectPrefix": "repo:octo@12/shop@34", "stateBucket": "states",
		"providerArn": "arn:aws:iam::" + account + ":oidc-provider/token.actions.githubusercontent.com",
	})
	require.NoError(t, err)
	require.NotContains(t, got, "github", "the account has the provider")
	trust := got["github-store-events-test"].statements(t, "assumeRolePolicy")[0]
	require.Equal(t, []string{"repo:octo@12/shop@34:environment:test"}, trust.Condition["StringEquals"][issuer+":sub"])
	require.Equal(t, []string{"refs/heads/release"}, trust.Condition["StringEquals"][issuer+":ref"])
	require.Contains(t, got["github-store-events-test-data"].text("policy"), "arn:aws:s3:::states/test/*")

	_, err = bootstrapped(map[string]string{
		"repository": "shop", "branch": "a b", "subjectPrefix": "repo:*", "providerArn": "arn", "stateBucket": "S", "environments": `["dev","dev","Prod"]`,
		"catalogKeyArn": "alias/catalog", "catalogEnvironment": "test",
	})
	for _, key := range []string{`repository "shop"`, `branch "a b"`, `subjectPrefix "repo:*"`, `providerArn "arn"`, `stateBucket "S"`, `catalogKeyArn "alias/catalog"`, `catalogEnvironment "test": must be one of environments`, `"dev" is a duplicate`, `environments "Prod"`} {
		require.ErrorContains(t, err, key)
	}
	for _, environments := range []string{`["prod","prod-eu"]`, `["prod-eu","prod"]`} {
		got, err = bootstrapped(map[string]string{"environments": environments})
		require.ErrorContains(t, err, `the roles of "prod" could change resources of "prod-eu"`)
		require.Empty(t, got, "nothing is created")
	}
	_, err = bootstrapped(map[string]string{"environments": `["dev","dev-drift"]`})
	require.ErrorContains(t, err, `the roles of "dev" could change resources of "dev-drift"`)
	_, err = bootstrapped(map[string]string{"environments": `["prod","production","eu-prod"]`})
	require.NoError(t, err)
	_, err = bootstrapped(map[string]string{"environments": `[]`})
	require.ErrorContains(t, err, "must have at least one name")
}

// After the stack's name a pattern continues with a hyphen, a slash or a colon, so that it does not match longer names.
func TestPatternsDoNotReachLongerNames(t *testing.T) {
	to := target{partition: "aws", region: region, account: account, env: "prod", database: "d", crawler: "c", job: "j"}
	for _, s := range slices.Concat(to.boundary(), to.reads(), to.queueReads(), to.network(), to.data(), to.services(), to.watch(), to.ask()) {
		for _, pattern := range s.Resource {
			require.NotContains(t, pattern, to.prefix()+"*", s.Sid)
		}
	}
}

// Policies fit even with the longest names; a document that is too long is an error.
func TestPoliciesFit(t *testing.T) {
	long := target{
		partition: "aws-us-gov", region: "ap-southeast-2", account: account, env: strings.Repeat("e", 16),
		database: strings.Repeat("d", 45), crawler: strings.Repeat("c", 45), job: strings.Repeat("j", 45), stateBucket: strings.Repeat("b", 63),
		catalogKeyArn: "arn:aws-us-gov:kms:ap-southeast-2:" + account + ":key/mrk-" + strings.Repeat("0", 32), encryptsCatalog: true,
	}
	for name, statements := range map[string][]statement{
		"boundary": long.boundary(), "read": long.reads(), "read-queues": long.queueReads(), "network": long.network(), "data": long.data(), "services": long.services(), "watch": long.watch(), "ask": long.ask(),
	} {
		text, err := document(name, statements...)
		require.NoError(t, err)
		t.Logf("%s: %d characters", name, len(text))
	}
	_, err := document("large", allow("A", []string{strings.Repeat("a", maxPolicy)}, anything))
	require.ErrorContains(t, err, "policy large has")
}
