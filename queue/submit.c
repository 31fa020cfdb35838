#include "submit.h"

#include <string.h>

#include <skalibs/types.h>

#include "address.h"

#define FLAGS         (ADDRESS_NO_DOMAIN_OK | ADDRESS_POSTMASTER_OK | ADDRESS_UTF8_OK)
#define VERP          "-@[]"
#define VERP_LEN      (sizeof VERP - 1)
#define DOUBLE_BOUNCE "#@[]"
#define UTF8          "SMTPUTF8"

/* add - one field and its NUL: 1, or 0 if it does not fit. */
static int
add(struct submit_frame *to, char const *field, size_t len)
{
	if (len >= sizeof to->data - to->len)
		return 0;
	memcpy(to->data + to->len, field, len);
	to->data[to->len + len] = 0;
	to->len += len + 1;
	return 1;
}

static int
has_control(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return 1;
	return 0;
}

/* is_fact - key=value, the key in lower case. */
static int
is_fact(char const *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 'a' && s[n] <= 'z')
		n++;
	return n && n < len && s[n] == '=' && !has_control(s, len);
}

void
submit_client(struct submit_frame *to, uid_t uid, struct frame const *client)
{
	char own[4 + UINT64_FMT] = "uid=";
	char const *field;
	size_t pos = 0, len;

	to->len = 0;
	add(to, own, 4 + uint64_fmt(own + 4, (uint64_t)uid));
	while (client && (field = stream_field(client, &pos, &len)))
		if (is_fact(field, len) && (len < 4 || memcmp(field, "uid=", 4) != 0))
			add(to, field, len);
}

/* canonical - the address alone; a sender's special forms are the caller's. */
static int
canonical(struct address *a, char const *s, size_t len)
{
	char quoted[2 * ADDRESS_LOCAL_MAX + ADDRESS_DOMAIN_MAX + 3];
	char const *at = memrchr(s, '@', len);
	size_t const local = at ? (size_t)(at - s) : len;
	size_t n = 0;

	if (address_parse(a, s, len, FLAGS) == ADDRESS_OK)
		return 1;
	if (!local || local > ADDRESS_LOCAL_MAX || len - local > ADDRESS_DOMAIN_MAX + 1)
		return 0;
	quoted[n++] = '"';
	for (size_t i = 0; i < local; i++) {
		if (s[i] == '"' || s[i] == '\\')
			quoted[n++] = '\\';
		quoted[n++] = s[i];
	}
	quoted[n++] = '"';
	memcpy(quoted + n, s + local, len - local);
	return address_parse(a, quoted, n + len - local, FLAGS) == ADDRESS_OK;
}

enum submit_result
submit_address(struct submit_frame *to, enum stream_type type, char const *s, size_t len)
{
	char text[ADDRESS_MAX + VERP_LEN];
	struct address a;
	size_t verp = 0;

	to->len = 0;
	if (type == STREAM_MAIL) {
		if (!len || (len == sizeof DOUBLE_BOUNCE - 1 && !memcmp(s, DOUBLE_BOUNCE, len)))
			return add(to, s, len) ? SUBMIT_OK : SUBMIT_BAD_ADDRESS;
		if (len > VERP_LEN && !memcmp(s + len - VERP_LEN, VERP, VERP_LEN))
			verp = VERP_LEN;
	}
	if (len > 2 * (size_t)ADDRESS_MAX || !canonical(&a, s, len - verp) || !a.len)
		return SUBMIT_BAD_ADDRESS;
	memcpy(text, a.text, a.len);
	memcpy(text + a.len, VERP, verp);
	add(to, text, a.len + verp);
	if (a.utf8 && type == STREAM_MAIL)
		add(to, UTF8, sizeof UTF8 - 1); /* RFC 6531 3.4; twice does no harm */
	return SUBMIT_OK;
}

/* is_parameter - KEYWORD or KEYWORD=value; RFC 5321 4.1.2 (UTF-8 in values: RFC 6533). */
static int
is_parameter(char const *s, size_t len)
{
	size_t n = 0;

	while (n < len &&
	       ((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= '0' && s[n] <= '9') || s[n] == '-'))
		n++;
	return n && *s != '-' && (n == len || s[n] == '=') && !memchr(s, ' ', len) &&
	       !has_control(s, len);
}

enum submit_result
submit_path(struct submit_frame *to, struct frame const *from)
{
	size_t pos = 0, len;
	char const *field = stream_field(from, &pos, &len);
	enum submit_result r;

	if (!field)
		return SUBMIT_BAD_ADDRESS;
	r = submit_address(to, from->type, field, len);
	while (r == SUBMIT_OK && (field = stream_field(from, &pos, &len)))
		if (!is_parameter(field, len) || !add(to, field, len))
			r = SUBMIT_BAD_PARAMETER;
	return r;
}
