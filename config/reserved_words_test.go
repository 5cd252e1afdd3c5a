package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The local AWS has a separate list: settings may not import the local AWS, nor it the product.
func TestTheLocalAWSReservesTheSameWords(t *testing.T) {
	code, err := os.ReadFile(filepath.Join("..", "localaws", "awsrules", "reserved_words.go"))
	require.NoError(t, err)
	_, words, found := strings.Cut(string(code), "const reservedWords = `")
	require.True(t, found)
	words, _, _ = strings.Cut(words, "`")
	require.Equal(t, strings.Fields(reservedWords), strings.Fields(words))
}
