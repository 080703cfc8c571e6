package cpc

// #include <cpc.h>
import "C"

import "runtime"

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
