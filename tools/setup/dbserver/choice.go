package dbserver

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Choice is the server that the setup chose. It is stored next to the folders of all prepared servers.
type Choice struct {
	// Folder is the name of the server's folder.
	Folder string `json:"folder"`
	// Server describes the server and where it comes from.
	Server string `json:"server"`
	// NoMySQL is the reason why it is not MySQL, or empty.
	NoMySQL string `json:"noMySQL,omitempty"`
}

// ChoiceFile returns the file with the choice among the servers below dir.
func ChoiceFile(dir string) string { return filepath.Join(dir, "choice.json") }

// ReadChoice reads the choice among the servers below dir. It is empty before the first setup.
func ReadChoice(dir string) Choice {
	var c Choice
	raw, err := os.ReadFile(ChoiceFile(dir))
	if err != nil || json.Unmarshal(raw, &c) != nil || !filepath.IsLocal(c.Folder) {
		return Choice{}
	}
	return c
}

// Write stores the choice among the servers below dir.
func (c Choice) Write(dir string) error {
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the choice of a database server: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a cache of public tools
		return fmt.Errorf("keep the choice of a database server: %w", err)
	}
	fresh := ChoiceFile(dir) + ".new"
	if err := os.WriteFile(fresh, append(raw, '\n'), 0o644); err != nil { //nolint:gosec // a cache of public tools
		return fmt.Errorf("keep the choice of a database server: %w", err)
	}
	if err := os.Rename(fresh, ChoiceFile(dir)); err != nil {
		return fmt.Errorf("keep the choice of a database server: %w", err)
	}
	return nil
}
