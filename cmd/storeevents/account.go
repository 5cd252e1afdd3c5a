package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"localaws/awsclient"
	"store-events/deploy"
)

// accountConfig is for clients of the account that the stack is deployed to, with
// the credentials that the provider uses: those of the caller, or of the profile and
// the role that the stack's settings name. A stack at an endpoint uses those of the
// local AWS.
func (a *app) accountConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	caller := *a
	caller.as = ""
	return caller.deployerConfig(ctx, endpoint)
}

// deployerConfig is accountConfig with the role of --as, if given, instead of the
// settings' role.
func (a *app) deployerConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return aws.Config{}, err
	}
	if endpoint != "" {
		session, err := a.deployer(ctx, endpoint)
		return awsclient.Signed(settings.Region(), endpoint, session), err
	}
	login := settings.Login()
	if a.as != "" {
		login.RoleARN, login.ExternalID = a.as, ""
	}
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(settings.Region())}
	if login.Profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(login.Profile))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if login.RoleARN != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), login.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = deploy.RoleSession
			if login.ExternalID != "" {
				o.ExternalID = &login.ExternalID
			}
		})
		cfg.Credentials = aws.NewCredentialsCache(role)
	}
	return cfg, nil
}
