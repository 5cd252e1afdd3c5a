package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"store-events/config"
	"store-events/deploy"
	"store-events/program/output"
)

// expiryTag is the tag of all resources of an ephemeral stack, with the time after
// which `down --expired` destroys it, in RFC 3339 and UTC.
const expiryTag = "ExpiresAt"

// ownNames are settings that are not copied from the other stack: names that must be
// unique in an account, and its protection and pause.
var ownNames = []string{"bucketName", "catalogDatabase", "crawlerName", "jobName", "catalogEncryption", "protectData", "paused"}

// shared are settings of resources that two stacks cannot share.
var shared = []string{"existingBucket", "databaseHost"}

// ephemeral writes the settings of an ephemeral stack: a copy of another stack's settings,
// with new names and an expiry. For an existing ephemeral stack, it moves the expiry. keyOf returns
// the ARN of a deployed stack's key.
func (a *app) ephemeral(from string, ttl time.Duration, now time.Time, keyOf func(stack string) (string, error)) error {
	if err := config.CheckStack(a.stack); err != nil {
		return err
	}
	if ttl < time.Hour || ttl > 30*24*time.Hour {
		return fmt.Errorf("--ttl %s: must be 1h to 720h", ttl)
	}
	file := deploy.SettingsFile(a.project, a.stack)
	_, err := os.Stat(file)
	exists := err == nil
	source := from
	if exists {
		source = a.stack
	}
	if source == "" {
		return fmt.Errorf("--ttl: stack %s is new; set --from to a stack on AWS whose settings to copy", a.stack)
	}
	s, err := deploy.ReadSettings(a.project, source)
	if err != nil {
		return err
	}
	if s.Endpoint() != "" {
		return fmt.Errorf("--ttl: stack %s runs on this machine; choose a stack on AWS", source)
	}
	if exists {
		if _, lives, err := expiry(s); err != nil || !lives {
			return errors.Join(err, fmt.Errorf("stack %s has its own settings and no expiry: --ttl is for stacks that --from created", a.stack))
		}
	} else if err := errors.Join(useCatalogKey(&s, from, keyOf), adopt(&s, from, a.stack)); err != nil {
		return err
	}
	setTag(s, expiryTag, now.Add(ttl).UTC().Format(time.RFC3339))
	return s.Write(file)
}

// adopt converts a copy of stack from's settings for the new stack.
func adopt(s *deploy.Settings, from, stack string) error {
	for _, key := range shared {
		if _, set := s.Config[config.Namespace+":"+key]; set {
			return fmt.Errorf("--from %s: %s:%s cannot be shared by two stacks; write the stack's settings with `storeevents init %s`", from, config.Namespace, key, stack)
		}
	}
	for _, key := range ownNames {
		s.Override(config.Namespace+":"+key, "")
	}
	// The boundary of bootstrap/ allows only the other stack's resources: roles with it could not use the new ones.
	const boundary = config.Namespace + ":permissionsBoundaryArn"
	if arn, _ := s.Config[boundary].(string); strings.HasSuffix(arn, ":policy/github-"+config.Namespace+"-"+from+"-boundary") {
		delete(s.Config, boundary)
	}
	s.EncryptionSalt = "" // The new stack gets its own.
	s.Config["policy:environment"] = "dev"
	setTag(*s, "Environment", stack)
	return renameExceptions(*s, from, stack)
}

// useCatalogKey sets the key with which stack from encrypts the data catalog, if it does: the roles of all
// stacks in the account and region need it.
func useCatalogKey(s *deploy.Settings, from string, keyOf func(stack string) (string, error)) error {
	if fmt.Sprint(s.Config[config.Namespace+":catalogEncryption"]) != "true" {
		return nil
	}
	key, err := keyOf(from)
	if err != nil {
		return fmt.Errorf("--from %s: it encrypts the data catalog, and its key is unknown; deploy it first, or choose another stack: %w", from, err)
	}
	s.Override(config.Namespace+":catalogKeyArn", key)
	return nil
}

// keyOf returns the ARN of a deployed stack's key.
func (a *app) keyOf(ctx context.Context, stack string) (string, error) {
	other := *a
	other.stack = stack
	outputs, err := other.outputs(ctx)
	if err != nil {
		return "", err
	}
	key, found := outputs[output.KeyArn].(string)
	if !found {
		return "", fmt.Errorf("stack %s has no output %s", stack, output.KeyArn)
	}
	return key, nil
}

// renameExceptions changes the stack's name in the exceptions of the policies, whose resources
// are names or patterns.
func renameExceptions(s deploy.Settings, from, stack string) error {
	value := s.Config[exceptionsKey]
	exceptions, ok := value.([]any)
	if !ok && value != nil && value != "" {
		return fmt.Errorf("--from %s: %s must be a list of exceptions, as docs/policies.md describes", from, exceptionsKey)
	}
	for _, item := range exceptions {
		exception, _ := item.(map[string]any)
		resource, _ := exception["resource"].(string)
		if rest, found := strings.CutPrefix(resource, config.Namespace+"-"+from); found && (rest == "" || strings.ContainsAny(rest[:1], "-*?[")) {
			exception["resource"] = config.Namespace + "-" + stack + rest
		}
	}
	return nil
}

// tags returns the tags that the provider adds to every resource.
func tags(s deploy.Settings) map[string]any {
	all, _ := s.Config["aws:defaultTags"].(map[string]any)
	found, _ := all["tags"].(map[string]any)
	return found
}

func setTag(s deploy.Settings, name, value string) {
	all := map[string]any{}
	for key, v := range tags(s) {
		all[key] = v
	}
	all[name] = value
	s.Config["aws:defaultTags"] = map[string]any{"tags": all}
}

// expiry returns when a stack expires, and false if it does not.
func expiry(s deploy.Settings) (at time.Time, expires bool, err error) {
	text, expires := tags(s)[expiryTag].(string)
	if !expires {
		return time.Time{}, false, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		return time.Time{}, true, fmt.Errorf("tag %s: %w", expiryTag, err)
	}
	return at, true, nil
}

// expired returns the expired stacks of the project, and the errors of stacks that cannot be checked.
func (a *app) expired(now time.Time) (over []string, unread map[string]error) {
	unread = map[string]error{}
	for _, name := range deploy.Stacks(a.project) {
		s, err := deploy.ReadSettings(a.project, name)
		if err != nil {
			unread[name] = err
			continue
		}
		at, expires, err := expiry(s)
		if err != nil {
			unread[name] = err
			continue
		}
		if expires && !now.Before(at) {
			over = append(over, name)
		}
	}
	return over, unread
}

// forget removes the settings of a destroyed ephemeral stack.
func (a *app) forget() error {
	s, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return err
	}
	if _, expires, err := expiry(s); err != nil || !expires {
		return err
	}
	if err := os.Remove(deploy.SettingsFile(a.project, a.stack)); err != nil {
		return fmt.Errorf("remove the settings of stack %s: %w", a.stack, err)
	}
	a.progress("  removed %s", filepath.Base(deploy.SettingsFile(a.project, a.stack)))
	return nil
}
