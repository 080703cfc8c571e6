package cpc

// #cgo pkg-config: cpc
// #include <cpc.h>
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// Engine is one tenant's rules and state. It is safe for concurrent use: a mutex serialises calls. Close frees it; an
// engine that is not closed is freed by its finaliser.
type Engine struct {
	turn   sync.Mutex
	handle *C.cpc_engine
	// The output buffer of calls, reused to save allocations.
	buffer   C.cpc_buffer
	outcomes []C.cpc_outcome
}

// New makes an empty engine with the default policy.
func New(language Language) (*Engine, error) {
	var handle *C.cpc_engine
	if result := C.cpc_engine_new(C.int32_t(language), &handle); result != C.CPC_OK {
		return nil, known(result)
	}
	return adopt(handle), nil
}

// Restore makes an engine that behaves exactly as the one that the snapshot was taken of.
func Restore(snapshot []byte, language Language) (*Engine, error) {
	var handle *C.cpc_engine
	result := C.cpc_engine_restore(bytesText(snapshot), C.int32_t(language), &handle)
	runtime.KeepAlive(snapshot)
	if result != C.CPC_OK {
		return nil, known(result)
	}
	return adopt(handle), nil
}

func adopt(handle *C.cpc_engine) *Engine {
	engine := &Engine{handle: handle}
	runtime.SetFinalizer(engine, func(e *Engine) { _ = e.Close() })
	return engine
}

// Close frees the engine. Further calls of Close do nothing. It never fails.
func (e *Engine) Close() error {
	e.turn.Lock()
	defer e.turn.Unlock()
	C.cpc_buffer_free(&e.buffer)
	C.cpc_engine_free(e.handle)
	e.handle, e.outcomes = nil, nil
	runtime.SetFinalizer(e, nil)
	return nil
}

// Massivocpc answers the body of a request POST /api/messages/massivocpc with an HTTP status and a body. A body that is
// wrong in any way has a response that says so, and no error.
func (e *Engine) Massivocpc(body []byte, at int64, profile Profile) (int, []byte, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	var status C.uint16_t
	result := C.cpc_engine_massivocpc(
		e.handle, bytesText(body), C.int64_t(at), C.int32_t(profile), &e.buffer, &status)
	runtime.KeepAlive(body)
	response, err := e.bytes(result)
	return int(status), response, err
}

// Execute carries out one command line, a JSON object, and returns its answer, one as well. A line that is not carried out
// is an *Error.
func (e *Engine) Execute(line []byte) ([]byte, error) {
	answer, err := e.ExecuteJSON(line)
	if err != nil {
		return nil, err
	}
	if err := refused(answer); err != nil {
		return nil, err
	}
	return answer, nil
}

// ExecuteJSON does the same, but a line that is not carried out is answered {"error":…}, and no error.
func (e *Engine) ExecuteJSON(line []byte) ([]byte, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	result := C.cpc_engine_execute(e.handle, bytesText(line), &e.buffer)
	runtime.KeepAlive(line)
	return e.bytes(result)
}

// Dispatch decides a batch: one outcome a message, in order.
func (e *Engine) Dispatch(at int64, batch Batch) ([]Outcome, error) {
	return e.decide(at, batch, func(given *C.cpc_batch, places *C.cpc_outcome, room C.size_t) C.cpc_result {
		return C.cpc_engine_dispatch(e.handle, C.int64_t(at), given, places, room, nil)
	})
}

// Preview says what Dispatch would, and changes nothing.
func (e *Engine) Preview(at int64, batch Batch) ([]Outcome, error) {
	return e.decide(at, batch, func(given *C.cpc_batch, places *C.cpc_outcome, room C.size_t) C.cpc_result {
		return C.cpc_engine_preview(e.handle, C.int64_t(at), given, places, room)
	})
}

func (e *Engine) decide(
	at int64, batch Batch, act func(*C.cpc_batch, *C.cpc_outcome, C.size_t) C.cpc_result,
) ([]Outcome, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	given := newArena(batch.size())
	defer given.free()
	count := len(batch.Messages)
	result := act(given.batch(batch), e.places(count), C.size_t(count))
	return e.found(result, count)
}

// Reply records a message that came in from a contact.
func (e *Engine) Reply(at int64, reply Reply) (Outcome, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	given := newArena(len(reply.Phone))
	defer given.free()
	raw := C.cpc_reply{struct_size: C.sizeof_cpc_reply, phone: given.text(reply.Phone)}
	if reply.OptOut {
		raw.flags |= C.CPC_REPLY_OPT_OUT
	}
	if reply.ReceivedAt != nil {
		raw.flags |= C.CPC_REPLY_HAS_RECEIVED_AT
		raw.received_at = C.int64_t(*reply.ReceivedAt)
	}
	return e.one(C.cpc_engine_reply(e.handle, C.int64_t(at), &raw, e.places(1), nil))
}

// Report records what became of a dispatch.
func (e *Engine) Report(at int64, report Report) (Outcome, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	given := newArena(len(report.Sender))
	defer given.free()
	raw := C.cpc_report{
		struct_size: C.sizeof_cpc_report,
		delivery:    C.int32_t(report.Delivery),
		fault:       C.int32_t(report.Fault),
		dispatch:    C.uint64_t(report.Dispatch),
		sender:      given.text(report.Sender),
	}
	return e.one(C.cpc_engine_report(e.handle, C.int64_t(at), &raw, e.places(1), nil))
}

// FollowUps sends follow-ups that are due, at most limit.
func (e *Engine) FollowUps(at int64, limit int) ([]Outcome, error) {
	return e.list(limit, func(places *C.cpc_outcome, count *C.size_t) C.cpc_result {
		return C.cpc_engine_follow_ups(e.handle, C.int64_t(at), places, C.size_t(limit), count, nil)
	})
}

// Expire lists cycles that ended unanswered since it was last asked, at most limit.
func (e *Engine) Expire(at int64, limit int) ([]Outcome, error) {
	return e.list(limit, func(places *C.cpc_outcome, count *C.size_t) C.cpc_result {
		return C.cpc_engine_expire(e.handle, C.int64_t(at), places, C.size_t(limit), count, nil)
	})
}

func (e *Engine) list(limit int, act func(*C.cpc_outcome, *C.size_t) C.cpc_result) ([]Outcome, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	if limit < 0 {
		return nil, fmt.Errorf("cpc: limit is below zero: %w", ErrUnknownValue)
	}
	var count C.size_t
	result := act(e.places(limit), &count)
	return e.found(result, int(count))
}

// NextDeadline says when to call FollowUps and Expire next; false if there is nothing to come.
func (e *Engine) NextDeadline() (int64, bool, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	var exists C.bool
	var deadline C.int64_t
	err := e.failure(C.cpc_engine_next_deadline(e.handle, &exists, &deadline))
	return int64(deadline), bool(exists), err
}

// Snapshot is the engine's state. The same commands lead to the same bytes, everywhere.
func (e *Engine) Snapshot() ([]byte, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	return e.bytes(C.cpc_engine_snapshot(e.handle, &e.buffer))
}

// Digest is what the engine is, in 32 hexadecimal digits.
func (e *Engine) Digest() (string, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	var digest C.cpc_digest
	err := e.failure(C.cpc_engine_digest(e.handle, &digest))
	return fmt.Sprintf("%016x%016x", uint64(digest.high), uint64(digest.low)), err
}

// places allocates room for outcomes; the library reads struct_size from the first.
func (e *Engine) places(count int) *C.cpc_outcome {
	if count > len(e.outcomes) || len(e.outcomes) == 0 {
		e.outcomes = make([]C.cpc_outcome, count+1)
	}
	e.outcomes[0].struct_size = C.sizeof_cpc_outcome
	return &e.outcomes[0]
}

func (e *Engine) one(result C.cpc_result) (Outcome, error) {
	outcomes, err := e.found(result, 1)
	if err != nil {
		return Outcome{}, err
	}
	return outcomes[0], nil
}

// found converts the outcomes of a call that succeeded, or returns its error.
func (e *Engine) found(result C.cpc_result, count int) ([]Outcome, error) {
	if err := e.failure(result); err != nil {
		return nil, err
	}
	senders := map[C.uint32_t]string{}
	outcomes := make([]Outcome, count)
	for i := range outcomes {
		raw := &e.outcomes[i]
		outcomes[i] = outcomeOf(raw)
		if raw.present&C.CPC_HAS_SENDER != 0 {
			id, known := senders[raw.sender]
			if !known {
				C.cpc_engine_sender_id(e.handle, raw.sender, &e.buffer)
				id = string(e.written())
				senders[raw.sender] = id
			}
			outcomes[i].Sender = id
		}
	}
	return outcomes, nil
}

func (e *Engine) bytes(result C.cpc_result) ([]byte, error) {
	if err := e.failure(result); err != nil {
		return nil, err
	}
	return e.written(), nil
}

// written copies the bytes that a call wrote. C.GoBytes takes an int32 length, and snapshots may be larger than 2 GiB.
func (e *Engine) written() []byte {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(e.buffer.data)), int(e.buffer.length))
	return append([]byte{}, bytes...)
}

// failure is the error of a call on this engine, nil if it succeeded.
func (e *Engine) failure(result C.cpc_result) error {
	if result == C.CPC_OK {
		return nil
	}
	if e.handle == nil {
		return ErrClosed
	}
	err := known(result)
	var field C.cpc_text
	if C.cpc_engine_error(e.handle, &field, &e.buffer) == result {
		err.Field, err.Message = textString(field), string(e.written())
	}
	return err
}
