package main

import safe "store-events/internal/printable"

// printable escapes control characters, except line feeds and tabs.
func printable(s string) string { return safe.Text(s) }

// oneLine also escapes line feeds and tabs.
func oneLine(s string) string { return safe.Line(s) }

func printableCells(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			out[i] = append(out[i], oneLine(cell))
		}
	}
	return out
}
