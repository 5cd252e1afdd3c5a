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
	"localaws/iam/audit"
	"store-events/deploy"
)

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)

func (a *app) asFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.as, "as", "", "ARN of a role that the provider assumes")
}

func (a *app) checkRole() error {
	if a.as != "" && !roleARN.MatchString(a.as) {
		return fmt.Errorf("--as %q: must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/deploy", a.as)
	}
	return nil
}

// deployer are the credentials of a deployment on this machine: the owner's, or
// a session of the role of --as.
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

// upResult is what `up` prints.
type upResult struct {
	deploy.Result
	// Policy is what the role of --as needed on the AWS on this machine.
	Policy *audit.Document `json:"policy,omitempty"`
}

func (r upResult) write(w *page) {
	writeResult(w, r.Result)
	writeNeeded(w, r.Policy)
}

func writeNeeded(w *page, needed *audit.Document) {
	if needed == nil {
		return
	}
	text, err := json.MarshalIndent(needed, "", "  ")
	if err != nil {
		return // strings always marshal
	}
	w.println("policy that the role needs:")
	w.println(string(text))
}

// needed is what the role of --as needs on this machine for what deploy does; nil
// on AWS and without a role.
func (a *app) needed(ctx context.Context, work func() error) (*audit.Document, error) {
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
	if err := work(); err != nil {
		return nil, err
	}
	d, err := daemon.NeededPolicy(ctx, a.state, endpoint, a.as, deploy.RoleSession)
	return &d, err
}
