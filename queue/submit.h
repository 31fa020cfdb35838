#ifndef QUEUE_SUBMIT_H
#define QUEUE_SUBMIT_H

/*
 * submit - what a caller of queue-inject may write into an envelope. Whoever may run a
 * program may call queue-inject: each address, parameter and fact is checked and put into
 * the one form that the readers of the queue count on. No I/O, no memory of its own.
 */

#include <stddef.h>
#include <sys/types.h>

#include "stream.h"

enum submit_result {
	SUBMIT_OK,
	SUBMIT_BAD_ADDRESS,   /* 5.1.3, or 5.1.7 for a sender */
	SUBMIT_BAD_PARAMETER, /* 5.5.4 */
};

/* A frame's content in the making: what follows its type. */
struct submit_frame {
	size_t len;
	char data[STREAM_FRAME_MAX - 1];
};

/*
 * submit_client - the C frame: "uid=" and who the caller is, which nobody can make up,
 * then the caller's own facts (client may be null). A fact that is not key=value without
 * control octets is left out, and what does not fit in a frame.
 */
void submit_client(struct submit_frame *to, uid_t uid, struct frame const *client);

/* submit_path - an M or R frame: its address made canonical, its parameters checked. */
enum submit_result submit_path(struct submit_frame *to, struct frame const *from);

/*
 * submit_address - the same for the bare address of a qmail-queue envelope; a local-part
 * that needs quotes may come without them, as qmail's programs write it.
 *
 * A sender (type STREAM_MAIL) may be empty, "#@[]" (the sender of a double bounce), or
 * end in "-@[]" (queue-send then puts each recipient into it). A recipient may be a
 * local-part alone: it is local.
 */
enum submit_result submit_address(
    struct submit_frame *to, enum stream_type type, char const *address, size_t len);

#endif
