package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/daemon"
	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/deploy/rolepolicy"
)

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)

const providersRole = "ARN of a role that the provider assumes"

func (a *app) asFlag(cmd *cobra.Command, meaning string) {
	cmd.Flags().StringVar(&a.as, "as", "", meaning)
}

func (a *app) checkRole() error {
	if a.as != "" && !roleARN.MatchString(a.as) {
		return fmt.Errorf("--as %q: must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/deploy", a.as)
	}
	return nil
}

// deployer returns the credentials for a local deployment: the owner's, or a session's
// of the role of --as.
func (a *app) deployer(ctx context.Context, endpoint string) (aws.Credentials, error) {
	owner, err := credentials.Read(a.state)
	if err != nil || a.as == "" {
		return owner, err
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return aws.Credentials{}, err
	}
	client := sts.NewFromConfig(awsclient.Signed(settings.Region(), endpoint, owner))
	out, err := client.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &a.as, RoleSessionName: aws.String(deploy.RoleSession)})
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("--as: %w", err)
	}
	return aws.Credentials{
		AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken,
	}, nil
}

// rolePolicies are the policies that the role of --as needs, each within IAM's size
// limit of a managed policy.
type rolePolicies []rolepolicy.Document

func (p rolePolicies) write(w *page.Page) {
	for i, document := range p {
		text, err := json.MarshalIndent(document, "", "  ")
		if err != nil {
			return // Strings can always be encoded.
		}
		w.Printf("policy %d of %d that the role needs:\n%s\n", i+1, len(p), text)
	}
}

// reportPartial writes the permissions that the role needed before the work failed.
func (a *app) reportPartial(p rolePolicies) {
	if len(p) == 0 {
		return
	}
	var w page.Page
	w.Println("The list of permissions is incomplete, because the work failed.")
	p.write(&w)
	a.progress("%s", w.String())
}

// watchRole runs work and returns the permissions that the role of --as needed, even if
// work fails. It returns none on AWS or without a role.
func (a *app) watchRole(ctx context.Context, work func() error) ([]rolepolicy.Statement, error) {
	if err := a.checkRole(); err != nil {
		return nil, err
	}
	if a.as == "" {
		return nil, work()
	}
	endpoint, err := a.started(ctx)
	if err != nil {
		return nil, err
	}
	if endpoint == "" {
		return nil, work()
	}
	if err := daemon.WatchRole(ctx, a.state, endpoint, a.as, deploy.RoleSession); err != nil {
		return nil, err
	}
	failed := work()
	needed, err := daemon.NeededPolicy(context.WithoutCancel(ctx), a.state, endpoint, a.as, deploy.RoleSession)
	if err != nil && failed == nil {
		return nil, err
	}
	var statements []rolepolicy.Statement
	for _, s := range needed.Statement {
		statements = append(statements, rolepolicy.Statement(s))
	}
	return statements, failed
}
