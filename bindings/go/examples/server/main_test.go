package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cpc"
)

func TestTheEndpointAnswers(t *testing.T) {
	engine, err := cpc.New(cpc.English)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	at := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	wallet := `{"op":"wallet","at":"` + at + `","tag":"emp1","senders":[{"id":"5514990000001"}]}`
	if _, err := engine.Execute([]byte(wallet)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(endpoint{engine, "secret"})
	defer server.Close()
	body := `{"campaign":"c","tag":"emp1","messages":[{"phone":"5511988876204","closeTicket":true,` +
		`"specialistCode":"admin","mainTemplate":"Olá"}]}`
	for _, row := range []struct {
		method, token, body string
		status              int
		says                string
	}{
		{"POST", "secret", body, 200, `"processed":1`},
		{"POST", "secret", body, 422, "contact_blocked"},
		{"POST", "secret", "{", 400, "invalid_json"},
		{"POST", "wrong", body, 401, "token"},
		{"GET", "secret", "", 405, "method"},
		{"POST", "secret", strings.Repeat(" ", longestBody+1), 413, "too long"},
	} {
		request, _ := http.NewRequest(row.method, server.URL, strings.NewReader(row.body))
		request.Header.Set("Authorization", "Bearer "+row.token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != row.status || !strings.Contains(string(answer), row.says) {
			t.Errorf("%d %s, not %d %s", response.StatusCode, answer, row.status, row.says)
		}
	}
}
