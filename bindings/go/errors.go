package cpc

// #include <cpc.h>
import "C"

import (
	"bytes"
	"encoding/json"
	"runtime"
)

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

// Is compares codes, so that errors.Is(err, cpc.ErrUnknownWallet) works.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Errors to compare with errors.Is. Those of refused commands are in types_gen.go; ErrRefused is any refusal that has
// none of its own: its Name tells which.
var (
	ErrClosed                = &Error{Code: C.CPC_ERR_NULL, Name: "closed", Message: "the engine was closed"}
	ErrUnknownValue          = known(C.CPC_ERR_UNKNOWN_VALUE)
	ErrUTF8                  = known(C.CPC_ERR_UTF8)
	ErrTooLarge              = known(C.CPC_ERR_TOO_LARGE)
	ErrPoisoned              = known(C.CPC_ERR_POISONED)
	ErrPanic                 = known(C.CPC_ERR_PANIC)
	ErrRefused               = known(C.CPC_ERR_REFUSED)
	ErrNotASnapshot          = known(C.CPC_ERR_NOT_A_SNAPSHOT)
	ErrSnapshotVersion       = known(C.CPC_ERR_SNAPSHOT_VERSION)
	ErrSnapshotTruncated     = known(C.CPC_ERR_SNAPSHOT_TRUNCATED)
	ErrSnapshotDamaged       = known(C.CPC_ERR_SNAPSHOT_DAMAGED)
	ErrSnapshotTrailingBytes = known(C.CPC_ERR_SNAPSHOT_TRAILING_BYTES)
)

func known(code C.cpc_result) *Error {
	name, message := C.cpc_result_name(C.int32_t(code)), C.cpc_result_message(C.int32_t(code))
	return &Error{Code: int(code), Name: C.GoString(name), Message: C.GoString(message)}
}

// refused is the error in the answer to a line, nil if there is none.
func refused(answer []byte) error {
	if !bytes.HasPrefix(answer, []byte(`{"error":`)) {
		return nil
	}
	var said struct{ Error, Message, Field string }
	if err := json.Unmarshal(answer, &said); err != nil {
		return err
	}
	name := []byte(said.Error)
	code := C.cpc_result_of_name(bytesText(name))
	runtime.KeepAlive(name)
	return &Error{Code: int(code), Name: said.Error, Field: said.Field, Message: said.Message}
}
