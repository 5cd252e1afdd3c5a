package ops

import "strings"

// identifier quotes a name for MySQL.
func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// athenaIdentifier quotes a name for Athena's queries, which are Trino's.
func athenaIdentifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// athenaLiteral quotes a string for Athena's queries.
func athenaLiteral(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// literal quotes a string for MySQL.
func literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(text) + "'"
}
