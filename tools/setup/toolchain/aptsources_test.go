package toolchain

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/internal/files"
)

func TestAptSources(t *testing.T) {
	etc := t.TempDir()
	put := func(name, text string) { require.NoError(t, files.Write(filepath.Join(etc, name), []byte(text))) }
	put("sources.list", `# deb http://old.example/debian gone main
deb [arch=amd64 signed-by=/k/a.gpg,/k/b.gpg trusted=yes] http://mirror.example/debian bookworm main  contrib # ours
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm-updates main
deb cdrom:[Debian]/ bookworm main
`)
	put("sources.list.d/other.list.disabled", "deb http://disabled.example/ x main\n")
	put("sources.list.d/more.sources", `Types: deb deb-src
# a comment
URIs: http://one.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb-src
URIs: http://source.example/
Suites: trixie
Components: main

Enabled: no
Types: deb
URIs: http://off.example/
Suites: trixie
Components: main
`)
	all, err := aptSources(etc)
	require.NoError(t, err)
	require.Equal(t, []aptSource{
		{uris: "http://mirror.example/debian", suites: "bookworm", components: "main contrib", signedBy: "/k/a.gpg /k/b.gpg", trusted: "yes"},
		{uris: "http://mirror.example/debian", suites: "bookworm-updates", components: "main"},
		{uris: "cdrom:[Debian]/", suites: "bookworm", components: "main"},
		{
			uris: "http://one.example/debian", suites: "trixie trixie-updates", components: "main",
			signedBy: "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc",
		},
	}, all)
	require.Equal(t, "Types: deb\nURIs: http://one.example/debian\nSuites: trixie trixie-updates\nComponents: main\n"+
		"Architectures: arm64\nTargets: Packages\nSigned-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n", all[3].stanza("arm64"))

	none, err := aptSources(t.TempDir())
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestMySQLSources(t *testing.T) {
	own := []aptSource{
		{uris: "http://a.example/debian", suites: "bookworm bookworm-updates", components: "main", signedBy: "/k/debian.gpg"},
		{uris: "http://a.example/debian-security", suites: "bookworm-security", components: "main"},
		{uris: "http://node.example/", suites: "nodistro", components: "main"},
		{uris: "http://tools.example/", suites: "bookworm", components: "stable"},
		{uris: "http://a.example/debian", suites: "trixie", components: "main"},
	}
	require.Equal(t, [][]aptSource{
		{{uris: "http://a.example/debian", suites: "sid", components: "main", signedBy: "/k/debian.gpg"}},
		{{uris: "http://node.example/", suites: "sid", components: "main"}},
	}, mysqlSources(own, "debian"))
	require.Equal(t, [][]aptSource{own}, mysqlSources(own, "ubuntu"))
	require.Empty(t, mysqlSources(nil, "debian"))
}

func TestDistribution(t *testing.T) {
	file := filepath.Join(t.TempDir(), "os-release")
	require.NoError(t, os.WriteFile(file, []byte("NAME=\"Ubuntu\"\nID_LIKE=debian\nID=\"ubuntu\"\n"), 0o600))
	require.Equal(t, "ubuntu", distribution(file))
	require.Empty(t, distribution(file+".missing"))
}

func TestNewestPackage(t *testing.T) {
	require.Equal(t, "mysql-server-core", newestPackage([]string{"mysql-server-core-8.4", "mysql-server-core"}))
	require.Equal(t, "mysql-server-core-8.4", newestPackage([]string{"mysql-server-core-8.0", "mysql-server-core-8.4", "mysql-server-core-dbgsym"}))
	require.Empty(t, newestPackage([]string{"mysql-server-core-dbgsym"}))
}

func TestParseLibraries(t *testing.T) {
	got, err := parseLibraries(`	linux-vdso.so.1 (0x00007f0c97184000)
	libssl.so.3 => /r/usr/lib/x86_64-linux-gnu/libssl.so.3 (0x00007f0c9705f000)
	/lib64/ld-linux-x86-64.so.2 => /r/usr/lib64/ld-linux-x86-64.so.2 (0x00007f0c97186000)
`)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"libssl.so.3": "/r/usr/lib/x86_64-linux-gnu/libssl.so.3"}, got)
	_, err = parseLibraries("\tlibicu.so.7 => not found\n")
	require.ErrorContains(t, err, "the packages have no library libicu.so.7")
	_, err = parseLibraries("not a dynamic executable")
	require.Error(t, err)
}
