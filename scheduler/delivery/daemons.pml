/*
 * Claims, leases and takeover, where several daemons share a ledger: what delivery
 * (shared.go, claim.go, round.go) and the evaluating role (../role.go, ../tick.go) do
 * with ledger/tables (claims.go, lease.go), checked by spin over every order in which
 * two daemons, a database, a mail server, one crash and some pauses can come.
 *
 * A step of a daemon that is atomic here is one transaction of the ledger (which
 * PostgreSQL lets through as if alone), or one thing that is done to the mail server.
 * A pause is nothing but that the others go on meanwhile; time does no more than end
 * leases, of whomever it likes, as often as PAUSES says.
 *
 * What is looked at right before a mail's last word, whether the lease lasts (lane.go),
 * and the word itself, are one step: between them lies no waiting.
 *
 *   never two    no evaluation comes to pass that another's came between
 *   not lost     each notice arrives, and is sent then
 *   copies       one arrives more than once only where a crash or a pause fell between
 *                the server's word and our commit, once for each
 *
 * The test beside it (model_test.go) also takes out what holds this up, one thing at a
 * time, and wants spin to notice: NOFENCE, NOOWNER, NOCHECK, NORESUME.
 */
#define NOTICES 2
#ifndef PAUSES
#define PAUSES 2
#endif

mtype = { pending, sending, sent };

/* The ledger. */
mtype state[NOTICES] = pending;
byte owner[NOTICES];        /* 0: nobody */
bool lasts[NOTICES];        /* the lease of who has it */
byte role;                  /* who evaluates */
bool role_lasts;
byte evaluated;             /* evaluations that came to pass */

/* The world. */
byte arrived[NOTICES];
byte between[NOTICES];      /* crashes and pauses between the server's word and our commit */
bool said[6];               /* daemon * NOTICES + notice: the server said yes, and we have not committed */
byte pauses;
bool crashed;

/* Time ends leases. */
active proctype time() {
	byte n;
	do
	:: pauses < PAUSES -> atomic {
		pauses++;
		if
		:: role_lasts -> role_lasts = false
		:: lasts[0] -> lasts[0] = false; n = 0; between[n] = between[n] + (said[2] || said[4])
		:: lasts[1] -> lasts[1] = false; n = 1; between[n] = between[n] + (said[3] || said[5])
		:: true -> skip
		fi }
	:: else -> break
	od
}

/* A daemon dies at one of the places named; what it held stays as it was. Of two the
 * second never does, so that there is somebody to go on. */
#define MAYDIE if :: me == 1 && !crashed -> atomic { crashed = true; \
	if :: said[me * NOTICES] -> between[0]++ :: else fi; said[me * NOTICES] = false; \
	if :: said[me * NOTICES + 1] -> between[1]++ :: else fi; said[me * NOTICES + 1] = false; \
	lease_ends(me); goto dead } :: true fi

/* The leases of one that is dead end by themselves: this is that time. */
inline lease_ends(who) {
	if :: role == who -> role_lasts = false :: else fi;
	if :: owner[0] == who -> lasts[0] = false :: else fi;
	if :: owner[1] == who -> lasts[1] = false :: else fi
}

/* The evaluating role: taken or renewed in one transaction, evaluated in another that
 * sees the ledger as of its beginning, and comes to pass only behind the fence. The
 * renewals of a daemon go on while it evaluates, so the role may have come back to it
 * by then: SERIALIZABLE keeps its evaluation out if another's came between, since all
 * evaluations write when they were. */
inline evaluate() {
	atomic {
		if
		:: role == me || !role_lasts -> role = me; role_lasts = true
		:: else -> skip
		fi
	}
	if
	:: role == me ->
		begun = evaluated;
		MAYDIE;
		if
		:: !role_lasts -> atomic { if :: !role_lasts -> role = me; role_lasts = true :: else fi }
		:: true
		fi;
		atomic {
			if
#ifdef NOFENCE
			:: true ->
#else
			:: role == me && evaluated == begun ->
#endif
				assert(evaluated == begun);
				evaluated = (evaluated + 1) % 4
			:: else -> skip
			fi
		}
	:: else -> skip
	fi
}

/* One notice: taken up again if who had it is gone, claimed with its bytes, sent while
 * the lease lasts, settled if it is still ours. */
inline deliver(n) {
	atomic {
		if
#ifndef NORESUME
		:: state[n] == sending && !lasts[n] -> state[n] = pending; owner[n] = 0 /* ResumeSending */
#endif
		:: else -> skip
		fi
	}
	atomic {
		mine = false;
		if
		:: state[n] == pending -> state[n] = sending; owner[n] = me; lasts[n] = true; mine = true /* Claim */
		:: else -> skip
		fi
	}
	if
	:: mine ->
		MAYDIE;
		atomic {
#ifdef NOCHECK
			if
			:: true -> arrived[n]++; said[me * NOTICES + n] = true
#else
			if
			:: lasts[n] && owner[n] == me -> arrived[n]++; said[me * NOTICES + n] = true
#endif
			:: else -> skip /* none of ours any more */
			fi
		}
		MAYDIE;
		atomic { /* Settle, of what is our own */
			if
#ifdef NOOWNER
			:: said[me * NOTICES + n] -> state[n] = sent
			:: !said[me * NOTICES + n] && state[n] == sending -> state[n] = sent
#else
			:: said[me * NOTICES + n] && state[n] == sending && owner[n] == me -> state[n] = sent
#endif
			:: else -> skip
			fi;
			said[me * NOTICES + n] = false
		}
	:: else -> skip
	fi
}

proctype daemon(byte me) {
	byte begun;
	bool mine;
	do
	:: state[0] == sent && state[1] == sent -> break
	:: else ->
		evaluate();
		if
		:: true -> deliver(0); deliver(1)
		:: true -> deliver(1); deliver(0)
		fi
	od;
dead:	skip
}

/* What has been sent has arrived, and no more often than it may. */
#define WELL(n) (state[n] != sent || arrived[n] >= 1) && arrived[n] <= 1 + between[n]

active proctype watch() {
	do
	:: atomic { !(WELL(0) && WELL(1)) -> assert(false) }
	:: state[0] == sent && state[1] == sent -> break
	od
}

init { atomic { run daemon(1); run daemon(2) } }

ltl not_lost { <> (state[0] == sent && state[1] == sent) }
