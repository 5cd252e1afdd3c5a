package deploy

import (
	"bytes"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// SetConfig sets one key in a stack's settings file, or removes it if text is empty. Comments
// and indentation of the rest are preserved. It reports whether the file has changed.
func SetConfig(projectDir, stack, key, text string) (bool, error) {
	file := SettingsFile(projectDir, stack)
	raw, err := os.ReadFile(file) //nolint:gosec // The stack's settings, in the user's own project.
	if err != nil {
		return false, fmt.Errorf("read stack settings: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return false, fmt.Errorf("%s: %w", file, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return false, fmt.Errorf("%s: it has no settings", file)
	}
	config := child(doc.Content[0], "config")
	switch {
	case config == nil: // `pulumi stack init` writes such a file.
		config = &yaml.Node{Kind: yaml.MappingNode}
		doc.Content[0].Content = append(doc.Content[0].Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "config"}, config)
	case config.Tag == "!!null":
		*config = yaml.Node{Kind: yaml.MappingNode}
	case config.Kind != yaml.MappingNode:
		return false, fmt.Errorf("%s: config is not a mapping", file)
	}
	indented := config.Content // The indentation in the file; an added key has no column.
	if !setKey(config, key, text) {
		return false, nil
	}
	var edited bytes.Buffer
	encoder := yaml.NewEncoder(&edited)
	if len(indented) > 0 {
		encoder.SetIndent(indented[0].Column - 1)
	}
	if err := encoder.Encode(&doc); err != nil {
		return false, fmt.Errorf("encode %s: %w", file, err)
	}
	if err := replace(file, edited.Bytes()); err != nil {
		return false, fmt.Errorf("write stack settings: %w", err)
	}
	return true, nil
}

// child returns the value of a key of a mapping, nil if it is missing.
func child(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// setKey sets or removes a key of a mapping, which may lack the namespace, and reports whether it changed anything.
func setKey(mapping *yaml.Node, key, text string) bool {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if qualified(mapping.Content[i].Value) != key {
			continue
		}
		if text == "" {
			mapping.Content = append(mapping.Content[:i], mapping.Content[i+2:]...)
			return true
		}
		changed := mapping.Content[i+1].Value != text
		mapping.Content[i+1] = quoted(text)
		return changed
	}
	if text != "" {
		mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, quoted(text))
	}
	return text != ""
}

// quoted returns a quoted string, as `pulumi config set` writes it.
func quoted(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
}
