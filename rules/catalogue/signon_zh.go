package catalogue

// zhSignOn is what is said of single sign-on.
var zhSignOn = map[string]string{
	"Sign in with your unit's account": "用单位统一账号登录",
	"With a password of this page":     "用本系统的密码登录",
	"single sign-on":                   "单点登录",
	"The sign-on service cannot be reached: try again later, or sign in with a password.":                        "统一登录服务暂时无法连接\uff1a请稍后再试\uff0c或用密码登录。",
	"The sign-on service did not let you in, or what it sent cannot be believed: try again.":                     "统一登录服务未允许登录\uff0c或返回的内容无法核实\uff1a请重试。",
	"This sign-in was not begun in this browser, or too long ago: begin again.":                                  "本次登录不是在此浏览器中发起的\uff0c或已超时\uff1a请重新登录。",
	"%s signs in at the sign-on service, which has the password.":                                                "%s通过统一登录服务登录\uff0c密码在那里修改。",
	"say who signs people in: issuer = \"https://sso.zs.example/realms/office\", as the service itself names it": "没有写明由谁登录\uff1a请写 issuer = \"https://sso.zs.example/realms/office\"\uff0c与登录服务自称的地址一致",
	"%q is no address of a sign-on service: write it like \"https://sso.zs.example/realms/office\"":              "%q 不是统一登录服务的地址\uff1a请写成 \"https://sso.zs.example/realms/office\" 的样子",
	"say as whom duban is known to the sign-on service: client_id":                                               "没有写明本系统在统一登录服务中的名称\uff1aclient_id",
	"there is no page to sign in at: set [web] listen":                                                           "没有可登录的页面\uff1a请设 [web] listen",
	"[web.oidc] client_secret_file: %w":                                                                          "[web.oidc] client_secret_file\uff1a%w",
}
