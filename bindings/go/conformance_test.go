package cpc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A row of bindings/conformance, whose README says how answers are compared.
type row struct {
	Reset  bool            `json:"reset"`
	Do     json.RawMessage `json:"do"`
	Expect json.RawMessage `json:"expect"`
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return value
}

// difference is where an answer differs from the one expected; empty if it does not.
func difference(path string, expected, found any) string {
	switch expected := expected.(type) {
	case map[string]any:
		found, ok := found.(map[string]any)
		if !ok {
			return path
		}
		for name := range found {
			if _, ok := expected[name]; !ok && name != "reason" && name != "message" {
				return path + "." + name
			}
		}
		for name, value := range expected {
			if _, ok := found[name]; !ok {
				return path + "." + name
			}
			if where := difference(path+"."+name, value, found[name]); where != "" {
				return where
			}
		}
	case []any:
		found, ok := found.([]any)
		if !ok || len(found) != len(expected) {
			return path
		}
		for i := range expected {
			if where := difference(fmt.Sprintf("%s[%d]", path, i), expected[i], found[i]); where != "" {
				return where
			}
		}
	default:
		if expected != found {
			return path
		}
	}
	return ""
}

func TestEveryVectorIsAnsweredAsExpected(t *testing.T) {
	files, _ := filepath.Glob("../conformance/*.jsonl")
	cases := 0
	for _, file := range files {
		cases += runVectors(t, file)
	}
	if cases < 500 {
		t.Fatalf("only %d vectors", cases)
	}
}

func runVectors(t *testing.T, name string) int {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	engine, cases := newTestEngine(t), 0
	for number := 1; lines.Scan(); number++ {
		var row row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s:%d: %v", name, number, err)
		}
		if row.Reset {
			engine.Close()
			engine = newTestEngine(t)
		}
		if row.Do == nil {
			continue
		}
		cases++
		answer, err := engine.ExecuteJSON(row.Do)
		if err != nil {
			t.Fatalf("%s:%d: %v", name, number, err)
		}
		if where := difference("$", decoded(t, row.Expect), decoded(t, answer)); where != "" {
			t.Errorf("%s:%d differs at %s: %s", name, number, where, answer)
		}
	}
	engine.Close()
	return cases
}

func TestNotificationsOfWhatsAppLeadToCommands(t *testing.T) {
	text, err := os.ReadFile("../conformance/whatsapp.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		At    int64
		Given []json.RawMessage
		Cases []struct {
			Name                        string
			Given                       []json.RawMessage
			Notification, Event, Events json.RawMessage
			Invalid                     bool
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 30 {
		t.Fatalf("only %d cases", len(file.Cases))
	}
	for _, test := range file.Cases {
		engine := newTestEngine(t)
		for _, line := range append(append([]json.RawMessage{}, file.Given...), test.Given...) {
			if _, err := engine.Execute(line); err != nil {
				t.Fatalf("%s: %v", test.Name, err)
			}
		}
		found, err := whatsappAnswers(engine, test.Notification, test.Event, file.At)
		switch {
		case test.Invalid && !errors.Is(err, ErrInvalidField):
			t.Errorf("%s: %v", test.Name, err)
		case !test.Invalid && err != nil:
			t.Errorf("%s: %v", test.Name, err)
		case !test.Invalid:
			if where := difference("$", decoded(t, test.Events), decoded(t, found)); where != "" {
				t.Errorf("%s differs at %s: %s", test.Name, where, found)
			}
		}
		engine.Close()
	}
}

// whatsappAnswers is what each event led to, as the file has it; the commands are carried out.
func whatsappAnswers(engine *Engine, notification, event []byte, at int64) ([]byte, error) {
	events := [][]byte{event}
	if event == nil {
		var err error
		if events, err = WhatsappEvents(notification); err != nil {
			return nil, err
		}
	}
	answers := []any{}
	for _, event := range events {
		lines, ignored, err := engine.WhatsappCommands(event, at)
		if err != nil {
			return nil, err
		}
		if ignored != "" {
			answers = append(answers, map[string]string{"ignored": ignored})
			continue
		}
		commands := []json.RawMessage{}
		for _, line := range lines {
			if _, err := engine.Execute(line); err != nil {
				return nil, err
			}
			commands = append(commands, line)
		}
		answers = append(answers, map[string]any{"commands": commands})
	}
	return json.Marshal(answers)
}

func TestTheComparisonSeesWhatDiffers(t *testing.T) {
	expected := decoded(t, []byte(`{"a":[1]}`))
	if where := difference("$", expected, decoded(t, []byte(`{"a":[1],"reason":"x"}`))); where != "" {
		t.Error(where)
	}
	for _, other := range []string{`{"a":[2]}`, `{"a":[]}`, `{"a":["1"]}`, `{"a":[1],"b":1}`, `{}`, `[]`} {
		if difference("$", expected, decoded(t, []byte(other))) == "" {
			t.Error(other)
		}
	}
}
