package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"store-events/cmd/storeevents/page"
	"store-events/deploy"
)

const engineDiff = `Previewing update (dev):
    + aws:kms/key:Key: (create)
        + __defaults: []
        isEnabled: true
    store-events@v0.1.0 [advisory] [severity: high]  not-decided-at-preview  (aws:iam:RolePolicy: x)A rule could not decide yet
[high] not decided at preview, the update decides: policy: not known yet (iam-x)
Resources:
    + 144 to create
`

func TestPreviewIsPrinted(t *testing.T) {
	r := deploy.Result{
		Stack: "dev", Operation: "preview", Diff: engineDiff,
		Changes: map[string]int{"create": 1, "same": 128, "replace": 5, "create-replacement": 5, "delete-replaced": 5},
		Steps:   []deploy.Step{{Op: "replace", Type: "aws:ec2/instance:Instance", Name: "consumer"}, {Op: "create-replacement", Name: "consumer"}},
		Violations: []deploy.Violation{
			{Policy: undecidedPolicy, Level: "advisory", Severity: "high", Message: "[high] not decided"},
			{Policy: "a", Level: "mandatory", Severity: "critical", Message: "[critical] a: public\n  why: x"},
			{Policy: "b", Level: "mandatory", Severity: "high", Message: "[high] b: open"},
		},
	}
	var w page.Page
	writePreview(&w, r, false)
	require.Equal(t, `Previewing update (dev):
    + aws:kms/key:Key: (create)
        isEnabled: true
mandatory [critical] a: public
  why: x
mandatory [high] b: open
preview of stack dev: 1 create, 5 replace, 128 same; policies: 2 mandatory (1 critical, 1 high) (0.0 s)
`, w.String())

	w.Reset()
	writePreview(&w, r, true)
	require.Equal(t, `replace aws:ec2/instance:Instance consumer
mandatory [critical] a: public
  why: x
mandatory [high] b: open
preview of stack dev: 1 create, 5 replace, 128 same; policies: 2 mandatory (1 critical, 1 high) (0.0 s)
`, w.String())
}

func TestProtectionIsExplained(t *testing.T) {
	protected := deploy.Protection{Protected: []string{"bucket", "key"}}
	unprotected := deploy.Protection{Deleted: []string{"bucket"}}
	for name, tc := range map[string]struct {
		setting string
		state   deploy.Protection
		lift    bool
		want    string
	}{
		"neither":                  {"false", unprotected, false, ""},
		"protected":                {"true", protected, false, "protectData is set for stack local (bucket, key): `storeevents down --stack local --lift-protection` destroys it"},
		"setting removed since":    {"false", protected, false, "the setting has changed to false since: run `storeevents up --stack local` first"},
		"setting not yet deployed": {"true", unprotected, false, "protectData is set for stack local, but the last update did not deploy it, so that bucket would be deleted with all objects"},
		"nothing to lift, set":     {"true", unprotected, true, "the last update did not deploy it"},
		"nothing to lift":          {"false", unprotected, true, "stack local was deployed without"},
		"lifted":                   {"true", protected, true, ""},
		"killed while creating":    {"false", deploy.Protection{Pending: []string{"instance"}}, false, "killed while it created instance of stack local: a destroy would leave them on AWS"},
		"lifted before, and the destroy failed halfway": {"true", deploy.Protection{}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(nil, nil)
			a.project, a.stack = projectWith(t), deploy.LocalStack
			a.config = map[string]string{"store-events:protectData": tc.setting, "store-events:databaseBackupDays": "7"}
			err := a.checkProtection(tc.state, tc.lift)
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestAPortInUseIsExplained(t *testing.T) {
	err := (&app{stack: "qa"}).advisePort(fmt.Errorf("start: %w", &daemon.PortTakenError{Port: 4566}))
	require.ErrorContains(t, err, "port 4566 of 127.0.0.1 is in use: choose a free one with --port")
	other := errors.New("other")
	require.Equal(t, other, (&app{}).advisePort(other))
	require.NoError(t, (&app{}).advisePort(nil))
}
