package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"store-events/config"
	"store-events/internal/localendpoint"
)

// LocalStack is the local stack. Offline previews of other stacks use its provider settings.
const LocalStack = "local"

const (
	providerPrefix = "aws:"
	endpointsKey   = "aws:endpoints"
	regionKey      = "aws:region"
	profileKey     = "aws:profile"
)

// Settings are the contents of a Pulumi.<stack>.yaml.
type Settings struct {
	Config         map[string]any `yaml:"config"`
	EncryptionSalt string         `yaml:"encryptionsalt,omitempty"`
	Rest           map[string]any `yaml:",inline"`
}

// SettingsFile returns the path of a stack's settings in a project folder.
func SettingsFile(dir, stack string) string {
	return filepath.Join(dir, "Pulumi."+stack+".yaml")
}

// ReadSettings reads a stack's settings. The error lists the existing stacks.
func ReadSettings(projectDir, stack string) (Settings, error) {
	s, err := readSettings(SettingsFile(projectDir, stack))
	if errors.Is(err, os.ErrNotExist) && config.CheckStack(stack) != nil { // `storeevents init` would refuse the name.
		return s, fmt.Errorf("%q is not the name of a stack of this project (there are: %s)", stack, strings.Join(Stacks(projectDir), ", "))
	}
	if errors.Is(err, os.ErrNotExist) {
		return s, fmt.Errorf("no stack %q in this project: Pulumi.%s.yaml does not exist (there are: %s)", stack, stack, strings.Join(Stacks(projectDir), ", "))
	}
	return s, err
}

func readSettings(file string) (Settings, error) {
	var s Settings
	raw, err := os.ReadFile(file) //nolint:gosec // The stack's settings, in the user's own project.
	if err != nil {
		return s, err
	}
	if err := yaml.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	if s.Config == nil { // `pulumi stack init` writes such a file.
		s.Config = map[string]any{}
	}
	if err := s.qualify(); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	s.structure()
	return s, nil
}

// qualify adds the namespace to keys without one: the engine reads them as settings of the project.
func (s Settings) qualify() error {
	for _, key := range slices.Sorted(maps.Keys(s.Config)) {
		full := qualified(key)
		if full == key {
			continue
		}
		if _, both := s.Config[full]; both {
			return fmt.Errorf("%s and %s are the same setting: remove one of them", key, full)
		}
		s.Config[full] = s.Config[key]
		delete(s.Config, key)
	}
	return nil
}

func qualified(key string) string {
	if strings.Contains(key, ":") {
		return key
	}
	return config.Namespace + ":" + key
}

// structure decodes lists and objects from JSON, as `pulumi config set` stores them. For
// providers and policies both are equivalent; Pulumi.yaml defines the types of the project's own.
func (s Settings) structure() {
	for key, v := range s.Config {
		text, _ := v.(string)
		var compact bytes.Buffer
		if strings.HasPrefix(key, config.Namespace+":") || strings.IndexAny(text, "[{") != 0 || json.Compact(&compact, []byte(text)) != nil {
			continue
		}
		var value any // YAML includes JSON, and preserves integers.
		if err := yaml.Unmarshal(compact.Bytes(), &value); err == nil {
			s.Config[key] = value
		}
	}
}

// Stacks returns the names of the stacks that have settings in a project folder.
func Stacks(projectDir string) []string {
	files, _ := fs.Glob(os.DirFS(projectDir), SettingsFile("", "*")) // The pattern is well formed.
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(f, "Pulumi."), ".yaml")
		names = append(names, name)
	}
	return names
}

// Endpoint returns the URL of the local AWS that the stack is deployed to, or "" if
// it is deployed to AWS.
func (s Settings) Endpoint() string {
	list, _ := s.Config[endpointsKey].([]any)
	for _, item := range list {
		services, _ := item.(map[string]any)
		for _, v := range services {
			if addr, ok := v.(string); ok && localendpoint.Is(addr) {
				return addr
			}
		}
	}
	return ""
}

// Region returns the stack's AWS region.
func (s Settings) Region() string {
	r, _ := s.Config[regionKey].(string)
	return r
}

// Login describes the provider's credentials.
type Login struct {
	// Profile is a profile of the AWS CLI, "" for the caller's credentials.
	Profile string
	// RoleARN is a role to assume, if any, and ExternalID the ID that its trust
	// policy may require.
	RoleARN, ExternalID string
}

// Login returns the provider's credentials from the settings.
// https://www.pulumi.com/registry/packages/aws/installation-configuration/
func (s Settings) Login() Login {
	role, _ := s.Config[assumeRoleKey].(map[string]any)
	var l Login
	l.Profile, _ = s.Config[profileKey].(string)
	l.RoleARN, _ = role["roleArn"].(string)
	l.ExternalID, _ = role["externalId"].(string)
	return l
}

// At returns the settings with the endpoint and the provider settings of the local
// stack. Other settings stay, except for credentials.
func (s Settings) At(local Settings, endpoint string) Settings {
	out := s
	out.Config = maps.Clone(s.Config)
	for _, k := range []string{"profile", "accessKey", "secretKey", "token", "assumeRole", "assumeRoles", "sharedConfigFiles", "sharedCredentialsFiles"} {
		delete(out.Config, providerPrefix+k)
	}
	for k, v := range local.Config {
		if _, own := s.Config[k]; strings.HasPrefix(k, providerPrefix) && !own {
			out.Config[k] = v
		}
	}
	out.Config[endpointsKey] = redirect(local.Config[endpointsKey], endpoint)
	return out
}

func redirect(endpoints any, to string) []any {
	list, _ := endpoints.([]any)
	out := make([]any, 0, len(list))
	for _, item := range list {
		services, _ := item.(map[string]any)
		moved := make(map[string]any, len(services))
		for name := range services {
			moved[name] = to
		}
		out = append(out, moved)
	}
	return out
}

// Override sets a setting from a string, or removes it if text is empty. Lists are in
// JSON, because the engine checks the types in Pulumi.yaml.
func (s Settings) Override(key, text string) {
	var list []any
	switch {
	case text == "":
		delete(s.Config, key)
	case strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &list) == nil:
		s.Config[key] = list
	default:
		s.Config[key] = text
	}
}

// Write writes the settings to a file.
func (s Settings) Write(file string) error {
	raw, err := yaml.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode %s: %w", file, err)
	}
	if err := replace(file, raw); err != nil {
		return fmt.Errorf("write stack settings: %w", err)
	}
	return nil
}

// PackConfig returns the stack's configuration as the engine passes it to policies:
// by full key, with values other than strings as JSON.
func (s Settings) PackConfig() (map[string]string, error) {
	texts := map[string]string{}
	for key, v := range s.Config {
		if text, plain := v.(string); plain {
			texts[key] = text
			continue
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("configuration %s: %w", key, err)
		}
		texts[key] = string(encoded)
	}
	return texts, nil
}
