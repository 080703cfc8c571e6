// The massivocpc endpoint in net/http.
//
//	go run ./examples/server -token secret
//
// It listens on this machine alone, and forgets everything when it ends.
package main

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"cpc"
)

const longestBody = 8 << 20

type endpoint struct {
	engine *cpc.Engine
	token  string
}

func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		fail(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if subtle.ConstantTimeCompare([]byte(given), []byte(e.token)) != 1 {
		fail(w, http.StatusUnauthorized, "missing or invalid token")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "the body is too long, or did not arrive")
		return
	}
	status, answer, err := e.engine.Massivocpc(body, time.Now().UnixMilli(), cpc.Full)
	if err != nil {
		fail(w, http.StatusInternalServerError, "internal error")
		return
	}
	write(w, status, answer)
}

func fail(w http.ResponseWriter, status int, reason string) {
	errors := []map[string]string{{"reason": reason}}
	body, _ := json.Marshal(map[string]any{"status": "error", "message": reason, "processed": 0, "errors": errors})
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func main() {
	port := flag.Int("port", 8080, "where to listen; 0 for any")
	token := flag.String("token", "", "the bearer token")
	limit := flag.Duration("for", 0, "end after this time; 0 for never")
	flag.Parse()
	if *token == "" {
		log.Fatal("-token is missing")
	}
	engine, err := cpc.New(cpc.Portuguese)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	wallet := fmt.Sprintf(`{"op":"wallet","at":%d,"tag":"emp1","senders":[{"id":"5514990000001"}]}`, time.Now().UnixMilli())
	if _, err := engine.Execute([]byte(wallet)); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	mux := http.NewServeMux()
	mux.Handle("/api/messages/massivocpc", endpoint{engine, *token})
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	if *limit > 0 {
		time.AfterFunc(*limit, func() { _ = server.Close() })
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
