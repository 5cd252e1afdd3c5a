package database

import (
	"context"
	"database/sql"
	"maps"
	"strconv"
)

func (s *server) setParameters(ctx context.Context, parameters map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.Parameters == nil {
		s.record.Parameters = map[string]string{}
	}
	maps.Copy(s.record.Parameters, parameters)
	if s.process != nil && s.process.Running() {
		if err := s.asAdmin(func(db *sql.DB) error { return s.setGlobals(ctx, db, parameters) }); err != nil {
			return err
		}
	}
	return s.save()
}

// setGlobals sets global variables. It logs variables that are unknown or cannot change at run time.
func (s *server) setGlobals(ctx context.Context, db *sql.DB, parameters map[string]string) error {
	for name, value := range settable(parameters) {
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			value = literal(value)
		}
		if _, err := db.ExecContext(ctx, "SET GLOBAL "+identifier(name)+" = "+value); err != nil {
			s.log.Info("parameter takes effect at the next start", "database", s.id, "parameter", name, "error", err)
		}
	}
	return ctx.Err()
}
