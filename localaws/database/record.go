package database

import (
	"encoding/json"
	"fmt"
	"os"

	"localaws/atomicfile"
	"localaws/database/engine"
)

// Files in a server's folder.
const (
	recordFile = "instance.json"
	configFile = "my.cnf"
	initFile   = "init.sql"
	adminFile  = "rdsadmin.password"
	logFile    = "server.log"
	dataFolder = "data"
)

// record contains the data for a server's next start.
type record struct {
	// Engine is the server that created the data. In records of earlier releases it is missing, and is MariaDB.
	Engine     engine.Engine
	Port       int
	User       string
	Parameters map[string]string
	Stopped    bool
}

func (s *server) save() error {
	raw, err := json.MarshalIndent(s.record, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", recordFile, err)
	}
	if err := atomicfile.Write(s.path(recordFile), raw); err != nil {
		return fmt.Errorf("record of database server %s: %w", s.id, err)
	}
	return nil
}

func (s *server) load() error {
	raw, err := os.ReadFile(s.path(recordFile))
	if err != nil {
		return fmt.Errorf("record of database server %s: %w", s.id, err)
	}
	if err := json.Unmarshal(raw, &s.record); err != nil {
		return fmt.Errorf("read %s: %w", s.path(recordFile), err)
	}
	if s.record.Engine.Name == "" {
		s.record.Engine.Name = engine.MariaDB
	}
	return nil
}
