package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

type reader struct{}

func (r *reader) read(depth int) {
	if depth > 0 {
		r.read(depth - 1)
		return
	}
	panic(errors.New("the file is gone"))
}

func recovered() {
	defer func() {
		if err := recover(); err != nil {
			log.Printf("http: panic serving 127.0.0.1:1: %v\n%s", err, debug.Stack())
		}
	}()
	new(reader).read(2)
}

func main() {
	log.Print("starting")
	recovered()
	log.Print("next request")
	switch os.Args[1] {
	case "panic":
		new(reader).read(1)
	case "nil":
		var m *sync.Mutex
		m.Lock()
	case "again":
		defer func() { panic(fmt.Sprint("again: ", recover())) }()
		new(reader).read(0)
	case "deadlock":
		go func() { select {} }()
		time.Sleep(10 * time.Millisecond)
		var group sync.WaitGroup
		group.Add(1)
		group.Wait()
	case "map":
		m := map[int]int{}
		for i := 0; i < 100; i++ {
			go func() {
				for {
					m[1]++
				}
			}()
		}
		time.Sleep(time.Second)
	}
}
