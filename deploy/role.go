package deploy

import (
	"fmt"
	"os"
)

// RoleSession is the session name of a role that deploys. It is constant, so that
// the provider's settings do not change with each update.
const RoleSession = "storeevents"

const assumeRoleKey = providerPrefix + "assumeRole"

// settingsWithRole writes the stack's settings with the role into a separate file,
// because the project's file belongs to the user.
func (o Options) settingsWithRole() (string, error) {
	s, err := ReadSettings(o.ProjectDir, o.Stack)
	if err != nil {
		return "", err
	}
	// https://www.pulumi.com/registry/packages/aws/api-docs/provider/#providerassumerole
	s.Config[assumeRoleKey] = map[string]any{"roleArn": o.AssumeRole, "sessionName": RoleSession}
	if err := os.MkdirAll(o.StateDir, 0o700); err != nil {
		return "", fmt.Errorf("create the state folder: %w", err)
	}
	file := SettingsFile(o.StateDir, o.Stack)
	return file, s.Write(file)
}
