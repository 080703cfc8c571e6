package cpc

// #include <cpc.h>
import "C"

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

// Batch is messages that are decided in order, each seeing the ones before it.
type Batch struct {
	Campaign  string
	IDAccount string
	Tag       string
	Messages  []Message
	Atomic    bool // all are accepted or none
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
