package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

const (
	issuer   = "token.actions.githubusercontent.com"
	audience = "sts.amazonaws.com"
)

func deploy(ctx *pulumi.Context) error {
	s, err := load(ctx)
	if err != nil {
		return fmt.Errorf("configuration:\n%w", err)
	}
	caller, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return fmt.Errorf("look up account: %w", err)
	}
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return fmt.Errorf("look up region: %w", err)
	}
	partition, err := aws.GetPartition(ctx, nil)
	if err != nil {
		return fmt.Errorf("look up partition: %w", err)
	}
	provider, err := identityProvider(ctx, s)
	if err != nil {
		return err
	}
	for _, env := range s.environments {
		c, err := config.Load(env, config.Map{})
		if err != nil {
			return err
		}
		t := target{
			partition: partition.Partition, region: region.Name, account: caller.AccountId, env: env,
			database: c.Catalog.Database, crawler: c.Catalog.CrawlerName, job: c.Etl.JobName, stateBucket: s.stateBucket,
			catalogKeyArn: s.catalogKeyArn, encryptsCatalog: env == s.catalogEnvironment,
		}
		if err := environment(ctx, s, t, provider); err != nil {
			return err
		}
	}
	return nil
}

// identityProvider returns the ARN of the provider that makes AWS trust GitHub's tokens.
// AWS knows GitHub's certificates, and needs no thumbprint:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func identityProvider(ctx *pulumi.Context, s settings) (pulumi.StringInput, error) {
	if s.providerArn != "" {
		return pulumi.String(s.providerArn), nil
	}
	p, err := iam.NewOpenIdConnectProvider(ctx, "github", &iam.OpenIdConnectProviderArgs{
		Url:           pulumi.String("https://" + issuer),
		ClientIdLists: pulumi.ToStringArray([]string{audience}),
	})
	if err != nil {
		return nil, fmt.Errorf("identity provider: %w", err)
	}
	return p.Arn, nil
}

// environment creates the boundary and the roles of one stack, and exports their ARNs.
func environment(ctx *pulumi.Context, s settings, t target, provider pulumi.StringInput) error {
	policies := map[string]pulumi.StringOutput{}
	// IAM cannot change a policy's description: another one replaces the policy.
	for _, p := range []struct {
		name, about string
		statements  []statement
	}{
		{"boundary", "Permissions boundary of the stack's roles", t.boundary()},
		{"read", "Read the stack's resources", t.reads()},
		{"read-queues", "Read the triggers, queues and alarms of the stack's pipeline", t.queueReads()},
		{"network", "Change the stack's network", t.network()},
		{"data", "Change the stack's data stores", t.data()},
		{"services", "Change the stack's pipeline and roles", t.services()},
		{"watch", "Change the stack's alarms and dashboard", t.watch()},
		{"ask", "Query the stack's database through the consumer", t.ask()},
	} {
		arn, err := managedPolicy(ctx, t, p.name, p.about, p.statements)
		if err != nil {
			return err
		}
		policies[p.name] = arn
	}
	for _, r := range []struct {
		suffix, about string
		hours         int
		policies      []string
	}{
		// Deployments may wait for RDS.
		{"", "Deploys the stack from GitHub Actions", 2, []string{"read", "read-queues", "network", "data", "services", "watch", "ask"}},
		{"-drift", "Checks the stack for drift from GitHub Actions", 1, []string{"read", "read-queues"}},
	} {
		made, err := role(ctx, t.roleName(r.suffix), r.about, s.trust(provider, t.env+r.suffix), r.hours)
		if err != nil {
			return err
		}
		for _, name := range r.policies {
			label := t.roleName(r.suffix + "-may-" + name)
			if _, err := iam.NewRolePolicyAttachment(ctx, label, &iam.RolePolicyAttachmentArgs{Role: made.Name, PolicyArn: policies[name]}); err != nil {
				return fmt.Errorf("attach policy %s: %w", label, err)
			}
		}
		ctx.Export(t.env+r.suffix+"Role", made.Arn)
	}
	ctx.Export(t.env+"Boundary", policies["boundary"])
	return nil
}

func managedPolicy(ctx *pulumi.Context, t target, suffix, about string, statements []statement) (pulumi.StringOutput, error) {
	name := t.roleName("-" + suffix)
	text, err := document(name, statements...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	p, err := iam.NewPolicy(ctx, name, &iam.PolicyArgs{
		Name: pulumi.String(name), Description: pulumi.String(about), Policy: pulumi.String(text),
	})
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("policy %s: %w", name, err)
	}
	return p.Arn, nil
}

func role(ctx *pulumi.Context, name, about string, trust pulumi.StringInput, hours int) (*iam.Role, error) {
	r, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Name: pulumi.String(name), Description: pulumi.String(about), AssumeRolePolicy: trust, MaxSessionDuration: pulumi.Int(hours * 3600),
	})
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", name, err)
	}
	return r, nil
}

// trust returns a trust policy for jobs of a GitHub environment of the repository, in
// runs for the branch. Runs of forks have other subjects.
// https://docs.github.com/en/actions/reference/security/oidc
func (s settings) trust(provider pulumi.StringInput, environment string) pulumi.StringOutput {
	return provider.ToStringOutput().ApplyT(func(arn string) (string, error) {
		t := statement{Sid: "GitHub", Effect: "Allow", Principal: map[string]string{"Federated": arn}, Action: of("sts", "AssumeRoleWithWebIdentity")}
		return document("trust",
			t.when("StringEquals", issuer+":aud", audience).
				when("StringEquals", issuer+":sub", s.subjectPrefix+":environment:"+environment).
				when("StringEquals", issuer+":ref", "refs/heads/"+s.branch))
	}).(pulumi.StringOutput)
}
