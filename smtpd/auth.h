#ifndef SMTPD_AUTH_H
#define SMTPD_AUTH_H

/*
 * auth - AUTH (RFC 4954), smtpd's side: another process, smtpd-auth, looks at user and
 * password; smtpd passes octets on. Makes system calls.
 *
 * AUTH_ENV names one end of an AF_UNIX SOCK_SEQPACKET pair, which is moved to AUTH_FD, where
 * the sandbox's policy knows it and the next program does not get it. A request is a packet
 * of its type and a text; an answer is a packet, too:
 *
 *   AUTH_LIST            stream_answer_fmt's text: K and the mechanisms, with blanks between;
 *                        first those that need a binding, with names that end in -PLUS
 *   AUTH_BEGIN mechanism NUL binding NUL [ '=' octets ]
 *                        binding: of the TLS connection that the client is on, all that are
 *                        known, "type=hexadecimal" by the types of RFC 9266 and RFC 5929, with
 *                        blanks between; or empty. Then, if there is one, the initial response
 *   AUTH_GO octets       the client's next response
 *   AUTH_TICKET number   may the user send a message to so many recipients now (RFC 6409 6.2)?
 *   AUTH_CANCEL          the client gave up; not answered
 *
 * The answer to AUTH_BEGIN and AUTH_GO is AUTH_CHALLENGE and octets, or the last word:
 * K and the user's name, Z or D with a status and a text for the client.
 */

#include <stddef.h>

#include "stream.h"

#define AUTH_FD  13
#define AUTH_ENV "SALLYPORT_AUTH"

#define AUTH_LIST      '?'
#define AUTH_BEGIN     'A'
#define AUTH_GO        'R'
#define AUTH_TICKET    'T'
#define AUTH_CANCEL    'C'
#define AUTH_CHALLENGE '+'

#define AUTH_PACKET_MAX 4096 /* octets of a packet */
#define AUTH_USER_MAX   256  /* octets of a user's name, NUL included */
#define AUTH_LIST_MAX   128  /* octets of the mechanisms, NUL included */
#define AUTH_WAIT       120  /* seconds that an answer may take: a wrong password is slow */

/* auth_take - 1 if there is such a process; dies if its descriptor is no good. */
int auth_take(void);

/*
 * auth_list - the mechanisms, into to; empty if smtpd-auth is gone or has none.
 * auth_unbound - those in it that need no binding.
 */
void auth_list(char to[AUTH_LIST_MAX]);
char const *auth_unbound(char const *list);

/* What came of a step. */
enum auth_result {
	AUTH_MORE, /* *len octets of challenge are in to */
	AUTH_OVER, /* *a is the last word; text is the user's name if it is K */
};

/* What an attempt begins with. */
struct auth_start {
	char const *mechanism, *binding; /* each ended by NUL */
	char const *initial;             /* octets, or null */
	size_t initiallen;
};

/*
 * auth_begin, auth_go - the first step, and one with the client's next response. Both may write
 * a challenge into to[AUTH_PACKET_MAX]. Trouble is an answer Z4.3.0.
 */
enum auth_result auth_begin(struct auth_start const *s, char *to, size_t *len, struct answer *a);
enum auth_result auth_go(
    char const *response, size_t responselen, char *to, size_t *len, struct answer *a);
void auth_cancel(void);

/* auth_ticket - whether the user may send a message to so many recipients: K, or why not. */
void auth_ticket(size_t rcpts, struct answer *a);

#endif
