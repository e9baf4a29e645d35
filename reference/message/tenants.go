package message

// Permit gives somebody a permission in a tenant (reader, contributor, owner), or
// with no right ends it.
type Permit struct {
	_      struct{} `cbor:",toarray"`
	Tenant string
	To     string
	Right  string
}

// Group says how a device group of a tenant is to be: which feed it takes the
// platform's releases from (retail, retail-eval), which updates it takes (all,
// no-apps), whether it gives crash dumps, which region its data may not leave. What is
// "" stays as it is.
type Group struct {
	_       struct{} `cbor:",toarray"`
	Tenant  string
	Product string
	Name    string
	Feed    string
	Updates string
	Dumps   string // enabled, disabled
	Region  string // none, eu
}

// Deploy gives a release of a tenant to a device group, or to a share of it.
type Deploy struct {
	_       struct{} `cbor:",toarray"`
	Tenant  string
	Release string
	Group   string
	Percent uint32 // of the group's devices, 1 to 100
}

// Recall ends a release of a tenant.
type Recall struct {
	_       struct{} `cbor:",toarray"`
	Tenant  string
	Release string
}

// Erase asks to forget the records of a tenant that are older than so many
// seconds.
type Erase struct {
	_      struct{} `cbor:",toarray"`
	Tenant string
	Older  uint64
}

// Case is what staff open before they help in a tenant: why they do.
type Case struct {
	_      struct{} `cbor:",toarray"`
	Tenant string
	Reason string
}

// Export asks for the reports of a tenant's devices.
type Export struct {
	_      struct{} `cbor:",toarray"`
	Tenant string
}

// Exported answers Export: so many rows, as CSV with a header (RFC 4180).
type Exported struct {
	_    struct{} `cbor:",toarray"`
	Rows uint32
	CSV  []byte
}

// MaxStack bounds the stack in a crash dump, in bytes.
const MaxStack = 1024

// Dump is the state of an application that crashed.
type Dump struct {
	_         struct{} `cbor:",toarray"`
	Device    []byte
	Cause     []byte // 8 bytes naming the cause
	Component string
	Stack     []byte
}
