// Package robottest is the group robots of WeCom, DingTalk and Lark as their public
// documentation describes them, on a local address: what they ask of a message, how
// they sign, how many they take, and how they say no, which is with HTTP 200. It
// shares no code with what it tries.
package robottest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// Robot is one robot of a service.
type Robot struct {
	*httptest.Server
	service string
	token   string
	secret  string

	mu     sync.Mutex
	now    func() time.Time
	sent   []time.Time // what was taken, for the limit a minute
	banned time.Time   // DingTalk takes nothing before
	texts  []string
	asked  int
	code   int  // answered to each; 0: as the service would
	cut    bool // takes the next message and breaks the connection
	free   bool // it takes as many as come
	step   func()
}

// New is a robot of wecom, dingtalk or lark. secret: it wants signatures; now is its
// clock.
func New(t testing.TB, service, secret string, now func() time.Time) *Robot {
	r := Serve(service, secret, now)
	t.Cleanup(r.Close)
	return r
}

// Serve is New where there is no test to end with; the caller closes it.
func Serve(service, secret string, now func() time.Time) *Robot {
	r := &Robot{service: service, token: "0f3bd5aa-5ec2-4c1e-97b1-2b0c1a9d77e4", secret: secret, now: now}
	r.Server = httptest.NewServer(r)
	return r
}

// Address is what the service shows as the robot's: the first line of its file.
func (r *Robot) Address() string {
	switch r.service {
	case "wecom":
		return r.URL + "/cgi-bin/webhook/send?key=" + r.token
	case "dingtalk":
		return r.URL + "/robot/send?access_token=" + r.token
	}
	return r.URL + "/open-apis/bot/v2/hook/" + r.token
}

// Token is the secret part of it.
func (r *Robot) Token() string { return r.token }

// File is what stands in the channel's file.
func (r *Robot) File() string {
	if r.secret == "" {
		return r.Address() + "\n"
	}
	return r.Address() + "\n" + r.secret + "\n"
}

// Texts are what the group reads.
func (r *Robot) Texts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.texts...)
}

// Asked is how many requests came.
func (r *Robot) Asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// Answers makes it say that code to everybody from now on; 0: as it would.
func (r *Robot) Answers(code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.code = code
}

// BreaksOff makes it take the next message and break the connection before it says so.
func (r *Robot) BreaksOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
}

// TakesAll lifts the limit a minute: for trials of something else than pace.
func (r *Robot) TakesAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = true
}

// Steps has f called when a message has come, and again when it is taken and that is
// not said yet; nil: nobody hears of it.
func (r *Robot) Steps(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step = f
}

// words are those that the documentation has for a code.
var words = map[string]map[int]string{
	"wecom": {
		0: "ok", -1: "system busy", 45009: "api freq out of limit", 93000: "invalid webhook url", 40058: "invalid Request Parameter",
		45002: "content size out of limit", 40008: "invalid message type", 44004: "empty content", 40001: "invalid credential",
	},
	"dingtalk": {
		0: "ok", -1: "\u7cfb\u7edf\u7e41\u5fd9", 130101: "send too fast, exceed 20 times per minute", 310000: "sign not match", 300001: "token is not exist",
		400105: "msgtype is not supported", 460101: "message too long", 40035: "missing parameter json",
	},
	"lark": {
		0: "success", 9499: "too many request", 19021: "sign match fail or timestamp is not within one hour from current time",
		19001: "param invalid: incoming webhook access token invalid", 19002: "params error, msg_type need", -1: "internal error",
		11232: "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]",
	},
}

// most is how many messages a robot takes in a minute, and how long one is.
var most = map[string]struct{ aMinute, bytes int }{"wecom": {20, 2048}, "dingtalk": {20, 20000}, "lark": {100, 20 << 10}}

// ServeHTTP is the robot.
func (r *Robot) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // who asked went away
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.step != nil {
		r.step()
	}
	code, text := r.take(req, body)
	if r.code != 0 {
		code = r.code
	}
	if code == 0 {
		r.sent = append(r.sent, r.now())
		r.texts = append(r.texts, text)
	}
	if r.step != nil {
		r.step()
	}
	if r.cut {
		r.cut = false
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	said := words[r.service][code]
	if r.service == "lark" {
		if code == 0 {
			fmt.Fprint(w, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`)
			return
		}
		fmt.Fprintf(w, `{"code":%d,"data":{},"msg":%q}`, code, said)
		return
	}
	if r.service == "wecom" && code != 0 { // it repeats what it was asked, and who asked
		said = fmt.Sprintf("%s, hint: [1700000000], from ip: 127.0.0.1, key=%s", said, r.token)
	}
	fmt.Fprintf(w, `{"errcode":%d,"errmsg":%q}`, code, said)
}

// take looks at a message as the service does.
func (r *Robot) take(req *http.Request, body []byte) (code int, text string) {
	var m struct {
		MsgType   string `json:"msgtype"`
		Text      struct{ Content string }
		LarkType  string `json:"msg_type"`
		Content   struct{ Text string }
		Timestamp string
		Sign      string
	}
	if err := json.Unmarshal(body, &m); err != nil || req.Method != http.MethodPost {
		return map[string]int{"wecom": 40058, "dingtalk": 40035, "lark": 19002}[r.service], ""
	}
	if code := r.knows(req, m.Timestamp, m.Sign); code != 0 {
		return code, ""
	}
	text, size := m.Text.Content, len(body)
	switch r.service {
	case "lark":
		if text = m.Content.Text; m.LarkType != "text" {
			return 19002, ""
		}
	case "wecom":
		if size = len(text); m.MsgType != "text" {
			return 40008, ""
		}
	case "dingtalk":
		if m.MsgType != "text" {
			return 400105, ""
		}
	}
	switch {
	case size > most[r.service].bytes:
		return map[string]int{"wecom": 45002, "dingtalk": 460101, "lark": 19002}[r.service], ""
	case text == "" || !utf8.ValidString(text):
		return map[string]int{"wecom": 44004, "dingtalk": 40035, "lark": 19002}[r.service], ""
	}
	return r.pace(), text
}

// knows is the service's code for who is not known to it.
func (r *Robot) knows(req *http.Request, at, signature string) int {
	q := req.URL.Query()
	switch r.service {
	case "wecom":
		if req.URL.Path != "/cgi-bin/webhook/send" || q.Get("key") != r.token {
			return 93000
		}
	case "dingtalk":
		if req.URL.Path != "/robot/send" || q.Get("access_token") != r.token {
			return 300001
		}
		ms, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
		if r.secret != "" && (err != nil || r.far(time.UnixMilli(ms)) || q.Get("sign") != hash(r.secret, q.Get("timestamp")+"\n"+r.secret)) {
			return 310000
		}
	default:
		if req.URL.Path != "/open-apis/bot/v2/hook/"+r.token {
			return 19001
		}
		s, err := strconv.ParseInt(at, 10, 64)
		if r.secret != "" && (err != nil || r.far(time.Unix(s, 0)) || signature != hash(at+"\n"+r.secret, "")) {
			return 19021
		}
	}
	return 0
}

// far tells whether a time is more than an hour off.
func (r *Robot) far(t time.Time) bool { return r.now().Sub(t).Abs() > time.Hour }

func hash(key, said string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(said))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// pace is the service's code for who sends too much.
func (r *Robot) pace() int {
	if r.free {
		return 0
	}
	now, n := r.now(), 0
	for _, at := range r.sent {
		if now.Sub(at) < time.Minute {
			n++
		}
	}
	over := n >= most[r.service].aMinute
	if r.service == "dingtalk" {
		if over && !now.Before(r.banned) {
			r.banned = now.Add(10 * time.Minute)
		}
		over = now.Before(r.banned)
	}
	if over {
		return map[string]int{"wecom": 45009, "dingtalk": 130101, "lark": 9499}[r.service]
	}
	return 0
}
