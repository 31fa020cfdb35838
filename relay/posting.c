#include "posting.h"

void
posting_begin(
    struct posting *p, struct dialogue *d, unsigned int remove, struct mime_plan const *plan)
{
	p->d = d;
	p->convert = remove != 0;
	wireform_begin(&p->form, WIREFORM_DOTS);
	if (p->convert)
		mime_convert(&p->mime, plan, remove);
}

static void
send_text(struct posting *p, char const *data, size_t len)
{
	while (len) {
		size_t n;
		size_t const used = wireform_feed(&p->form, data, len, p->wire, sizeof p->wire, &n);

		dialogue_put(p->d, p->wire, n);
		data += used;
		len -= used;
	}
}

int
posting_data(struct posting *p, char const *data, size_t len)
{
	if (!p->convert)
		send_text(p, data, len);
	while (p->convert && len) {
		size_t n;
		size_t const used = mime_feed(&p->mime, data, len, p->text, sizeof p->text, &n);

		send_text(p, p->text, n);
		data += used;
		len -= used;
	}
	return p->d->unsent == DIALOGUE_OK;
}

void
posting_end(struct posting *p)
{
	if (p->convert)
		send_text(p, p->text, mime_finish(&p->mime, p->text));
	dialogue_put(p->d, p->wire, wireform_end(&p->form, p->wire));
}
