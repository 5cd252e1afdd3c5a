package config

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
func TestMemoryOfClasses(t *testing.T) {
	for class, want := range map[string]int{
		"db.t4g.micro": 1, "db.t4g.small": 2, "db.t4g.medium": 4, "db.t4g.large": 8, "db.t4g.xlarge": 16, "db.t4g.2xlarge": 32,
		"db.m7g.large": 8, "db.m7g.xlarge": 16, "db.m7g.2xlarge": 32, "db.m7g.12xlarge": 192, "db.m6gd.16xlarge": 256,
		"db.r7g.large": 16, "db.r7g.xlarge": 32, "db.r5.24xlarge": 768, "db.r6id.8xlarge": 256,
		"db.x2g.large": 0, "t4g.micro": 0, "": 0,
	} {
		require.Equal(t, want, classMemoryGiB(class), class)
	}
}

// https://docs.aws.amazon.com/glue/latest/dg/worker-types.html, and ten connections for other clients.
func TestConnectionsOfWorkers(t *testing.T) {
	for kind, cores := range map[string]int{"G.1X": 4, "G.2X": 8, "G.4X": 16, "G.8X": 32, "R.1X": 4, "R.2X": 8, "R.4X": 16, "R.8X": 32} {
		require.Equal(t, 2*cores+10, Etl{Workers: 3, WorkerType: kind}.Connections(), kind)
	}
}

func TestMaxConnections(t *testing.T) {
	for memory, want := range map[int]int{1: 64, 2: 145, 4: 307, 8: 631, 16: 1280, 32: 2577} {
		require.Equal(t, want, maxConnections(memory), "%d GiB", memory)
	}
}

// The most workers of each type for a database with 64 connections, ten of them reserved
// for other clients.
func TestMaxWorkers(t *testing.T) {
	for kind, most := range map[string]int{"G.1X": 14, "G.2X": 7, "G.4X": 4, "G.8X": 2, "R.1X": 14, "R.2X": 7, "R.4X": 4, "R.8X": 2} {
		takes(t, Map{"jobWorkerType": kind, "jobWorkers": strconv.Itoa(most)})
		_, err := Load("dev", Map{"jobWorkerType": kind, "jobWorkers": strconv.Itoa(most + 1)})
		require.ErrorContains(t, err, fmt.Sprintf("use at most %d workers of jobWorkerType %s with databaseInstanceClass db.t4g.micro", most, kind))
	}
	_, err := Load("dev", Map{"jobWorkers": "15"})
	require.ErrorContains(t, err, "the job needs 66 connections, and the class allows about 64")
	// 145 connections are 135 for (n-1) * 4 tasks and the rest.
	takes(t, Map{"databaseInstanceClass": "db.t4g.small", "jobWorkers": "34"})
	_, err = Load("dev", Map{"databaseInstanceClass": "db.t4g.small", "jobWorkers": "35"})
	require.ErrorContains(t, err, "at most 34 workers")
}

// The suggestion is at least two workers, the minimum of the job.
func TestSuggestionIsAllowed(t *testing.T) {
	_, err := Load("dev", Map{"jobWorkerType": "G.8X", "jobWorkers": "3"})
	require.ErrorContains(t, err, "use at most 2 workers")
}

// An unreadable value causes only one error.
func TestUnreadableSettingsHaveOneProblem(t *testing.T) {
	for _, key := range []string{"jobWorkers", "databaseStorageGiB"} {
		_, err := Load("dev", Map{key: "many"})
		require.Len(t, problems(t, err), 1, key)
	}
}
