package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/config"
	"store-events/deploy"
	"store-events/policy/pack"
	"store-events/policy/rule"
)

// initOptions are the flags of `init`.
type initOptions struct {
	region, owner, vpc string
	set                []string
	yes, force         bool
}

// initResult is what `init` prints.
type initResult struct {
	Stack string `json:"stack"`
	// File is the path of the settings, in the project.
	File     string         `json:"file"`
	Settings map[string]any `json:"settings"`
	// Next are the commands to run next.
	Next []string `json:"next"`
}

func newInit(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init STACK",
		Short: "Write and check the settings of a new stack",
		Long: `Write Pulumi.STACK.yaml with the settings of a new stack on AWS. On a terminal it
prompts for the region, the owner in the tags, whether to protect the data, an existing
VPC, the route to the AWS APIs and an address for alerts, unless a flag sets them.
--set accepts every setting of Pulumi.yaml. The schedule is off unless --set
scheduleEnabled=true.

The policies treat a stack that protects its data as production. Required settings that
you do not set are copied from Pulumi.prod.yaml: log retention, encryption of the catalog,
budget, and standby, backups and monitoring of the database. A stack whose name contains
the word prod, production, prd or live always protects its data. A stack without protectData
gets a NAT instance, unless you choose another route to the AWS APIs.

Only one stack of an account and region encrypts the data catalog. If another stack's file
sets catalogEncryption, a stack that protects its data needs --set catalogKeyArn with that
stack's key, or, in another account, --set catalogEncryption=true. The file then gets a
180-day exception where the policies would refuse the stack: from glue-catalog-encrypted
with catalogKeyArn, from budget-present with monthlyBudgetUsd=0.

Nothing is written unless all values are allowed, and an existing file is not replaced
without --force.`,
		Example: `  storeevents init staging
  storeevents init staging --yes --region eu-west-1 --set protectData=true
  storeevents init staging --yes --region eu-west-1 --vpc-id vpc-0123456789abcdef0 --set 'appSubnetIds=["subnet-0aaaaaaaaaaaaaaa1","subnet-0aaaaaaaaaaaaaaa2"]'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.stack = args[0]
			r, err := a.initStack(cmd, o)
			if err != nil {
				return err
			}
			return a.print(r, func(w *page.Page) {
				w.Printf("wrote %s\n", r.File)
				exceptions, _ := r.Settings[exceptionsKey].([]policyException)
				for _, e := range exceptions {
					w.Printf("with an exception from the policy %s until %s: %s\n", e.Rule, e.Expires, e.Reason)
				}
				w.Printf("\nnext:\n")
				for _, command := range r.Next {
					w.Println("  " + command)
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.region, "region", "", "AWS region (default: AWS_REGION, else us-east-1)")
	f.StringVar(&o.owner, "owner", "", "value of the tags Owner and CostCenter (default: store-events)")
	f.StringVar(&o.vpc, "vpc-id", "", "existing VPC to deploy into, like --set vpcId=")
	f.StringArrayVar(&o.set, "set", nil, "a setting of Pulumi.yaml, such as jobWorkers=3; repeatable, lists in JSON")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not prompt: use the flags and the defaults")
	f.BoolVar(&o.force, "force", false, "replace an existing file")
	return cmd
}

func (a *app) initStack(cmd *cobra.Command, o initOptions) (initResult, error) {
	if err := config.CheckStack(a.stack); err != nil {
		return initResult{}, err
	}
	file := deploy.SettingsFile(a.project, a.stack)
	if _, err := os.Stat(file); err == nil && !o.force {
		return initResult{}, fmt.Errorf("%s exists: choose another name, or replace it with --force", filepath.Base(file))
	}
	settings, err := o.settings()
	if err != nil {
		return initResult{}, err
	}
	if pack.NamesProduction(a.stack) { // The pack accepts no other environment for it.
		if given(settings)("protectData") && settings["protectData"] != "true" {
			return initResult{}, fmt.Errorf("the name of stack %s makes it a production stack, which requires protectData: remove protectData=%s, or choose another name", a.stack, settings["protectData"])
		}
		settings["protectData"] = "true"
	}
	if !o.yes && page.IsTerminal(cmd.InOrStdin()) {
		if err := (interview{cmd.InOrStdin(), a.err}).ask(cmd.Context(), &o, settings); err != nil {
			return initResult{}, err
		}
	}
	o.region, o.owner = cmp.Or(o.region, defaultRegion()), cmp.Or(o.owner, defaultOwner)
	if !tagValue.MatchString(o.owner) {
		return initResult{}, fmt.Errorf("--owner %q: nothing is written: it is the value of tags, so use letters, digits, spaces and _.:/=+-@, at most 255", o.owner)
	}
	if !regionName.MatchString(o.region) {
		return initResult{}, fmt.Errorf("nothing is written: region %q: must be an AWS region, such as eu-west-1", o.region)
	}
	chooseEgress(settings)
	if err := a.chooseProtection(settings, o.region); err != nil {
		return initResult{}, err
	}
	if err := checkSettings(a.stack, settings); err != nil {
		return initResult{}, err
	}
	written := o.file(a.stack, settings)
	if exceptions := o.exceptions(a.stack, settings, a.now()); len(exceptions) > 0 {
		written.Config[exceptionsKey] = exceptions
	}
	if err := written.Write(file); err != nil {
		return initResult{}, err
	}
	return initResult{
		Stack: a.stack, File: file, Settings: written.Config,
		Next: []string{
			"storeevents preview --stack " + a.stack + " --offline",
			"storeevents preflight --stack " + a.stack,
			"storeevents up --stack " + a.stack,
		},
	}, nil
}

// settings returns the settings from the flags, by key without namespace.
func (o *initOptions) settings() (config.Map, error) {
	settings := config.Map{}
	var problems []error
	for _, item := range o.set {
		key, value, ok := strings.Cut(item, "=")
		key = strings.TrimPrefix(key, config.Namespace+":")
		if !ok || key == "" {
			problems = append(problems, fmt.Errorf("--set %q: must be a key and a value, such as jobWorkers=3", item))
			continue
		}
		settings[key] = value
	}
	if o.vpc != "" {
		settings["vpcId"] = o.vpc
	}
	// Hourly runs would exceed the default budget.
	if !given(settings)("scheduleEnabled") {
		settings["scheduleEnabled"] = "false"
	}
	return settings, errors.Join(problems...)
}

// regionName matches the names of all regions, including those that open later.
var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

const defaultOwner = config.Namespace

// tagValue matches the values of tags that all services accept.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html
var tagValue = regexp.MustCompile(`^[\p{L}\p{Zs}\p{N}_.:/=+\-@]{1,255}$`)

func defaultRegion() string { return env("AWS_REGION", "us-east-1") }

// chooseEgress selects a NAT instance unless something else is set: eight endpoints alone
// exceed the default budget. Stacks that protect their data are excluded, because the
// policies forbid such an instance in production.
func chooseEgress(settings config.Map) {
	if settings["protectData"] != "true" && egressUndecided(settings) {
		setEgress(settings)(byInstance)
	}
}

// egressUndecided reports whether neither a flag nor an answer sets the route to the AWS APIs.
func egressUndecided(settings config.Map) bool {
	keys := []string{"natGateways", "natInstance", "interfaceEndpoints"}
	return settings["vpcId"] == "" && !slices.ContainsFunc(keys, given(settings))
}

// given returns a function that reports whether a setting has a value.
func given(settings config.Map) func(key string) bool {
	return func(key string) bool {
		_, there := settings[key]
		return there
	}
}

// checkSettings validates the settings, before anything is written.
func checkSettings(stack string, settings config.Map) error {
	var keys []string
	for key := range settings {
		keys = append(keys, config.Namespace+":"+key)
	}
	_, err := config.Load(stack, settings)
	if err := errors.Join(config.CheckKeys(keys), err); err != nil {
		return fmt.Errorf("nothing is written:\n%w", err)
	}
	return nil
}

// file returns the contents of the stack's file: region, tags and settings.
func (o *initOptions) file(stack string, settings config.Map) deploy.Settings {
	s := deploy.Settings{Config: map[string]any{
		"aws:region": o.region,
		"aws:defaultTags": map[string]any{"tags": map[string]any{
			"Project": config.Namespace, "Environment": stack, "Owner": o.owner, "CostCenter": o.owner, "ManagedBy": "pulumi",
		}},
	}}
	switch { // Otherwise the pack derives the environment from the stack's name.
	case settings["protectData"] != "true":
		s.Config["policy:environment"] = string(rule.Dev)
	case !pack.NamesProduction(stack):
		s.Config["policy:environment"] = string(rule.Prod)
	}
	for key, value := range settings {
		s.Override(config.Namespace+":"+key, value)
	}
	return s
}
