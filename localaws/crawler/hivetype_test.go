package crawler

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUnify(t *testing.T) {
	tests := []struct{ a, b, want string }{
		{"int", "int", "int"},
		{"int", "bigint", "bigint"},
		{"bigint", "double", "double"},
		{"int", "string", "string"},
		{"boolean", "string", "string"},
		{"boolean", "int", "string"},
		{"tinyint", "smallint", "smallint"},
		{"float", "int", "double"},
		{"decimal(12,2)", "decimal(12,2)", "decimal(12,2)"},
		{"decimal(12,2)", "int", "double"},
		{"date", "timestamp", "string"},
		{"struct<a:int>", "struct<b:string,a:bigint>", "struct<a:bigint,b:string>"},
		{"array<int>", "array<double>", "array<double>"},
		{"array<int>", "int", "string"},
		{"struct<a:int>", "array<int>", "string"},
		{"map<string,int>", "map<string,string>", "map<string,string>"},
	}
	for _, tc := range tests {
		require.Equal(t, tc.want, unify(parsed(t, tc.a), parsed(t, tc.b)).String(), "%s with %s", tc.a, tc.b)
	}
	require.Equal(t, "int", unify(hiveType{}, primitive("int")).String())
	require.Equal(t, "string", hiveType{}.String(), "only nulls were seen")
}

func parsed(t testing.TB, s string) hiveType {
	out, err := parseHiveType(s)
	require.NoError(t, err)
	return out
}

func TestParseHiveType(t *testing.T) {
	for _, s := range []string{
		"int", "decimal(12,2)", "array<struct<a:int,b:array<string>>>", "map<string,struct<x:double>>", "varchar(20)",
	} {
		require.Equal(t, s, parsed(t, s).String())
	}
	require.Equal(t, "struct<a:int,b:decimal(5,1)>", parsed(t, "struct< a : INT , b:decimal( 5, 1 ) >").String())
	for _, s := range []string{"", "array<int", "map<string>", "struct<a>", "struct<a:int", "int>", "decimal(1"} {
		_, err := parseHiveType(s)
		require.Error(t, err, s)
	}
}

// typeGen generates types without repeated field names.
func typeGen(depth int) *rapid.Generator[hiveType] {
	return rapid.Custom(func(t *rapid.T) hiveType {
		top := 7
		if depth == 0 {
			top = 5
		}
		switch n := rapid.IntRange(0, top).Draw(t, "kind"); n {
		case 6:
			return arrayOf(typeGen(depth-1).Draw(t, "elem"))
		case 7:
			names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 3, rapid.ID).Draw(t, "names")
			fields := make([]column, len(names))
			for i, name := range names {
				fields[i] = column{Name: name, Type: typeGen(depth-1).Draw(t, name)}
			}
			return structOf(fields)
		default:
			return primitive([]string{"", "int", "bigint", "double", "string", "boolean"}[n])
		}
	})
}

// sorted sorts the fields of structs, because unify does not guarantee their order.
func sorted(t hiveType) string {
	switch t.Kind {
	case "array":
		return "array<" + sorted(*t.Elem) + ">"
	case "struct":
		out := "struct<"
		for _, name := range []string{"a", "b", "c", "d"} {
			for _, f := range t.Fields {
				if f.Name == name {
					out += name + ":" + sorted(f.Type) + ","
				}
			}
		}
		return out + ">"
	default:
		return t.Kind
	}
}

func TestUnifyIsASemilattice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := typeGen(2).Draw(t, "a"), typeGen(2).Draw(t, "b"), typeGen(2).Draw(t, "c")
		require.Equal(t, sorted(unify(a, b)), sorted(unify(b, a)), "commutative")
		require.Equal(t, sorted(unify(a, unify(b, c))), sorted(unify(unify(a, b), c)), "associative")
		require.Equal(t, sorted(a), sorted(unify(a, a)), "idempotent")
	})
}

func TestTypesSurviveTheCatalog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := typeGen(3).Draw(t, "type").String()
		read, err := parseHiveType(written)
		require.NoError(t, err)
		require.Equal(t, written, read.String())
	})
}

func TestMergingNewColumnsIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, found := typeGen(3).Draw(t, "old"), typeGen(3).Draw(t, "found")
		a, b := []column{{Name: "x", Type: old}}, []column{{Name: "x", Type: found}, {Name: "y", Type: found}}
		once := mergeNewColumns(a, b)
		require.Equal(t, schemaOf(once), schemaOf(mergeNewColumns(once, b)))
		require.Equal(t, a[0].Name, once[0].Name)
		require.Equal(t, old.Kind, once[0].Type.Kind, "an existing type is kept")
	})
}
