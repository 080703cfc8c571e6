package cpc

import (
	"errors"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	nine  = 1_795_435_200_000
	hour  = 3_600_000
	day   = 24 * hour
	phone = "5511988876204"
)

func newTestEngine(t *testing.T) *Engine {
	t.Helper()
	engine, err := New(English)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func withWallet(t *testing.T) *Engine {
	t.Helper()
	engine := newTestEngine(t)
	_, err := engine.Execute([]byte(`{"op":"wallet","at":1795435200000,"tag":"emp1","senders":[{"id":"5514990000001"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func message(phone string) Message {
	return Message{Phone: phone, CloseTicket: true, SpecialistCode: "admin", MainTemplate: "Olá"}
}

func lot(messages ...Message) Batch {
	return Batch{Campaign: "c", Tag: "emp1", Messages: messages}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestAContactIsBlockedUntilItAnswers(t *testing.T) {
	engine := withWallet(t)
	defer engine.Close()
	number := uint64(7)
	first := message(phone)
	first.IDMessage = &number
	outcomes := must[[]Outcome](t)(engine.Dispatch(nine, lot(first, message("551188876204"), message("1"))))
	if o := outcomes[0]; o.Status != Accepted || o.Sender != "5514990000001" || o.To != 5511988876204 ||
		o.BlockedUntil != nine+day || *o.Stage != 0 || o.FirstIndex != nil {
		t.Errorf("%+v", o)
	}
	if o := outcomes[1]; o.Status != DuplicateInBatch || *o.FirstIndex != 0 {
		t.Errorf("%+v", o)
	}
	if s := outcomes[2].Status; s != InvalidPhone || s.String() != "invalid_phone" || s.Text(English) != "Invalid phone number" {
		t.Error(s)
	}
	if deadline, exists, err := engine.NextDeadline(); deadline != nine+day || !exists || err != nil {
		t.Error(deadline, exists, err)
	}
	received := int64(nine + hour)
	answer := must[Outcome](t)(engine.Reply(nine+hour, Reply{Phone: phone, ReceivedAt: &received}))
	if answer.Status != Replied {
		t.Error(answer)
	}
	again := must[[]Outcome](t)(engine.Preview(nine+hour, lot(message(phone))))
	if again[0].Status != Accepted {
		t.Error(again)
	}
}

func TestFollowUpsReportsAndExpiry(t *testing.T) {
	engine := withWallet(t)
	defer engine.Close()
	first := message(phone)
	first.RetryTemplate = "De novo"
	must[[]Outcome](t)(engine.Dispatch(nine, lot(first)))
	sent := must[[]Outcome](t)(engine.FollowUps(nine+day, 10))
	if len(sent) != 1 || *sent[0].Stage != 1 || sent[0].Origin != 1 || sent[0].Phone != 5511988876204 {
		t.Errorf("%+v", sent)
	}
	kept := must[Outcome](t)(engine.Report(nine+day, Report{Dispatch: 2, Delivery: Failed, Fault: FaultAmbiguous}))
	if kept.Status != Kept {
		t.Error(kept)
	}
	ended := must[[]Outcome](t)(engine.Expire(nine+2*day, 10))
	if len(ended) != 1 || ended[0].ExpiredAt != nine+2*day {
		t.Errorf("%+v", ended)
	}
}

func TestASnapshotIsTheEngine(t *testing.T) {
	engine := withWallet(t)
	defer engine.Close()
	snapshot := must[[]byte](t)(engine.Snapshot())
	restored := must[*Engine](t)(Restore(snapshot, English))
	defer restored.Close()
	if must[string](t)(engine.Digest()) != must[string](t)(restored.Digest()) {
		t.Error("another digest")
	}
	if _, err := Restore(snapshot[:len(snapshot)-1], English); !errors.Is(err, ErrSnapshotTruncated) {
		t.Error(err)
	}
	if _, err := Restore(append(snapshot, 0), English); !errors.Is(err, ErrSnapshotTrailingBytes) {
		t.Error(err)
	}
}

func TestFailuresAreErrorsThatNameTheMember(t *testing.T) {
	engine := withWallet(t)
	batch := lot(message(phone))
	batch.Tag = "nobody"
	_, err := engine.Dispatch(nine, batch)
	var failed *Error
	if !errors.Is(err, ErrUnknownWallet) || !errors.As(err, &failed) || failed.Field != "tag" || failed.Name != "unknown_wallet" {
		t.Errorf("%#v", err)
	}
	if _, err := engine.Dispatch(nine, lot()); !errors.Is(err, ErrEmptyBatch) {
		t.Error(err)
	}
	if _, err := engine.Report(nine, Report{Dispatch: 1, Delivery: Read, Fault: FaultContact}); !errors.Is(err, ErrUnknownValue) {
		t.Error(err)
	}
	engine.Close()
	engine.Close()
	if _, err := engine.Digest(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := New(0); !errors.Is(err, ErrUnknownValue) {
		t.Error(err)
	}
}

func TestARefusedLineIsAnErrorUnlessItIsAskedForAsJSON(t *testing.T) {
	engine := withWallet(t)
	defer engine.Close()
	for _, row := range []struct {
		line        string
		is          error
		name, field string
	}{
		{`{"op":"wallet","at":1795435200000,"tag":"emp2","senders":[{"id":""}]}`, ErrInvalidField, "invalid_field", "senders[0].id"},
		{`{"op":"wallet","at":1795435200000,"tag":"emp2","senders":[{"id":"5514990000001"}]}`, ErrSenderTaken, "sender_taken", "senders[0].id"},
		{`{"op":"reply","at":1795435200000,"phone":{}}`, ErrInvalidField, "invalid_field", "phone"},
		{`{"op":"policy","at":1795435200000,"policy":{"windowMs":0}}`, ErrInvalidPolicy, "invalid_policy", "windowMs"},
		{`{"op":"nothing","at":1795435200000}`, ErrRefused, "unknown_op", "op"},
		{`{`, ErrRefused, "invalid_json", ""},
	} {
		answer, err := engine.Execute([]byte(row.line))
		var failed *Error
		if answer != nil || !errors.Is(err, row.is) || !errors.As(err, &failed) {
			t.Fatalf("%s: %s %v", row.line, answer, err)
		}
		if failed.Name != row.name || failed.Field != row.field || failed.Message == "" {
			t.Errorf("%s: %+v", row.line, failed)
		}
		raw := string(must[[]byte](t)(engine.ExecuteJSON([]byte(row.line))))
		if !strings.HasPrefix(raw, `{"error":"`+row.name+`"`) {
			t.Error(raw)
		}
	}
	answer := must[[]byte](t)(engine.Execute([]byte(`{"op":"stats","at":1795435200000}`)))
	if !strings.Contains(string(answer), `"wallets":1`) {
		t.Error(string(answer))
	}
}

func TestEveryResultOfTheHeaderHasAnErrorToCompareWith(t *testing.T) {
	there := []*Error{
		ErrClosed, ErrUnknownValue, ErrUTF8, ErrTooLarge, ErrPoisoned, ErrPanic, ErrTimestampOutOfRange, ErrClockJump,
		ErrUnknownWallet, ErrUnknownSender, ErrSenderTaken, ErrEmptyBatch, ErrBatchTooLarge, ErrInvalidField,
		ErrInvalidPhone, ErrInvalidPolicy, ErrTooMany, ErrRefused, ErrNotASnapshot, ErrSnapshotVersion,
		ErrSnapshotTruncated, ErrSnapshotDamaged, ErrSnapshotTrailingBytes,
	}
	codes := map[string]string{}
	for _, err := range there {
		codes[strconv.Itoa(err.Code)] = err.Name
	}
	header := string(must[[]byte](t)(os.ReadFile("../c/include/cpc.h")))
	results := regexp.MustCompile(`CPC_ERR_(\w+) = (-\d+),`).FindAllStringSubmatch(header, -1)
	for _, result := range results {
		name, known := strings.ToLower(result[1]), codes[result[2]]
		switch name {
		case "null":
			name = "closed"
		case "alignment", "struct_size", "capacity", "busy":
			// This package passes valid arguments and serialises calls, so these results cannot occur.
			name = ""
		}
		if known != name {
			t.Errorf("%s: %q", result[0], known)
		}
	}
	if len(results) != len(there)+4 {
		t.Errorf("%d results in the header", len(results))
	}
}

func TestOptOutsAndErrorCodesOfWhatsApp(t *testing.T) {
	for message, expected := range map[string]bool{"PÁRAR!": true, "stop": true, "não parar": false, "": false, "\xff": false} {
		if IsOptOut(message) != expected {
			t.Errorf("%q", message)
		}
	}
	for code, expected := range map[uint32]Fault{
		131026: FaultContact, 131048: FaultSender, 131049: FaultRequest, 131000: FaultAmbiguous, 7: FaultAmbiguous,
	} {
		if found := FaultOfCode(code); found != expected {
			t.Errorf("%d: %d", code, found)
		}
	}
}

func TestErrorCodesSayWhatIsToBeDone(t *testing.T) {
	for code, expected := range map[uint32]Advice{
		130429: {Fault: FaultSender, Sender: SenderHold, HoldMS: 10_000, Retry: RetryBackOff},
		131056: {Fault: FaultRequest, Retry: RetryAfter, RetryAfterMS: 6_000},
		131050: {Fault: FaultRequest, Retry: RetryNever, OptOut: true},
		7:      {Fault: FaultAmbiguous},
	} {
		if found := AdviceOfCode(code); found != expected {
			t.Errorf("%d: %+v", code, found)
		}
	}
}

func TestGoroutinesTakeTurns(t *testing.T) {
	engine := withWallet(t)
	defer engine.Close()
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := 0; i < 200; i++ {
				one := message("55119" + strconv.Itoa(60_000_000+worker*1000+i))
				if outcomes, err := engine.Dispatch(nine, lot(one)); err != nil || outcomes[0].Status != Accepted {
					t.Error(outcomes, err)
				}
			}
		}(worker)
	}
	group.Wait()
}

func TestMassivocpcAnswersWithStatusAndBody(t *testing.T) {
	engine := withWallet(t)
	defer engine.Close()
	status, body, err := engine.Massivocpc([]byte("{"), nine, Full)
	if status != 400 || !strings.Contains(string(body), `"status":"error"`) || err != nil {
		t.Error(status, string(body), err)
	}
}

// An engine that is not closed is freed by its finaliser; the process's memory shows whether it was.
func TestMemoryDoesNotGrowWithUse(t *testing.T) {
	closed := func() {
		engine := withWallet(t)
		must[[]Outcome](t)(engine.Dispatch(nine, lot(message(phone), message("5511988876205"))))
		restored := must[*Engine](t)(Restore(must[[]byte](t)(engine.Snapshot()), English))
		restored.Close()
		engine.Close()
	}
	forgotten := func() { withWallet(t) }
	for _, use := range []func(){closed, forgotten} {
		repeat(300, use)
		before := residentKiB(t)
		repeat(1500, use)
		if grown := residentKiB(t) - before; grown > 8192 {
			t.Errorf("%d KiB more", grown)
		}
	}
}

func repeat(times int, use func()) {
	for i := 0; i < times; i++ {
		use()
		if i%50 == 0 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}
	runtime.GC()
	time.Sleep(20 * time.Millisecond)
}

func residentKiB(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			return must[int](t)(strconv.Atoi(fields[1]))
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
