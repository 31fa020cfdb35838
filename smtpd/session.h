#ifndef SMTPD_SESSION_H
#define SMTPD_SESSION_H

/*
 * session - the SMTP session as a state machine (RFC 5321 4.1.4): a command, or what
 * came of the step before, goes in; the next step comes out, with the reply if one is
 * due. No I/O: whoever owns it takes the steps.
 *
 * MAIL and RCPT may go on before the next program has answered (pipelining): the state
 * is then as if it had said yes. Commands other than RCPT wait for its answers.
 */

#include <stddef.h>

#include "address.h"
#include "auth.h"
#include "bdat.h"
#include "command.h"
#include "line.h"
#include "params.h"
#include "reply.h"
#include "settings.h"

#define SESSION_HELO_MAX 256 /* octets of the client's name, NUL included */

enum session_state {
	SESSION_NEW,    /* no EHLO or HELO yet */
	SESSION_READY,  /* MAIL may come */
	SESSION_MAIL,   /* in a transaction: RCPT may come, DATA or BDAT if one was accepted */
	SESSION_CHUNKS, /* between two BDATs */
	SESSION_FAILED, /* a BDAT failed: those that follow get the same reply */
};

enum step_what {
	STEP_REPLY,     /* nothing but the reply */
	STEP_HELLO,     /* forget the transaction; reply to HELO, or list the extensions */
	STEP_RESET,     /* forget the transaction, reply */
	STEP_SENDER,    /* ask the next program about sender and params */
	STEP_RCPT,      /* judge rcpt, then session_judged */
	STEP_ASK_RCPT,  /* ask the next program about rcpt and params */
	STEP_DATA,      /* reply, read a message, then session_received */
	STEP_CHUNK,     /* read a chunk, then session_chunk */
	STEP_SKIP,      /* read a chunk and throw it away; then reply */
	STEP_START_TLS, /* reply, start TLS, then session_init */
	STEP_AUTH,      /* have mechanism and initial judged, then session_authenticated */
	STEP_CLOSE,     /* reply, and close */
};

struct step {
	enum step_what what;
	struct reply reply;
};

/* What the recipient look-up says. */
enum verdict {
	VERDICT_LOCAL,
	VERDICT_RELAY,
	VERDICT_NO_USER,
	VERDICT_NO_RELAY,
	VERDICT_TROUBLE,
	VERDICT_OVER_QUOTA,
};

/* What came of reading a message or chunk. */
enum outcome {
	OUTCOME_OK,
	OUTCOME_BARE,
	OUTCOME_TOO_BIG,
	OUTCOME_LOOP,
	OUTCOME_LOST, /* the next program is gone */
};

struct session {
	struct address sender;
	struct address rcpt;  /* of the last RCPT */
	struct params params; /* of the last MAIL or RCPT */
	struct bdat bdat;     /* of the last BDAT */
	/* what follows is all that an idle connection has touched */
	struct settings const *set;
	enum session_state state;
	int extended;           /* EHLO was said, not HELO */
	int tls_offered;        /* STARTTLS can be done */
	int tls;                /* TLS is active */
	char const *mechanisms; /* of AUTH, with blanks between, the owner's; null: no AUTH */
	int utf8;               /* the transaction is SMTPUTF8 */
	size_t accepted;        /* recipients of the transaction */
	size_t owed;            /* recipients that the next program has not answered yet */
	uint64_t mails;         /* messages begun */
	uint64_t errors;        /* 5yz replies since a message was accepted */
	enum reply_id failure;  /* SESSION_FAILED: why */
	char helo[SESSION_HELO_MAX];
	char user[AUTH_USER_MAX]; /* who authenticated; empty: nobody */
};

/* session_init - a new connection, or one that has just got TLS. */
void session_init(struct session *s, struct settings const *set, int tls_offered, int tls);

/* session_command - a command line, CR LF included, or what line_next said instead. */
struct step session_command(
    struct session *s, enum line_result result, char const *line, size_t len);

/*
 * session_auth - of a line that gave STEP_AUTH: the mechanism, in capitals (what is too long to
 * be one is cut), and the initial response as it came, in base64; null if there is none.
 * session_authenticated - the last word about it.
 */
char const *session_auth(char const *line, size_t len, char mechanism[32], size_t *initiallen);
struct reply session_authenticated(struct session *s, struct answer const *a);

/* session_not_yours - instead of STEP_SENDER: whoever authenticated may not send as that. */
struct reply session_not_yours(struct session *s);

/* session_judged - goes on after STEP_RCPT. */
struct step session_judged(struct session *s, enum verdict verdict);

/* session_sender_answer, session_rcpt_answer - what the next program said about it. */
struct reply session_sender_answer(struct session *s, struct answer const *a);
struct reply session_rcpt_answer(struct session *s, struct answer const *a, char const *rcpt);

/*
 * session_received - a message is over, by DATA or the last chunk; a is the next
 * program's answer if the outcome is OK. session_chunk - a chunk is, not the last one
 * or with another outcome.
 */
struct reply session_received(struct session *s, enum outcome outcome, struct answer const *a);
struct reply session_chunk(struct session *s, enum outcome outcome);

/* session_count - before a reply is given: 1 if it is one error too many. */
int session_count(struct session *s, struct reply const *r);

#endif
