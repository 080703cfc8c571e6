package cpc

// #include <cpc.h>
import "C"

// Error is a call that was not carried out; nothing changed.
type Error struct {
	// Code is the cpc_result.
	Code int
	// Name is the result's name; of refused commands as in JSON: unknown_wallet.
	Name string
	// Field is the member or argument at fault; empty if none is.
	Field string
	// Message says what happened, for people.
	Message string
}

func (e *Error) Error() string { return "cpc: " + e.Message }

// Is compares codes, so that errors.Is(err, cpc.ErrUnknownWallet) does what it says.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Errors to compare with errors.Is.
var (
	ErrClosed              = &Error{Code: C.CPC_ERR_NULL, Name: "closed", Message: "the engine was closed"}
	ErrUnknownValue        = known(C.CPC_ERR_UNKNOWN_VALUE)
	ErrUTF8                = known(C.CPC_ERR_UTF8)
	ErrTimestampOutOfRange = known(C.CPC_ERR_TIMESTAMP_OUT_OF_RANGE)
	ErrClockJump           = known(C.CPC_ERR_CLOCK_JUMP)
	ErrUnknownWallet       = known(C.CPC_ERR_UNKNOWN_WALLET)
	ErrEmptyBatch          = known(C.CPC_ERR_EMPTY_BATCH)
	ErrBatchTooLarge       = known(C.CPC_ERR_BATCH_TOO_LARGE)
	ErrInvalidField        = known(C.CPC_ERR_INVALID_FIELD)
	ErrNotASnapshot        = known(C.CPC_ERR_NOT_A_SNAPSHOT)
	ErrSnapshotTruncated   = known(C.CPC_ERR_SNAPSHOT_TRUNCATED)
	ErrSnapshotDamaged     = known(C.CPC_ERR_SNAPSHOT_DAMAGED)
)

func known(code C.cpc_result) *Error {
	name, message := C.cpc_result_name(C.int32_t(code)), C.cpc_result_message(C.int32_t(code))
	return &Error{Code: int(code), Name: C.GoString(name), Message: C.GoString(message)}
}
