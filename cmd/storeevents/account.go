package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"localaws/awsclient"
	"localaws/credentials"
	"store-events/deploy"
	"store-events/internal/localendpoint"
)

// accountConfig returns the configuration of clients for the stack's account, with the
// provider's credentials: the caller's, or those of the profile and the role in the
// stack's settings. For a stack at an endpoint, it uses the credentials of the local AWS.
func (a *app) accountConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	caller := *a
	caller.as = ""
	return caller.deployerConfig(ctx, endpoint)
}

// deployerConfig is like accountConfig, but with the role of --as, if given, instead of
// the settings' role.
func (a *app) deployerConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return aws.Config{}, err
	}
	if err := a.reachesAWS(endpoint); err != nil {
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

// reachesAWS refuses to operate a stack on AWS if environment variables send its requests to
// a local AWS, as after `storeevents local env`. The engine would otherwise read and change
// resources there, and record that in the stack's state.
func (a *app) reachesAWS(endpoint string) error {
	found := localendpoint.Variables(os.Environ())
	if cmp.Or(endpoint, a.emulated) != "" || len(found) == 0 {
		return nil
	}
	var unset []string
	for _, kv := range found {
		name, _, _ := strings.Cut(kv, "=")
		unset = append(unset, name)
		if name == localendpoint.Variable { // The key and the region are of the same shell.
			unset = append(unset, slices.Collect(maps.Keys(credentials.Environment("", "", aws.Credentials{})))...)
		}
	}
	slices.Sort(unset)
	unset = slices.Compact(unset)
	return fmt.Errorf("%s sends requests to this machine, and stack %s is on AWS: use another shell, or run\n  unset %s", strings.Join(found, " and "), a.stack, strings.Join(unset, " "))
}
