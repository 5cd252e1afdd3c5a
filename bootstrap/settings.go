package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// settings are the settings in Pulumi.yaml.
type settings struct {
	repository, branch         string
	environments               []string
	subjectPrefix, providerArn string
	stateBucket, catalogKeyArn string
	catalogEnvironment         string
}

// allowed are the values of the settings that are strings.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var allowed = map[string]*regexp.Regexp{
	"repository":    regexp.MustCompile(`^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$`),
	"branch":        regexp.MustCompile(`^[A-Za-z0-9._/-]{1,200}$`),
	"environments":  regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`),
	"subjectPrefix": regexp.MustCompile(`^repo:[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$`),
	"providerArn":   regexp.MustCompile(`^(arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com)?$`),
	"catalogKeyArn": regexp.MustCompile(`^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?$`),
	"stateBucket":   regexp.MustCompile(`^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$`),
}

// load reads the settings. The error lists every invalid value.
func load(ctx *pulumi.Context) (settings, error) {
	c := config.New(ctx, "")
	s := settings{
		repository: c.Get("repository"), branch: c.Get("branch"), environments: []string{"dev", "prod"},
		subjectPrefix: c.Get("subjectPrefix"), providerArn: c.Get("providerArn"), stateBucket: c.Get("stateBucket"),
		catalogKeyArn: c.Get("catalogKeyArn"), catalogEnvironment: c.Get("catalogEnvironment"),
	}
	if s.branch == "" {
		s.branch = "main"
	}
	if s.subjectPrefix == "" {
		s.subjectPrefix = "repo:" + s.repository
	}
	if c.Get("environments") != "" {
		s.environments = nil
		if err := c.TryObject("environments", &s.environments); err != nil {
			return s, fmt.Errorf("environments: must be a list of names: %w", err)
		}
	}
	return s, s.check()
}

func (s settings) check() error {
	var problems []error
	values := map[string]string{
		"repository": s.repository, "branch": s.branch, "subjectPrefix": s.subjectPrefix,
		"providerArn": s.providerArn, "stateBucket": s.stateBucket, "catalogKeyArn": s.catalogKeyArn,
	}
	refuse := func(key, value string) {
		problems = append(problems, fmt.Errorf("%s %q: must match %s", key, value, allowed[key]))
	}
	for _, key := range []string{"repository", "branch", "subjectPrefix", "providerArn", "stateBucket", "catalogKeyArn"} {
		if !allowed[key].MatchString(values[key]) {
			refuse(key, values[key])
		}
	}
	for i, env := range s.environments {
		if !allowed["environments"].MatchString(env) {
			refuse("environments", env)
		}
		if slices.Contains(s.environments[:i], env) {
			problems = append(problems, fmt.Errorf("environments: %q is a duplicate", env))
		}
		for _, other := range s.environments {
			if strings.HasPrefix(other, env+"-") {
				problems = append(problems, fmt.Errorf("environments: the roles of %q could change resources of %q, whose name begins with it: rename one of them", env, other))
			}
		}
	}
	if s.catalogEnvironment != "" && !slices.Contains(s.environments, s.catalogEnvironment) {
		problems = append(problems, fmt.Errorf("catalogEnvironment %q: must be one of environments, or empty if no stack sets catalogEncryption", s.catalogEnvironment))
	}
	if len(s.environments) == 0 {
		problems = append(problems, errors.New("environments: must have at least one name"))
	}
	return errors.Join(problems...)
}
