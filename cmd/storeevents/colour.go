package main

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// The colours of results. Text stays the same without colour: no meaning is in the
// colour alone.
func (w *page) green(text string) string  { return w.colour(lipgloss.Green, text) }
func (w *page) yellow(text string) string { return w.colour(lipgloss.Yellow, text) }
func (w *page) red(text string) string    { return w.colour(lipgloss.Red, text) }

func (w *page) colour(c color.Color, text string) string {
	if !w.coloured {
		return text
	}
	return lipgloss.NewStyle().Foreground(c).Render(text)
}

// raw writes text that is printable already, with its colours.
func (w *page) raw(text string) { _, _ = w.WriteString(text) }
