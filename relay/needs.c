#include "needs.h"

#include "outcome.h"

enum needs_tls
needs_tls(struct letter const *l, struct survey const *survey)
{
	if (l->requiretls)
		return NEEDS_REQUIRED; /* whatever the header says: RFC 8689 5 */
	return survey && survey->no_tls_needed ? NEEDS_ANY : NEEDS_AS_USUAL;
}

static int
no(struct answer *a, char const *where, char const *status, char const *text)
{
	outcome_trouble(a, where, 'D', status, text);
	return 0;
}

/* needs_utf8 - whether the message itself does; one that is not there yet may. */
static int
needs_utf8(struct letter const *l, struct survey const *survey)
{
	return l->sender.utf8 || (l->smtputf8 && (!survey || survey->eight_header));
}

int
needs_check(struct answer *a, char const *where, struct letter const *l,
    struct survey const *survey, struct capabilities const *can, int verified)
{
	uint64_t const size = survey ? survey->size : l->size;

	if (l->requiretls && !(verified && can->offers & CAN_REQUIRETLS))
		return no(a, where, "5.7.30",
		    verified
			? "it does not offer REQUIRETLS, which this message needs"
			: "this message needs REQUIRETLS, and who it is could not be verified");
	if (needs_utf8(l, survey) && !(can->offers & CAN_SMTPUTF8))
		return no(
		    a, where, "5.6.7", "it does not offer SMTPUTF8, which this message needs");
	if (can->size && size > can->size)
		return no(a, where, "5.3.4", "the message is larger than it takes");
	return 1;
}

int
needs_rcpt(struct answer *a, char const *where, struct letter const *l, size_t rcpt,
    struct capabilities const *can)
{
	if (l->rcpt[rcpt].utf8 && !(can->offers & CAN_SMTPUTF8))
		return no(
		    a, where, "5.6.7", "it does not offer SMTPUTF8, which this address needs");
	return 1;
}
