package message

// Connect opens a connection to the broker. Client is what the client calls
// itself; the will is posted when the connection breaks off, none when WillTopic
// is empty.
type Connect struct {
	_          struct{} `cbor:",toarray"`
	Client     string
	WillTopic  string
	WillBody   []byte
	WillNumber uint64
}

// Subscribe asks for what is posted to a topic: dev/NAME/state or
// dev/NAME/command.
type Subscribe struct {
	_     struct{} `cbor:",toarray"`
	Topic string
}

// Post sends a message to a topic. Number grows from message to message of one
// topic; Retain keeps it for whoever subscribes later.
type Post struct {
	_      struct{} `cbor:",toarray"`
	Topic  string
	Body   []byte
	Number uint64
	Retain bool
}

// Delivery is a message on its way to a subscriber. How is live, retained or
// will.
type Delivery struct {
	_      struct{} `cbor:",toarray"`
	Topic  string
	Body   []byte
	Number uint64
	How    string
}
