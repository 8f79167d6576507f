package archtest

// DO NOT CHANGE THE DATA IN THIS FILE TO FIX A BUILD.
//
// The order below is the design (DESIGN.md §3), not a record of what the code
// happens to import. When a build fails here, the import is in the wrong
// place, or the code is. To change the order is to change the design: change
// DESIGN.md in the same commit and have it reviewed as such.
//
// The packages stand from the bottom up. A package may import the packages of
// the stairs below its own; not those beside it, and never those above.

// side is which of the two halves of Parley a package belongs to.
type side int

const (
	treaty side = iota + 1 // what both parties must be able to check: pure
	house                  // each party's own business
	proof                  // what checks the rest and is linked into no program
)

// stair is one step of the order.
type stair struct {
	side side

	// packages are directories from the module root, "parley" for the root
	// itself. A final "/..." takes the whole tree.
	packages []string

	// only, where it is set, replaces "every stair below" as what the packages
	// may import of Parley. A name of a tree includes the tree.
	only []string

	// modules are the packages of other modules that may be imported; the
	// packages below each are included.
	modules []string
}

// nothing is the value of stair.only for packages that import nothing of Parley.
var nothing = []string{""}

// treatyOnly is the value of stair.only for the house packages that stand side
// by side on the treaty, and for the auditor's tool.
var treatyOnly = words("parley lines wire roster deniable release seal transcript receipt proof link audit")

var order = []stair{
	// ── the treaty ──
	{side: treaty, packages: []string{"parley"}},
	{side: treaty, packages: []string{"lines"}},
	{side: treaty, packages: []string{"wire"}, modules: []string{
		"github.com/fxamacker/cbor/v2", "golang.org/x/text/unicode"}},
	{side: treaty, packages: []string{"roster"}, modules: []string{"golang.org/x/text/unicode"}},
	{side: treaty, packages: []string{"deniable"}},
	{side: treaty, packages: []string{"release", "seal", "transcript"}, modules: []string{
		"golang.org/x/crypto/chacha20poly1305", "golang.org/x/mod/sumdb/note", "golang.org/x/mod/sumdb/tlog",
		"github.com/transparency-dev/formats/note", "filippo.io/mldsa"}},
	{side: treaty, packages: []string{"receipt"}, modules: []string{
		"golang.org/x/mod/sumdb/note", "github.com/transparency-dev/formats/note", "filippo.io/mldsa"}},
	{side: treaty, packages: []string{"proof"}, modules: []string{"rsc.io/qr"}},
	{side: treaty, packages: []string{"link", "audit"}},

	// ── the house ──

	{side: house, packages: []string{"internal/durable", "internal/plain", "internal/cable"}, only: nothing},
	{side: house, packages: []string{"internal/screen"}, only: []string{"internal/plain"}, modules: []string{
		"golang.org/x/text/width"}},

	// The courier carries what it cannot read: it and the channels import
	// nothing of the treaty, so a stolen gateway holds no secret of it.
	{side: house, packages: []string{"internal/courier/..."}, only: nothing, modules: []string{
		"github.com/klauspost/reedsolomon"}},
	{side: house, packages: []string{"internal/channel/hop"}, only: []string{"internal/courier"}},
	{side: house, packages: []string{"internal/channel/..."}, only: []string{"internal/courier", "internal/channel/hop"}, modules: []string{
		"github.com/quic-go/quic-go", "go.bug.st/serial", "github.com/klauspost/reedsolomon", "golang.org/x/sys"}},
	{side: house, packages: []string{"internal/journal/..."}, only: treatyOnly, modules: []string{
		"modernc.org/sqlite"}},
	{side: house, packages: []string{"internal/keyring/..."}, only: treatyOnly, modules: []string{
		"golang.org/x/crypto/argon2", "golang.org/x/crypto/chacha20poly1305", "golang.org/x/term", "filippo.io/age", "filippo.io/mldsa"}},
	{side: house, packages: []string{"internal/station/..."}},
	{side: house, packages: []string{"internal/witness"}, only: treatyOnly},
	{side: house, packages: []string{"internal/api/..."}, modules: []string{"golang.org/x/sys"}},
	{side: house, packages: []string{"internal/home/..."}, modules: []string{
		"github.com/pelletier/go-toml/v2", "golang.org/x/sys"}},
	{side: house, packages: []string{"internal/backup"}, modules: []string{"filippo.io/age"}},
	{side: house, packages: []string{"internal/floor"}, only: []string{"internal/courier", "internal/channel"}, modules: []string{
		"golang.org/x/crypto/chacha20poly1305"}},
	{side: house, packages: []string{"internal/demo/...", "internal/bench/...", "internal/console"}},
	{side: house, packages: []string{"internal/lab"}, modules: []string{"filippo.io/age"}},

	// The auditor's own tool: what both parties can check, and files.
	{side: house, packages: []string{"cmd/parley-verify"}, only: treatyOnly},
	{side: house, packages: []string{"cmd/..."}, modules: []string{
		"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/pelletier/go-toml/v2", "golang.org/x/term"}},

	// ── the proof ──

	// The vectors are written by a generator that imports no codec of ours:
	// otherwise they would prove that our code agrees with itself.
	{side: proof, packages: []string{"spec/..."}, only: nothing},
	{side: proof, packages: []string{"internal/archtest"}, only: nothing},

	// Two parties with their keys in memory, and two stations of theirs, for tests.
	{side: proof, packages: []string{"internal/rostertest"}, only: treatyOnly, modules: []string{"filippo.io/mldsa"}},

	// A station in a process of its own, which a test can kill.
	{side: proof, packages: []string{"internal/hometest"}, only: words("internal/home internal/courier wire")},

	// What a view shows.
	{side: proof, packages: []string{"internal/screentest"}, only: []string{"internal/screen"}},

	// What they have said.
	{side: proof, packages: []string{"internal/recordtest"}, only: append(words("internal/rostertest"), treatyOnly...)},
	{side: proof, packages: []string{"internal/stationtest"}},
}

// testModules may be imported by tests of any package.
var testModules = []string{
	"github.com/google/go-cmp", "pgregory.net/rapid", "github.com/rogpeppe/go-internal/testscript",
	"github.com/creack/pty", "github.com/anishathalye/porcupine", "github.com/peterstace/simplefeatures",
	"golang.org/x/crypto/ssh/agent", "github.com/transparency-dev/merkle", "golang.org/x/mod/sumdb/note", "github.com/transparency-dev/formats", "github.com/makiuchi-d/gozxing",
}

// testPackages are the packages of the proof that tests may import where the code
// may import the treaty: the courier and the channels stay blind.
var testPackages = words("internal/rostertest internal/recordtest internal/stationtest internal/hometest internal/screentest")

// pureStd is the standard library as the treaty may use it: what computes, and
// nothing that asks the machine, the clock or the network.
var pureStd = words(`
	bufio bytes cmp container/heap container/list crypto crypto/ecdh crypto/ed25519 crypto/hkdf crypto/hmac crypto/sha256
	crypto/sha3 crypto/sha512 crypto/subtle embed encoding encoding/base32 encoding/base64 encoding/binary encoding/hex encoding/json
	errors fmt hash hash/crc32 io iter maps math math/bits regexp slices sort strconv strings text/template time
	unicode unicode/utf16 unicode/utf8`)

// sealStd is what seal may use besides: it alone draws randomness, and HPKE
// draws some by itself.
var sealStd = words(`crypto/cipher crypto/hpke crypto/mlkem crypto/rand`)

// impure are the names inside packages of pureStd that ask the machine all the
// same.
var impure = map[string][]string{
	"time":           words("Now Since Until After AfterFunc Sleep Tick NewTimer NewTicker Local LoadLocation"),
	"fmt":            words("Print Printf Println Scan Scanf Scanln"),
	"crypto/ed25519": words("GenerateKey"),
}

// keyFunctions read or write private keys: internal/keyring alone may.
var keyFunctions = map[string][]string{
	"crypto/x509":    words("MarshalPKCS8PrivateKey MarshalECPrivateKey MarshalPKCS1PrivateKey ParsePKCS8PrivateKey ParseECPrivateKey ParsePKCS1PrivateKey"),
	"crypto/tls":     words("LoadX509KeyPair X509KeyPair"),
	"crypto/ed25519": words("NewKeyFromSeed"),
}

// badNames say nothing about what is inside.
var badNames = words("util utils common pkg models model misc helper helpers shared types base core lib")

// blankImports are the blank imports outside main packages and tests.
var blankImports = map[string][]string{
	"internal/journal": {"modernc.org/sqlite"}, // the driver registers itself
}

// sleepers are the test functions that may call time.Sleep outside the literal
// body given to synctest.Test, because they run inside such a bubble, where
// Sleep moves the bubble's clock and waits for nothing: one "dir/file_test.go,Func" a line.
var sleepers = words(``)
