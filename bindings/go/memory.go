package cpc

// #include <cpc.h>
// #include <stdlib.h>
// #include <string.h>
import "C"

import "unsafe"

// cgo forbids passing C a pointer to Go memory that holds Go pointers, so structs that contain texts are copied, with the
// texts, to C memory: one allocation for each call.
type arena struct {
	start unsafe.Pointer
	used  uintptr
}

func newArena(size int) *arena {
	// malloc(0) may return NULL.
	start := C.malloc(C.size_t(size) + 1)
	if start == nil {
		panic("cpc: out of memory")
	}
	return &arena{start: start}
}

func (a *arena) free() { C.free(a.start) }

func (a *arena) take(size uintptr) unsafe.Pointer {
	place := unsafe.Add(a.start, a.used)
	a.used += size
	return place
}

func (a *arena) text(text string) C.cpc_text {
	if text == "" {
		return C.cpc_text{}
	}
	place := a.take(uintptr(len(text)))
	copy(unsafe.Slice((*byte)(place), len(text)), text)
	return C.cpc_text{data: (*C.char)(place), length: C.size_t(len(text))}
}

// size is the number of bytes that a batch and its texts need.
func (b *Batch) size() int {
	size := C.sizeof_cpc_batch + len(b.Messages)*C.sizeof_cpc_message
	size += len(b.Campaign) + len(b.IDAccount) + len(b.Tag)
	for i := range b.Messages {
		m := &b.Messages[i]
		// generated: sizes of messages
		size += len(m.Phone)
		size += len(m.ClientID)
		size += len(m.Contract)
		size += len(m.SpecialistCode)
		size += len(m.MainTemplate)
		size += len(m.RetryTemplate)
		size += len(m.LastTemplate)
		// end
	}
	return size
}

// batch writes a batch. Structs come first, so that they are aligned.
func (a *arena) batch(batch Batch) *C.cpc_batch {
	raw := (*C.cpc_batch)(a.take(C.sizeof_cpc_batch))
	count := len(batch.Messages)
	first := (*C.cpc_message)(a.take(uintptr(count) * C.sizeof_cpc_message))
	*raw = C.cpc_batch{
		struct_size: C.sizeof_cpc_batch,
		campaign:    a.text(batch.Campaign),
		id_account:  a.text(batch.IDAccount),
		tag:         a.text(batch.Tag),
		messages:    first,
		count:       C.size_t(count),
	}
	if batch.Atomic {
		raw.flags = C.CPC_BATCH_ATOMIC
	}
	messages := unsafe.Slice(first, count)
	for i := range messages {
		messages[i] = a.message(&batch.Messages[i])
	}
	return raw
}

func (a *arena) message(message *Message) C.cpc_message {
	raw := C.cpc_message{struct_size: C.sizeof_cpc_message}
	// generated: texts of messages
	raw.phone = a.text(message.Phone)
	raw.client_id = a.text(message.ClientID)
	raw.contract = a.text(message.Contract)
	raw.specialist_code = a.text(message.SpecialistCode)
	raw.main_template = a.text(message.MainTemplate)
	raw.retry_template = a.text(message.RetryTemplate)
	raw.last_template = a.text(message.LastTemplate)
	// end
	if message.CloseTicket {
		raw.flags |= C.CPC_MESSAGE_CLOSE_TICKET
	}
	if message.IDMessage != nil {
		raw.flags |= C.CPC_MESSAGE_HAS_ID
		raw.id_message = C.uint64_t(*message.IDMessage)
	}
	return raw
}

// bytesText passes Go bytes, which hold no pointers, without a copy; the caller keeps them alive during the call.
func bytesText(bytes []byte) C.cpc_text {
	if len(bytes) == 0 {
		return C.cpc_text{}
	}
	return C.cpc_text{data: (*C.char)(unsafe.Pointer(&bytes[0])), length: C.size_t(len(bytes))}
}

func textString(text C.cpc_text) string {
	return C.GoStringN(text.data, C.int(text.length))
}

// small is a member for which zero is a value of its own.
func small(raw *C.cpc_outcome, flag C.uint32_t, value C.uint32_t) *int {
	if raw.present&flag == 0 {
		return nil
	}
	number := int(value)
	return &number
}
