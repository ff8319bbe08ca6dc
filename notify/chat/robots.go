package chat

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"duban/notify"
	"duban/notify/post"
	"duban/rules/problem"
)

// The names of the services in the configuration.
const (
	WeCom    = "wecom"
	DingTalk = "dingtalk"
	Lark     = "lark"
)

// robots are what the documentation of each service says of its robots.
var robots = map[string]robot{
	// https://developer.work.weixin.qq.com/document/path/91770: a text has at most 2,048
	// bytes; 20 messages a minute.
	WeCom: {
		limit: 2048,
		size:  func(s notify.Short) int { return len(s.Whole()) },
		check: func(a post.Address) error { return query(a, "key") },
		request: func(s notify.Short, a post.Address, _ time.Time) (post.Request, error) {
			return message(a, map[string]any{"msgtype": "text", "text": map[string]any{"content": s.Whole()}})
		},
		judge: judgeWeCom,
	},
	// https://open.dingtalk.com/document/robots/custom-robot-access: a message has at
	// most 20,000 bytes; 20 messages a minute, or ten minutes of none.
	DingTalk: {
		limit: 20_000,
		size:  func(s notify.Short) int { return sizeOf(dingtalk(s)) },
		check: func(a post.Address) error { return query(a, "access_token") },
		request: func(s notify.Short, a post.Address, now time.Time) (post.Request, error) {
			if a.Secret != "" {
				at := strconv.FormatInt(now.UnixMilli(), 10)
				a.URL += "&timestamp=" + at + "&sign=" + url.QueryEscape(sign(a.Secret, at+"\n"+a.Secret))
			}
			return message(a, dingtalk(s))
		},
		judge: judgeDingTalk,
	},
	// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: a request has at
	// most 20 KB; 100 messages a minute, 5 a second.
	Lark: {
		limit: 20 << 10,
		size:  func(s notify.Short) int { return sizeOf(lark(s, strings.Repeat("0", 10), strings.Repeat("0", 44))) },
		check: func(a post.Address) error {
			if !strings.Contains(a.URL, "/bot/") {
				return problem.Errorf("its first line is not the address of a robot, which has /open-apis/bot/ in it")
			}
			return nil
		},
		request: func(s notify.Short, a post.Address, now time.Time) (post.Request, error) {
			at, signature := "", ""
			if a.Secret != "" {
				at = strconv.FormatInt(now.Unix(), 10)
				signature = sign(at+"\n"+a.Secret, "")
			}
			return message(a, lark(s, at, signature))
		},
		judge: judgeLark,
	},
}

func dingtalk(s notify.Short) any {
	return map[string]any{"msgtype": "text", "text": map[string]any{"content": s.Whole()}, "at": map[string]any{"isAtAll": false}}
}

func lark(s notify.Short, at, signature string) any {
	m := map[string]any{"msg_type": "text", "content": map[string]any{"text": s.Whole()}}
	if signature != "" {
		m["timestamp"], m["sign"] = at, signature
	}
	return m
}

// sign is HMAC-SHA256 in base64: DingTalk signs the time and its secret with that
// secret, Lark nothing with both.
func sign(key, words string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(words))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// encoded is JSON as it leaves: without escapes that make text longer than it is.
func encoded(m any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(m)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func sizeOf(m any) int {
	b, err := encoded(m)
	if err != nil {
		return int(^uint(0) >> 1) // it fits nowhere
	}
	return len(b)
}

func message(to post.Address, m any) (post.Request, error) {
	body, err := encoded(m)
	return post.Request{Address: to, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: body}, err
}

// query is an error where an address lacks what the service's addresses have.
func query(a post.Address, key string) error {
	u, err := url.Parse(a.URL)
	if err != nil || u.Query().Get(key) == "" {
		return problem.Errorf("its first line is not the address of a robot, which ends with ?%s=\u2026", key)
	}
	return nil
}

// These say an answer with its code, by which it can be looked up.
func (a answer) ours() error    { return post.Ours("%d %s", a.code, a.words) }
func (a answer) refused() error { return post.Refused("%d %s", a.code, a.words) }
func (a answer) throttled(wait time.Duration) error {
	return post.Throttled(a.Wait(a.now, wait), "%d %s", a.code, a.words)
}
func (a answer) down() error { return &notify.DownError{Err: fmt.Errorf("%d %s", a.code, a.words)} }

// judgeWeCom: https://developer.work.weixin.qq.com/document/path/90313.
func judgeWeCom(a answer) error {
	switch a.code {
	case 45009, 45033, 45011: // so many a minute; so many at a time
		return a.throttled(time.Minute)
	case 93000, 93004, 93008, 40001, 40014, 41001, 42001, 48002, 60020, 301002: // the key; the robot is stopped, or not in the group
		return a.ours()
	case 40008, 40035, 40058, 44004, 45002, 45003, 45008, 47001, 40063: // what was sent
		return a.refused()
	}
	return a.down() // -1: busy; what nobody knows of is tried again
}

// judgeDingTalk: https://open.dingtalk.com/document/orgapp/custom-bot-send-message-type.
func judgeDingTalk(a answer) error {
	switch a.code {
	case 130101, 410100, 90030: // after more than 20 a minute it takes none for ten
		return a.throttled(10 * time.Minute)
	case 310000, 300001, 300005, 400013, 400101, 400102, 400106, 40014, 40078, 88: // sign, keyword, address; the token; the group or robot is gone
		return a.ours()
	case 400105, 40035, 43004, 430101, 430102, 430103, 430104, 460101, 404, 40056: // what was sent
		return a.refused()
	}
	return a.down()
}

// judgeLark: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. 9499
// stands for two things, which its words tell apart.
func judgeLark(a answer) error {
	switch a.code {
	case 9499:
		if strings.Contains(strings.ToLower(a.words), "bad request") {
			return a.refused()
		}
		return a.throttled(time.Minute)
	case 11232, 11233, 230020, 99991400:
		return a.throttled(time.Minute)
	case 19001, 19021, 19022, 19024, 19036: // the token; the signature; the address; the keyword
		return a.ours()
	case 19002, 19003, 19007, 19008, 19009, 230001, 230025, 11246: // what was sent
		return a.refused()
	}
	return a.down()
}
