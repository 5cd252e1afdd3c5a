package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// Pulumi.yaml documents the settings for users; it must match the code.
func TestProjectFileDocumentsEverySetting(t *testing.T) {
	var project struct {
		Name   string
		Config map[string]struct {
			Type        string
			Default     any
			Description string
		}
	}
	decode(t, filepath.Join("..", "Pulumi.yaml"), &project)
	require.Equal(t, Namespace, project.Name)

	var keys []string
	for _, s := range Default().Settings() {
		keys = append(keys, s.Key)
		documented, ok := project.Config[s.Key]
		require.True(t, ok, "%s is not in Pulumi.yaml", s.Key)
		require.NotEmpty(t, documented.Description, s.Key)
		require.Equal(t, typeName(s.Value), documented.Type, s.Key)
		require.Equal(t, fmt.Sprint(s.Value), fmt.Sprint(documented.Default), s.Key)
	}
	require.ElementsMatch(t, keys, slices.Collect(maps.Keys(project.Config)))
}

// Pulumi.yaml documents the ranges of numbers.
func TestProjectFileDocumentsRanges(t *testing.T) {
	var project struct {
		Config map[string]struct{ Description string }
	}
	decode(t, filepath.Join("..", "Pulumi.yaml"), &project)
	for _, s := range Default().Settings() {
		kind := reflect.TypeOf(s.Value).Kind()
		if kind != reflect.Int && kind != reflect.Float64 || s.Key == "logRetentionDays" || s.Key == "databaseMaxStorageGiB" {
			continue // These two have too many allowed values, or depend on another setting.
		}
		_, err := Load("dev", Map{s.Key: "not a number"})
		refused := problems(t, err)
		require.Len(t, refused, 1, s.Key)
		require.Contains(t, project.Config[s.Key].Description, strings.TrimPrefix(refused[0].Allowed, "one of "), s.Key)
	}
}

// typeName returns Pulumi's name of a setting's type. Pulumi has no type for fractions.
func typeName(value any) string {
	switch value.(type) {
	case int:
		return "integer"
	case bool:
		return "boolean"
	case []string:
		return "array"
	default:
		return "string"
	}
}

func TestStackFilesAreValid(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "Pulumi.*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var stack struct{ Config map[string]any }
			decode(t, file, &stack)
			require.NoError(t, CheckKeys(slices.Collect(maps.Keys(stack.Config))))
			values := Map{}
			for full, value := range stack.Config {
				if key, ours := strings.CutPrefix(full, Namespace+":"); ours {
					require.IsType(t, "", value, "%s: quote it, as the pulumi CLI does", full)
					values[key] = fmt.Sprint(value)
				}
			}
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
			_, err := Load(name, values)
			require.NoError(t, err)
		})
	}
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // A file of this repository.
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(raw, into))
}
