package cpc

// #include <cpc.h>
import "C"

import (
	"bytes"
	"runtime"
	"unsafe"
)

// SenderAdvice is what happens to a sender whose message failed, beyond the quarantine that a report of its fault leads to.
type SenderAdvice int32

// What may happen to a sender.
const (
	SenderUntouched    SenderAdvice = C.CPC_SENDER_ADVICE_NONE
	SenderHold         SenderAdvice = C.CPC_SENDER_ADVICE_HOLD // it rests for HoldMS
	SenderExistingOnly SenderAdvice = C.CPC_SENDER_ADVICE_EXISTING_ONLY
	SenderDisable      SenderAdvice = C.CPC_SENDER_ADVICE_DISABLE
	SenderDisableGroup SenderAdvice = C.CPC_SENDER_ADVICE_DISABLE_GROUP
)

// Retry is whether and when a message that failed may be tried again.
type Retry int32

// When a message may be tried again.
const (
	RetryAsDecided  Retry = C.CPC_RETRY_AS_DECIDED // as the engine decides
	RetryAfter      Retry = C.CPC_RETRY_AFTER      // not before RetryAfterMS
	RetryBackOff    Retry = C.CPC_RETRY_BACK_OFF
	RetryAsTemplate Retry = C.CPC_RETRY_AS_TEMPLATE
	RetryNever      Retry = C.CPC_RETRY_NEVER
)

// Advice is what to do about an error code of WhatsApp's.
type Advice struct {
	Fault        Fault
	Sender       SenderAdvice
	HoldMS       uint64 // 0 unless Sender is SenderHold
	Retry        Retry
	RetryAfterMS uint64 // 0 unless Retry is RetryAfter
	OptOut       bool   // the contact has opted out by it
}

// IsOptOut tells whether a message of a contact's asks not to be written to any more: the OptOut of its Reply. It does if
// the whole of it is such a word, parar or stop; case, accents, punctuation and symbols do not matter.
func IsOptOut(message string) bool {
	text, answer := []byte(message), C.bool(false)
	// What is not UTF-8 is refused, and is no such word.
	result := C.cpc_is_opt_out(bytesText(text), &answer)
	runtime.KeepAlive(text)
	return result == C.CPC_OK && bool(answer)
}

// FaultOfCode is whose fault an error code of WhatsApp's is, for the Report of a failed delivery: 131026 is FaultContact,
// 131049 is FaultRequest, and a code that is not known is FaultAmbiguous.
func FaultOfCode(code uint32) Fault {
	return Fault(C.cpc_fault_of_code(C.uint32_t(code)))
}

// AdviceOfCode is all that an error code of WhatsApp's means, and what WhatsappCommands does about it.
func AdviceOfCode(code uint32) Advice {
	raw := C.cpc_advice{struct_size: C.sizeof_cpc_advice}
	C.cpc_advice_of_code(C.uint32_t(code), &raw)
	return Advice{
		Fault:        Fault(raw.fault),
		Sender:       SenderAdvice(raw.sender),
		HoldMS:       uint64(raw.hold_ms),
		Retry:        Retry(raw.retry),
		RetryAfterMS: uint64(raw.retry_after_ms),
		OptOut:       raw.flags&C.CPC_ADVICE_OPT_OUT != 0,
	}
}

// WhatsappEvents takes a notification of the WhatsApp Cloud API apart, the body of its webhook, into events for
// WhatsappCommands, each a JSON object. The webhook's signature is for the host to check, before.
func WhatsappEvents(notification []byte) ([][]byte, error) {
	var buffer C.cpc_buffer
	defer C.cpc_buffer_free(&buffer)
	result := C.cpc_whatsapp_events(bytesText(notification), &buffer)
	runtime.KeepAlive(notification)
	if result != C.CPC_OK {
		err := known(result)
		err.Field = "notification"
		return nil, err
	}
	written := unsafe.Slice((*byte)(unsafe.Pointer(buffer.data)), int(buffer.length))
	return lines(append([]byte{}, written...)), nil
}

// WhatsappCommands says which command lines an event of WhatsappEvents leads to as the engine stands, or why it leads to
// none: reaction, status and so on. It changes nothing: carry each out with Execute, all of them as one entry of the log if
// there is one, before the next event is asked about. A host of another gateway makes such events by itself.
func (e *Engine) WhatsappCommands(event []byte, at int64) (commands [][]byte, ignored string, err error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	var why C.cpc_text
	result := C.cpc_engine_whatsapp_commands(e.handle, bytesText(event), C.int64_t(at), &e.buffer, &why)
	runtime.KeepAlive(event)
	written, err := e.bytes(result)
	if err != nil {
		return nil, "", err
	}
	return lines(written), textString(why), nil
}

// lines is each line of a text that ends with one.
func lines(text []byte) [][]byte {
	text = bytes.TrimSuffix(text, []byte("\n"))
	if len(text) == 0 {
		return nil
	}
	return bytes.Split(text, []byte("\n"))
}
