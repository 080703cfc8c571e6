package cpc

// #include <cpc.h>
import "C"

// Status is the answer to one item. The refusals of a dispatch (10 to 90) are in order of precedence.
type Status int32

// The statuses. Numbers never change their meaning.
const (
	Accepted            Status = C.CPC_STATUS_ACCEPTED
	InvalidPhone        Status = C.CPC_STATUS_INVALID_PHONE
	InvalidField        Status = C.CPC_STATUS_INVALID_FIELD
	CloseTicketRequired Status = C.CPC_STATUS_CLOSE_TICKET_REQUIRED
	EmptyTemplate       Status = C.CPC_STATUS_EMPTY_TEMPLATE
	OptedOut            Status = C.CPC_STATUS_OPTED_OUT
	Undeliverable       Status = C.CPC_STATUS_UNDELIVERABLE
	DuplicateInBatch    Status = C.CPC_STATUS_DUPLICATE_IN_BATCH
	AlreadyAccepted     Status = C.CPC_STATUS_ALREADY_ACCEPTED
	ContactBlocked      Status = C.CPC_STATUS_CONTACT_BLOCKED
	OutOfHours          Status = C.CPC_STATUS_OUT_OF_HOURS
	UnknownOperator     Status = C.CPC_STATUS_UNKNOWN_OPERATOR
	NoSenderAvailable   Status = C.CPC_STATUS_NO_SENDER_AVAILABLE
	ContactsFull        Status = C.CPC_STATUS_CONTACTS_FULL
	NotAttempted        Status = C.CPC_STATUS_NOT_ATTEMPTED
	Applied             Status = C.CPC_STATUS_APPLIED
	Unchanged           Status = C.CPC_STATUS_UNCHANGED
	Replied             Status = C.CPC_STATUS_REPLIED
	StaleReply          Status = C.CPC_STATUS_STALE_REPLY
	Moved               Status = C.CPC_STATUS_MOVED
	Released            Status = C.CPC_STATUS_RELEASED
	Kept                Status = C.CPC_STATUS_KEPT
	StaleReport         Status = C.CPC_STATUS_STALE_REPORT
	UnknownDispatch     Status = C.CPC_STATUS_UNKNOWN_DISPATCH
	Allowed             Status = C.CPC_STATUS_ALLOWED
	ManualStartDenied   Status = C.CPC_STATUS_MANUAL_START_DENIED
	Expired             Status = C.CPC_STATUS_EXPIRED
)

// String is the name as it is written in JSON; empty for a number that is no status.
func (s Status) String() string {
	name := C.cpc_status_name(C.int32_t(s))
	if name == nil {
		return ""
	}
	return C.GoString(name)
}

// Text says what it means to people; empty for a number that is no status.
func (s Status) Text(language Language) string {
	text := C.cpc_status_message(C.int32_t(s), C.int32_t(language))
	if text == nil {
		return ""
	}
	return C.GoString(text)
}

// Language is a language of texts for people.
type Language int32

// The languages.
const (
	Portuguese Language = C.CPC_LANGUAGE_PT_BR
	English    Language = C.CPC_LANGUAGE_EN
)

// Profile is how much the response to a massivocpc request says.
type Profile int32

// The profiles: all of it, or only what the document has.
const (
	Full Profile = C.CPC_PROFILE_FULL
	Spec Profile = C.CPC_PROFILE_SPEC
)

// Delivery is what became of a dispatch.
type Delivery int32

// The deliveries.
const (
	Sent      Delivery = C.CPC_DELIVERY_SENT
	Delivered Delivery = C.CPC_DELIVERY_DELIVERED
	Read      Delivery = C.CPC_DELIVERY_READ
	Failed    Delivery = C.CPC_DELIVERY_FAILED
)

// Fault is whose fault a failed delivery is.
type Fault int32

// The faults. NoFault is for what did not fail.
const (
	NoFault        Fault = C.CPC_FAULT_NONE
	FaultContact   Fault = C.CPC_FAULT_CONTACT
	FaultSender    Fault = C.CPC_FAULT_SENDER
	FaultRequest   Fault = C.CPC_FAULT_REQUEST
	FaultAmbiguous Fault = C.CPC_FAULT_AMBIGUOUS
)

// Message is one message of a batch. An empty text is the same as an absent one.
type Message struct {
	Phone          string
	IDMessage      *uint64 // its own number, which makes posting it again harmless
	ClientID       string
	Contract       string
	CloseTicket    bool // must be true
	SpecialistCode string
	MainTemplate   string
	RetryTemplate  string
	LastTemplate   string
}

// Batch is messages that are decided in order, each seeing the ones before it.
type Batch struct {
	Campaign  string
	IDAccount string
	Tag       string
	Messages  []Message
	Atomic    bool // all are accepted or none
}

// Outcome is what became of one item. Numbers, instants and texts that its status does not have are zero; where zero is a
// value of its own there is a pointer.
type Outcome struct {
	Status       Status
	Stage        *int
	FirstIndex   *int
	Sender       string
	Phone        uint64
	Dispatch     uint64
	Origin       uint64
	To           uint64
	SendAt       int64
	BlockedUntil int64
	RetryAt      int64
	ExpiredAt    int64
	Field        string
	// WarnsEmptyTemplate is set on accepted messages whose main template is blank.
	WarnsEmptyTemplate bool
}

// Reply is a message that came in from a contact.
type Reply struct {
	Phone      string
	ReceivedAt *int64 // the call's time if nil
	OptOut     bool
}

// Report is what became of a dispatch.
type Report struct {
	Dispatch uint64
	Delivery Delivery
	Fault    Fault
	Sender   string // empty if unknown
}
