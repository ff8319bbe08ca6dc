package catalogue

// enNames has English where a key is a name of ours, or what a command says that
// does not fit a page.
var enNames = map[string]string{
	"%s is %s%s":                            "%[1]s is %[2]s: this cannot be done to it.",
	"not found":                             "There is nothing here.",
	"the disk is full":                      "The disk is full: nothing was saved. Tell whoever runs duban.",
	"the ledger's database does not answer": "The ledger's database does not answer: nothing was saved. Try again in a while.",
	"the ledger is gone from its place":     "The ledger is gone from its place: nothing was saved. Whoever runs duban has to start it again; the log says how.",
	"%s needs a link to what was published: add --evidence URL": "A link to what was published is needed.",
	"say why: add --reason":             "Say why.",
	"say what is missing: add --reason": "Say what is missing.",
	"say until when: add --to DATE":     "Say until when.",
	"evidence %.60q is no link: give the address of what was published, starting with https:// or http://": "%.60q is no link: give the address of what was published, starting with https:// or http://.",

	"role admin": "administrator", "role viewer": "viewer", "basis text": "the document", "basis assumed": "the supervising unit",
	"state open": "open", "state reported": "reported, to be decided", "state closed": "closed", "state waived": "waived", "state cancelled": "cancelled",
	"request extension": "asks for an extension", "request not-ours": "says it is not theirs",
	"decision open": "waits", "decision granted": "granted", "decision refused": "refused",
	"reminder upcoming": "upcoming", "reminder due": "due", "reminder overdue": "overdue", "reminder escalation": "escalation",
	"thanks done": "Reported. Thank you.", "thanks extend": "The extension has been asked for.", "thanks not-ours": "Said; the answer is awaited.",
	"thanks extended": "Extended.", "thanks grant": "Granted.", "thanks refuse": "Refused.", "thanks accept": "Accepted.", "thanks return": "Returned.",
	"thanks progress": "Said.", "thanks retract": "Taken back.", "thanks urge": "Urged.", "thanks transfer": "Transferred.", "thanks waive": "Waived.",
	"say how far it has come: add --note": "Say how far it has come.", "say to which unit: add --to UNIT": "Say to which unit.",
	"%s was reported too long ago to be taken back: that was possible until %s; duban reopen opens it": "%s was reported too long ago to be taken back: that was possible until %s.",
	"%s was accepted: only its supervisor opens it again, by duban reopen":                             "%s was accepted: only its supervisor opens it again.",
	"happening made": "made", "happening met": "plan met", "happening reported": "reported", "happening closed": "closed", "happening overdue": "overdue", "happening extended": "extended", "happening transferred": "transferred",
	"posted sent": "taken", "posted retry": "again later", "posted paused": "paused",
	"mail pending": "pending", "mail sending": "sending", "mail sent": "sent", "mail failed": "failed", "mail held": "held", "mail dropped": "dropped",
	"notice assignment": "assignment", "notice reminder": "reminder", "notice escalation": "escalation", "notice admin": "admin", "notice bulletin": "bulletin",
}
