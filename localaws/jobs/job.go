package jobs

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"localaws/awsjson"
)

// Definition contains the properties of a job in CreateJob, UpdateJob and GetJob, in the wire format of
// https://docs.aws.amazon.com/glue/latest/webapi/API_JobUpdate.html.
type Definition struct {
	JobMode                   string                `json:",omitempty"`
	JobRunQueuingEnabled      *bool                 `json:",omitempty"`
	Description               string                `json:",omitempty"`
	LogURI                    string                `json:"LogUri,omitempty"`
	Role                      string                `json:",omitempty"`
	ExecutionProperty         *ExecutionProperty    `json:",omitempty"`
	Command                   *Command              `json:",omitempty"`
	DefaultArguments          map[string]string     `json:",omitempty"`
	NonOverridableArguments   map[string]string     `json:",omitempty"`
	Connections               *Connections          `json:",omitempty"`
	MaxRetries                int                   `json:""`
	AllocatedCapacity         int                   `json:",omitempty"`
	Timeout                   *int                  `json:",omitempty"`
	MaxCapacity               *float64              `json:",omitempty"`
	WorkerType                string                `json:",omitempty"`
	NumberOfWorkers           *int                  `json:",omitempty"`
	SecurityConfiguration     string                `json:",omitempty"`
	NotificationProperty      *NotificationProperty `json:",omitempty"`
	GlueVersion               string                `json:",omitempty"`
	CodeGenConfigurationNodes json.RawMessage       `json:",omitempty"`
	ExecutionClass            string                `json:",omitempty"`
	SourceControlDetails      json.RawMessage       `json:",omitempty"`
	MaintenanceWindow         string                `json:",omitempty"`
}

// ExecutionProperty limits the concurrent runs of a job.
type ExecutionProperty struct{ MaxConcurrentRuns int }

// Command contains the kind of a job and its script.
type Command struct {
	Name           string `json:",omitempty"`
	ScriptLocation string `json:",omitempty"`
	PythonVersion  string `json:",omitempty"`
	Runtime        string `json:",omitempty"`
}

// Connections are the names of the Glue connections that a job uses.
type Connections struct {
	Connections []string `json:",omitempty"`
}

// NotificationProperty contains the number of minutes after which a run is reported as delayed.
type NotificationProperty struct {
	NotifyDelayAfter *int `json:",omitempty"`
}

// Job is the response of GetJob. Times are epoch seconds.
type Job struct {
	Name           string
	CreatedOn      float64
	LastModifiedOn float64
	Definition
}

// Kinds of jobs: https://docs.aws.amazon.com/glue/latest/webapi/API_JobCommand.html
const (
	kindSpark     = "glueetl"
	kindStreaming = "gluestreaming"
	kindPython    = "pythonshell"
	kindRay       = "glueray"
)

const (
	defaultGlueVersion = "5.1"
	maxTimeoutMinutes  = 7*24*60 - 1
	maxRetries         = 10
)

// dpu maps worker types to data processing units:
// https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
var dpu = map[string]float64{
	"Standard": 1, "G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8,
	"G.12X": 12, "G.16X": 16, "R.1X": 1, "R.2X": 2, "R.4X": 4, "R.8X": 8, "Z.2X": 2,
}

// complete validates a definition and sets AWS's defaults.
func (d *Definition) complete() error {
	if err := d.check(); err != nil {
		return err
	}
	setDefault(&d.JobMode, "SCRIPT")
	setDefault(&d.GlueVersion, defaultGlueVersion)
	setDefault(&d.Command.PythonVersion, "3")
	if d.ExecutionProperty == nil {
		d.ExecutionProperty = &ExecutionProperty{}
	}
	setDefault(&d.ExecutionProperty.MaxConcurrentRuns, 1)
	if d.Timeout == nil {
		minutes := d.defaultTimeout()
		d.Timeout = &minutes
	}
	return d.setCapacity()
}

func (d *Definition) check() error {
	switch {
	case d.Role == "":
		return awsjson.Errorf(awsjson.InvalidInput, "Role is missing")
	case d.Command == nil || d.Command.Name == "":
		return awsjson.Errorf(awsjson.InvalidInput, "Command.Name is missing")
	case !isKind(d.Command.Name):
		return awsjson.Errorf(awsjson.InvalidInput, "Command.Name %q is not one of %s, %s, %s, %s",
			d.Command.Name, kindSpark, kindStreaming, kindPython, kindRay)
	case d.MaxRetries < 0 || d.MaxRetries > maxRetries:
		return awsjson.Errorf(awsjson.InvalidInput, "MaxRetries %d is not in 0..%d", d.MaxRetries, maxRetries)
	case d.MaxCapacity != nil && (d.WorkerType != "" || d.NumberOfWorkers != nil):
		return awsjson.Errorf(awsjson.InvalidInput,
			"Please do not set Max Capacity if using Worker Type and Number of Workers.")
	}
	return checkTimeout(d.Timeout)
}

func isKind(name string) bool {
	return name == kindSpark || name == kindStreaming || name == kindPython || name == kindRay
}

func checkTimeout(minutes *int) error {
	if minutes == nil || (*minutes >= 0 && *minutes <= maxTimeoutMinutes) {
		return nil
	}
	return awsjson.Errorf(awsjson.InvalidInput, "Timeout %d is not in 0..%d minutes", *minutes, maxTimeoutMinutes)
}

// defaultTimeout returns the default timeout in minutes: https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html
func (d *Definition) defaultTimeout() int {
	major, _, _ := strings.Cut(d.GlueVersion, ".")
	if n, err := strconv.Atoi(major); err == nil && n < 5 {
		return 2880
	}
	return 480
}

// setCapacity computes the capacity from the workers, or the workers if only the capacity is set.
func (d *Definition) setCapacity() error {
	if d.Command.Name == kindPython {
		if d.MaxCapacity == nil {
			capacity := 0.0625
			d.MaxCapacity = &capacity
		}
		return nil
	}
	workers := 10
	if d.MaxCapacity != nil {
		workers = int(*d.MaxCapacity)
	} else if d.AllocatedCapacity > 0 && d.NumberOfWorkers == nil {
		workers = d.AllocatedCapacity
	}
	setDefault(&d.WorkerType, "G.1X")
	if d.NumberOfWorkers == nil {
		d.NumberOfWorkers = &workers
	}
	capacity, err := capacityOf(d.WorkerType, *d.NumberOfWorkers)
	if err != nil {
		return err
	}
	d.MaxCapacity, d.AllocatedCapacity = &capacity, int(math.Ceil(capacity))
	return nil
}

func capacityOf(workerType string, workers int) (float64, error) {
	units, ok := dpu[workerType]
	if !ok {
		return 0, awsjson.Errorf(awsjson.InvalidInput, "WorkerType %q is unknown", workerType)
	}
	if workers < 1 {
		return 0, awsjson.Errorf(awsjson.InvalidInput, "NumberOfWorkers %d is less than 1", workers)
	}
	return units * float64(workers), nil
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}
