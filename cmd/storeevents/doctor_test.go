package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"localaws/database"
	"store-events/cmd/storeevents/page"
	"store-events/tools/setup/doctor"
)

func TestDoctorFailsIfTheDemoWould(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // PATH has no programs.
	t.Chdir(t.TempDir())
	status, stdout, stderr := invoke(t, "", "doctor", "--output", "json")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "`make demo` would fail")
	var findings []doctor.Finding
	require.NoError(t, json.Unmarshal([]byte(stdout), &findings), "one document, even when it fails")
	failed := map[string]bool{}
	for _, f := range findings {
		if f.Status == doctor.Error {
			require.NotEmpty(t, f.Fix, f.Check)
			failed[f.Check] = true
		}
	}
	require.Subset(t, failed, map[string]bool{"Go": true, "Python": true, "Maven": true})

	status, stdout, _ = invoke(t, "", "doctor")
	require.Equal(t, 1, status)
	require.Contains(t, stdout, "error    Maven            mvn is not on PATH")
	require.NotContains(t, stdout, "\x1b", "no color where there is no terminal")
}

func TestDoctorUsesThePortsOfTheStack(t *testing.T) {
	a := newApp(nil, nil)
	a.output, a.project, a.port, a.state = "text", projectWith(t), 4999, t.TempDir()
	a.given = []string{"store-events:databasePort=13999"}
	o := a.doctorOptions(t.Context())
	require.Equal(t, map[string]int{"local AWS": 4999, "local database": 13999}, o.Ports)
	require.Equal(t, a.project, o.ProjectDir)

	s := daemon.Status{Running: true, PID: 7, URL: "http://127.0.0.1:4999", Health: &daemon.Health{Databases: []database.Status{{Port: 13999}}}}
	require.Equal(t, "this project's local AWS, process 7", owner(s, 4999))
	require.Equal(t, "this project's local database", owner(s, 13999))
	require.Empty(t, owner(s, 80))
}

func TestColorIsOnlyForTerminals(t *testing.T) {
	colored, plain := page.Page{Colored: true}, page.Page{}
	findings := []doctor.Finding{{Check: "Go", Status: doctor.Error, Detail: "bad\x1b[2J"}}
	writeFindings(&colored, findings)
	writeFindings(&plain, findings)
	require.Contains(t, colored.String(), "\x1b[31merror   ")
	require.NotContains(t, colored.String(), "\x1b[2J", "only our own escapes")
	require.NotContains(t, plain.String(), "\x1b")
}
