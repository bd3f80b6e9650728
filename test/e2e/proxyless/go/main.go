// A proxyless gRPC client in Go: it calls a target again and again, and writes one line of JSON for each call.
//
// usage: client TARGET CALLS_PER_SECOND
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	_ "google.golang.org/grpc/xds"
)

// raw hands bytes on as they are: the answer is text, not a message.
type raw struct{}

func (raw) Name() string                    { return "raw" }
func (raw) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (raw) Unmarshal(b []byte, v any) error { *v.(*[]byte) = append([]byte(nil), b...); return nil }

type line struct {
	Answer string `json:"answer,omitempty"`
	Code   uint32 `json:"code,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	rate, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	var mutex sync.Mutex
	write := func(l line) {
		bytes, _ := json.Marshal(l)
		mutex.Lock()
		defer mutex.Unlock()
		fmt.Println(string(bytes))
	}
	places := make(chan struct{}, 32)
	for range time.Tick(time.Second / time.Duration(rate)) {
		places <- struct{}{}
		go func() {
			defer func() { <-places }()
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			var request, reply []byte
			if err := conn.Invoke(ctx, "/xcp.test.Colours/Get", &request, &reply, grpc.ForceCodec(raw{})); err != nil {
				write(line{Code: uint32(status.Code(err)), Error: status.Convert(err).Message()})
			} else {
				write(line{Answer: string(reply)})
			}
		}()
	}
}
