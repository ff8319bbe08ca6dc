package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/renameio/v2"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// hookSecret signs what is posted to a receiver.
const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"

// posted is what a receiver has kept of one post.
type posted struct {
	ID    string
	At    time.Time
	Wrong string // why it cannot be verified; empty: it is
	Body  json.RawMessage
}

// receive is a program of its own, as an office system is: it verifies what is posted
// with the library of Standard Webhooks, keeps it in a file, and only then takes it. It
// kills whom FILE.kill names, itself perhaps, at the step of a post that stands there.
//
//	receiver ADDRESS FILE
func receive() {
	if err := receiveAt(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func receiveAt(address, file string) error {
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		return err
	}
	kept, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // who posted has died
		}
		killAt("come", file)
		p := posted{ID: r.Header.Get(standardwebhooks.HeaderWebhookID), At: time.Now(), Body: body}
		if err := verifier.Verify(body, r.Header); err != nil {
			p.Wrong, p.Body = err.Error(), nil
		}
		line, err := json.Marshal(p)
		if err == nil {
			_, err = kept.Write(append(line, '\n'))
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		killAt("kept", file)
		w.WriteHeader(http.StatusNoContent)
	}))
}

// killAt kills who is to die at that step.
func killAt(step, file string) {
	order, err := os.ReadFile(file + ".kill")
	if err != nil {
		return // nobody is to
	}
	var who int
	var when string
	if _, err := fmt.Sscan(string(order), &who, &when); err != nil || when != step {
		return
	}
	_ = os.Remove(file + ".kill")          // a second post may have come meanwhile
	_ = syscall.Kill(who, syscall.SIGKILL) // it may have ended
}

// dies has a process killed at some step of the post that comes next, and waits for its
// end.
func (r *receiver) dies(cmd *exec.Cmd) {
	r.t.Helper()
	step := []string{"come", "kept"}[rand.IntN(2)]
	if err := renameio.WriteFile(r.file+".kill", fmt.Appendf(nil, "%d %s\n", cmd.Process.Pid, step), 0o600); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed: that is the error
		close(ended)
	}()
	select {
	case <-ended:
		r.atSteps++
	case <-time.After(5 * time.Second): // nothing comes any more
		_ = os.Remove(r.file + ".kill")
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	}
}

// receiver runs receive, as often as it is killed.
type receiver struct {
	t       *testing.T
	address string
	file    string
	cmd     *exec.Cmd
	atSteps int // how many were killed at a step of a post
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, address: fmt.Sprintf("127.0.0.1:%d", freePort(t)), file: t.TempDir() + "/posts"}
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *receiver) start() {
	r.t.Helper()
	r.cmd = exec.Command("receiver", r.address, r.file)
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "the receiver listens", func() bool {
		c, err := net.Dial("tcp", r.address)
		return err == nil && c.Close() == nil
	})
}

func (r *receiver) kill() {
	_ = r.cmd.Process.Kill() // it may have ended
	_ = r.cmd.Wait()         // it was killed: that is the error
}

// config is the webhook's, for a site.
func (r *receiver) config() string {
	return "[[webhook]]\nname = \"oa\"\nurl = \"http://" + r.address + "/hooks\"\nsecret_file = \"oa.secret\"\n"
}

// posts are those that it has kept, in the order in which they came.
func (r *receiver) posts() (out []posted) {
	r.t.Helper()
	data, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var p posted
		if err := json.Unmarshal(line, &p); err != nil {
			if !bytes.HasSuffix(line, []byte("\n")) {
				break // it is being written
			}
			r.t.Fatalf("%v: %s", err, line)
		}
		out = append(out, p)
	}
	return out
}

// told is what a post says, in the words of the test: its type, and the occurrence's id
// or the plan's.
func (p posted) told(t *testing.T) string {
	t.Helper()
	var said struct {
		Type string
		Data struct {
			Occurrence struct{ ID string }
			Plan       string
		}
	}
	if err := json.Unmarshal(p.Body, &said); err != nil {
		t.Fatalf("%v: %s", err, p.Body)
	}
	return said.Type + " " + said.Data.Occurrence.ID + said.Data.Plan
}

// entry is the number of the entry that a post tells of, and the beginning of its hash.
func (p posted) entry(t *testing.T) (seq int64, hash string) {
	t.Helper()
	parts := strings.Split(p.ID, "_")
	if len(parts) < 4 {
		t.Fatalf("no id of a post: %q", p.ID)
	}
	seq, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seq, parts[2]
}

// first are the posts without those that came again, which must say the same of the same.
func first(t *testing.T, all []posted) (out []posted, again int) {
	t.Helper()
	seen := map[string]string{}
	for _, p := range all {
		if p.Wrong != "" {
			t.Errorf("%s cannot be verified: %s", p.ID, p.Wrong)
			continue
		}
		said, known := seen[p.ID]
		if known && said != p.told(t) {
			t.Errorf("%s said %q, and then %q", p.ID, said, p.told(t))
		}
		if known {
			again++
			continue
		}
		seen[p.ID] = p.told(t)
		out = append(out, p)
	}
	return out, again
}
