package query

import "strings"

// Identifier quotes a name for MySQL.
func Identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// Literal quotes a string for MySQL.
func Literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(text) + "'"
}

// AthenaIdentifier quotes a name for Athena, which uses Trino's SQL.
func AthenaIdentifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// AthenaLiteral quotes a string for Athena.
func AthenaLiteral(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
