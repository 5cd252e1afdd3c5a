package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"store-events/config"
	"store-events/deploy"
	"store-events/policy/pack"
)

// production are the settings that the policies require in production.
var production = []string{
	"catalogEncryption", "logRetentionDays", "monthlyBudgetUsd", "databaseMultiAz", "databaseBackupDays", "databaseMonitoringSeconds",
}

// chooseProtection adds the settings that the policies require of a stack that protects its
// data, with the values of the project's stack prod. It skips settings of an existing
// database, and of a catalog that another stack encrypts.
func (a *app) chooseProtection(settings config.Map, region string) error {
	given := given(settings)
	wanted := slices.DeleteFunc(slices.Clone(production), func(key string) bool {
		return given(key) || strings.HasPrefix(key, "database") && given("databaseHost") || key == "catalogEncryption" && given("catalogKeyArn")
	})
	if settings["protectData"] != "true" || len(wanted) == 0 {
		return nil
	}
	if slices.Contains(wanted, "catalogEncryption") {
		if err := a.checkCatalogIsFree(region); err != nil {
			return err
		}
	}
	prod, err := deploy.ReadSettings(a.project, "prod")
	if err != nil {
		return fmt.Errorf("copy %s from stack prod, because the stack protects its data (--set overrides them): %w", strings.Join(wanted, ", "), err)
	}
	for _, key := range wanted {
		if value, set := prod.Config[config.Namespace+":"+key]; set {
			if settings[key], err = settingText(value); err != nil {
				return fmt.Errorf("%s of stack prod: %w", key, err)
			}
		}
	}
	return nil
}

// checkCatalogIsFree refuses to encrypt the data catalog if another stack's file does. The
// files do not show whether both stacks are in the same account.
func (a *app) checkCatalogIsFree(region string) error {
	for _, name := range deploy.Stacks(a.project) {
		s, err := deploy.ReadSettings(a.project, name)
		if err != nil {
			return err
		}
		if name == a.stack || s.Endpoint() != "" || s.Region() != region || fmt.Sprint(s.Config[config.Namespace+":catalogEncryption"]) != "true" {
			continue
		}
		return fmt.Errorf("nothing is written: stack %s sets catalogEncryption in %s, and only one stack of an account and region may: "+
			"in the same account, set its key with --set catalogKeyArn=ARN (`storeevents outputs --stack %[1]s`: StoreEventsKeyArn); "+
			"in another account, use --set catalogEncryption=true", name, region)
	}
	return nil
}

// exceptionsKey is the setting of the policies' exceptions.
const exceptionsKey = "policy:exceptions"

// policyException is an exception in the format of the policies.
type policyException struct {
	Rule     string `json:"rule"     yaml:"rule"`
	Resource string `json:"resource" yaml:"resource"`
	Reason   string `json:"reason"   yaml:"reason"`
	Owner    string `json:"owner"    yaml:"owner"`
	Expires  string `json:"expires"  yaml:"expires"`
}

// exceptions returns exceptions from policies that the settings rule out. Rules cannot see
// what another stack encrypts, or what an account may use, so the owner is responsible.
func (o *initOptions) exceptions(stack string, settings config.Map, now time.Time) []policyException {
	name, all := config.Namespace+"-"+stack, []policyException{}
	except := func(rule, resource, reason string) {
		until := now.UTC().Add(pack.LongestException).Format(time.DateOnly)
		all = append(all, policyException{rule, resource, reason, o.owner, until})
	}
	if key := settings["catalogKeyArn"]; key != "" && settings["protectData"] == "true" {
		except("glue-catalog-encrypted", name+"-database", "another stack encrypts the data catalog, with "+key)
	}
	if settings["monthlyBudgetUsd"] == "0" {
		except("budget-present", name, "the account cannot have a budget")
	}
	return all
}
