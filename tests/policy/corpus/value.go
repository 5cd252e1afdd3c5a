package corpus

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"gopkg.in/yaml.v3"

	"store-events/tests/policy/recording"
)

// properties are properties of a resource. In YAML, the tag !secret makes a value secret, !unknown makes it unknown,
// !json encodes it as JSON, !base64 encodes a string, and !asset and !archive refer to a URL or a path.
type properties map[string]any

func (p *properties) UnmarshalYAML(node *yaml.Node) error {
	decoded, err := decode(node)
	if err != nil {
		return err
	}
	*p, _ = decoded.(map[string]any)
	return nil
}

func decode(node *yaml.Node) (any, error) {
	switch node.Tag {
	case "!secret":
		of, err := decode(untagged(node))
		return recording.Secret{Value: of}, err
	case "!unknown":
		return recording.Unknown{}, nil
	case "!json":
		of, err := decode(untagged(node))
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(of)
		return string(text), err
	case "!archive":
		a := &archive.Archive{Sig: archive.ArchiveSig}
		a.URI, a.Path = location(node.Value)
		return a, nil
	case "!asset":
		a := &asset.Asset{Sig: asset.AssetSig}
		a.URI, a.Path = location(node.Value)
		return a, nil
	case "!base64":
		return base64.StdEncoding.EncodeToString([]byte(node.Value)), nil
	}
	switch node.Kind {
	case yaml.MappingNode:
		return decodeMap(node)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, e := range node.Content {
			var err error
			if list[i], err = decode(e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.AliasNode:
		return decode(node.Alias)
	default:
		var scalar any
		err := node.Decode(&scalar)
		return scalar, err
	}
}

// location returns a string as a URL or as a path.
func location(text string) (uri, path string) {
	if strings.Contains(text, "://") {
		return text, ""
	}
	return "", text
}

func decodeMap(node *yaml.Node) (any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		of, err := decode(node.Content[i+1])
		if err != nil {
			return nil, err
		}
		m[node.Content[i].Value] = of
	}
	return m, nil
}

// untagged returns the node with YAML's default tag.
func untagged(node *yaml.Node) *yaml.Node {
	plain := *node
	plain.Tag = ""
	if plain.Kind == yaml.ScalarNode {
		plain.Tag = plain.ShortTag()
	}
	return &plain
}
