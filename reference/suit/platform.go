package suit

// Platform is the outside world of a processor. Conditions ask it and change
// nothing; what a procedure writes reaches it in one [Platform.Commit] after all
// of the procedure succeeded.
type Platform interface {
	// Components lists what the device can update, dependency manifests included.
	Components() []ComponentID
	// Identified tells whether a component answers to an identifier. The kind is
	// ParamVendor, ParamClass or ParamDevice; id is a UUID, or for a vendor the
	// encoded tag 112.
	Identified(kind ParameterKey, component ComponentID, id []byte) bool
	// InSlot tells whether the component is in the slot with this number.
	InSlot(component ComponentID, slot uint64) bool
	// Read gives the component's bytes; false when there is nothing.
	Read(component ComponentID) ([]byte, bool)
	// Fetch gets a payload of at most limit bytes.
	Fetch(uri string, args []byte, limit int) ([]byte, error)
	// Commit makes all changes, or fails and makes none. A device that can lose power
	// inside must be able to do it again.
	Commit(changes []Change) error
	// Invoke runs the bytes that the component held when it was judged.
	Invoke(component ComponentID, image, args []byte) error
}

// Change is one component's new content.
type Change struct {
	Component ComponentID
	Data      []byte
	Removed   bool // unlinked: the component is to be empty
}

// Updates is what a platform offers besides when it understands the conditions of
// draft-ietf-suit-update-management; without it each of them fails.
type Updates interface {
	Now() uint64     // seconds since 1970
	Battery() uint64 // percent
	Authorised(component ComponentID, priority int64) bool
	Version(component ComponentID) []int64
	Wait(component ComponentID, info []byte) error
}

// Rights is an access control list (section 9): which signer may do what to which
// component with which parameters. Nil lets every trusted key do everything.
type Rights interface {
	May(signer string, component ComponentID, command Code, params []Parameter) bool
}
