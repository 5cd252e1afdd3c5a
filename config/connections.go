package config

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// connectionBytes is the divisor of RDS's default for max_connections,
	// {DBInstanceClassMemory/12582880}:
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
	connectionBytes = 12_582_880
	// spareConnections are for the job's driver, the consumer, the rotation and RDS itself.
	spareConnections = 10
)

// workerCores is the number of vCPUs of each worker type; each vCPU runs one task:
// https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
var workerCores = map[string]int{
	"G.1X": 4, "G.2X": 8, "G.4X": 16, "G.8X": 32,
	"R.1X": 4, "R.2X": 8, "R.4X": 16, "R.8X": 32,
}

// enoughConnections refuses a job with so many tasks, each with its own connection,
// that the database could refuse one with error 1040, "Too many connections".
func enoughConnections(k *check, e Etl, d Database) {
	cores, memory := workerCores[e.WorkerType], classMemoryGiB(d.InstanceClass)
	if d.Existing() {
		return // The first update checks the server's limit.
	}
	if memory == 0 || !k.read("jobWorkers") {
		return // Another check refuses it.
	}
	needed, offered := e.Connections(), maxConnections(memory)
	if needed <= offered {
		return
	}
	k.refuse("jobWorkers", e.Workers, fmt.Sprintf(
		"at most %d workers of jobWorkerType %s with databaseInstanceClass %s, or a larger class: the job needs %d connections, and the class allows about %d",
		max(2, (offered-spareConnections)/cores+1), e.WorkerType, d.InstanceClass, needed, offered))
}

// Connections returns the maximum number of connections that the job's tasks, its
// driver, the consumer and the rotation open at once.
func (e Etl) Connections() int { return (e.Workers-1)*workerCores[e.WorkerType] + spareConnections }

// maxConnections returns RDS's default, with a margin: DBInstanceClassMemory excludes
// the memory of the operating system and of RDS, which AWS does not document.
// Measured on instances of 1 to 8 GiB, it is 0.2 to 0.4 GiB.
func maxConnections(memoryGiB int) int {
	usable := (0.95*float64(memoryGiB) - 0.2) * (1 << 30)
	return int(usable / connectionBytes)
}

// classMemoryGiB returns the memory of an instance class, 0 if unknown:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
func classMemoryGiB(class string) int {
	parts := strings.Split(class, ".")
	if !databaseClass.MatchString(class) || len(parts) != 3 {
		return 0
	}
	small := map[string]int{"micro": 1, "small": 2, "medium": 4, "large": 8}
	memory, known := small[parts[2]]
	if !known {
		count, err := strconv.Atoi("0" + strings.TrimSuffix(parts[2], "xlarge"))
		if err != nil {
			return 0
		}
		memory = 16 * max(1, count)
	}
	if strings.HasPrefix(parts[1], "r") {
		memory *= 2
	}
	return memory
}
