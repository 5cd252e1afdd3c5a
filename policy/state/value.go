package state

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

func object(m map[string]any) (property.Map, error) {
	values := make(map[string]property.Value, len(m))
	for key, v := range m {
		var err error
		if values[key], err = decode(v); err != nil {
			return property.Map{}, fmt.Errorf("%s: %w", key, err)
		}
	}
	return property.NewMap(values), nil
}

// decode reads a JSON value. Objects with a signature represent types that JSON lacks.
func decode(v any) (property.Value, error) {
	switch v := v.(type) {
	case map[string]any:
		if signature, signed := v[resource.SigKey].(string); signed {
			return special(signature, v)
		}
		m, err := object(v)
		return property.New(m), err
	case []any:
		list := make([]property.Value, len(v))
		for i, e := range v {
			var err error
			if list[i], err = decode(e); err != nil {
				return property.Value{}, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return property.New(list), nil
	case string:
		if v == plugin.UnknownStringValue {
			return property.New(property.Computed), nil
		}
	}
	return property.Any(v)
}

func special(signature string, v map[string]any) (property.Value, error) {
	switch signature {
	case resource.SecretSig:
		return secret(v)
	case resource.AssetSig:
		a, _, err := asset.Deserialize(v)
		return property.New(a), err
	case resource.ArchiveSig:
		a, _, err := archive.Deserialize(v)
		return property.New(a), err
	case resource.ResourceReferenceSig:
		return decode(v["id"])
	default:
		return property.Value{}, fmt.Errorf("a value of an unknown type, %s", signature)
	}
}

// secret reads a secret that is not encrypted; its contents are JSON.
func secret(v map[string]any) (property.Value, error) {
	text, plain := v["plaintext"].(string)
	if !plain {
		return property.Value{}, errors.New("a secret is encrypted: export the state with --show-secrets")
	}
	var inner any
	if err := json.Unmarshal([]byte(text), &inner); err != nil {
		return property.Value{}, errors.New("a secret is not JSON") // The error would quote it.
	}
	value, err := decode(inner)
	return value.WithSecret(true), err
}
