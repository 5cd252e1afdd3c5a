// Package artifacts builds the files that a deployment uploads: the zips of the
// functions and of the job's modules. Builds are reproducible, so that unchanged
// files are not uploaded again. It does not depend on Pulumi.
package artifacts

import (
	"context"
	"path/filepath"
)

// Artifacts are what a deployment uploads, as absolute paths on this machine.
type Artifacts struct {
	// Producer is the zip of the producer function.
	Producer string
	// Rotation is the zip of the rotation function.
	Rotation string
	// Starter is the zip of the function that starts the workflow.
	Starter string
	// Script is the Glue job's entry script.
	Script string
	// Python are the zip archives that the script imports from, on the driver and
	// on the executors.
	Python []string
	// Authorities may sign the database's certificate, in PEM.
	Authorities string
}

// functionNames are the folders of the functions in ./lambda.
var functionNames = []string{"producer", "rotation", "starter"}

// Build builds the functions with the go command on PATH and packs the job's
// modules, into the project's bin folder. caFile contains the database's certificate
// authorities; empty selects Amazon's, and a relative path starts at projectDir.
func Build(ctx context.Context, projectDir, caFile string) (Artifacts, error) {
	bin := filepath.Join(projectDir, "bin")
	built := Artifacts{Script: filepath.Join(projectDir, "glue", "s3_to_rds_ingestor.py")}
	var err error
	if built.Authorities, err = authorities(projectDir, caFile); err != nil {
		return Artifacts{}, err
	}
	functions, err := buildFunctions(ctx, projectDir, bin, functionNames...)
	if err != nil {
		return Artifacts{}, err
	}
	built.Producer, built.Rotation, built.Starter = functions[0], functions[1], functions[2]
	helpers := filepath.Join(bin, "store_events.zip")
	if err := packHelpers(projectDir, helpers); err != nil {
		return Artifacts{}, err
	}
	wheels, err := packWheels(projectDir, bin)
	if err != nil {
		return Artifacts{}, err
	}
	built.Python = append([]string{helpers}, wheels...)
	return built, nil
}
