#ifndef RELAY_HOPFACTS_H
#define RELAY_HOPFACTS_H

/*
 * hopfacts - a struct hop as facts (packet.h), for hop and secure. No I/O.
 */

#include "hop.h"

/* hop_put_facts - append them to to[max]; *len becomes max + 1 if they do not fit. */
void hop_put_facts(char *to, size_t max, size_t *len, struct hop const *h);

/*
 * hop_get_facts - 1, or 0 if data[len] (it is changed) is not that: an unknown level of TLS, a
 * number out of range, an odd digit. What is not there is empty or 0; a key that is not known
 * is passed over.
 */
int hop_get_facts(char *data, size_t len, struct hop *h);

/* hop_get_number - a fact's decimal number of at most max: 1 or 0. */
int hop_get_number(char const *value, unsigned int max, unsigned int *to);

/* hop_get_string - a fact's value into to[max], NUL included: 1, or 0 if it does not fit. */
int hop_get_string(char const *value, char *to, size_t max);

#endif
