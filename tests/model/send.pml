/*
 * send - queue-send: one process with an event loop. Its memory is global here, so that a
 * crash can wipe it. A step is what it does up to and with one system call that others, or
 * whoever comes after a crash, can see.
 */

/* due: what it knows of each message */
#define UNKNOWN 0
#define NOW     1
#define LATER   2
#define JOB     3
byte due[M];
bit has_state[M];

/* jobs */
byte fate[X]; /* as in the state file */
#define UNTRIED   0
#define WAITS     1 /* for a sink */
#define OUT       2
#define HAD_A_TRY 3
byte pass[X];
bit changed[M];
bit look[M];      /* in the list of those to look at */
bit reporting[M]; /* a report about it is being sent, or waits for that */
byte post;        /* the slot of the report on its way, plus 1 */

/* the scan */
bit scanning, scanned;
byte scan_at;   /* in mess/; M is state/ */
byte directory; /* mess/ as it was when it was opened */

bit stopping, broken;
bit term;      /* SIGTERM came */
bit killed;    /* was killed, has not gone yet */
byte half;     /* of two system calls one was made */
bit seen;      /* something was done that others can see */
byte patience; /* sinks that may still be too slow for queue-send to wait */

#if M == 1
#define SOME(P) (P(0))
#elif M == 2
#define SOME(P) (P(0) || P(1))
#elif M == 3
#define SOME(P) (P(0) || P(1) || P(2))
#elif M == 4
#define SOME(P) (P(0) || P(1) || P(2) || P(3))
#else
#define SOME(P) (P(0) || P(1) || P(2) || P(3) || P(4))
#endif
#if SINKS == 1
#define SOME_SINK(P) (P(0))
#else
#define SOME_SINK(P) (P(0) || P(1))
#endif
#define FIRST(P, i) i = 0; do :: P(i) -> break :: else -> i++ od; skip

/* --- how a message gets known --- */

/* scan_start - opening the directory is when names are read; later ones may be missed. */
inline scan_start() /* queue/scan.c */
{
	directory = 0;
	for (h : 0 .. M - 1) {
		directory = directory | (name[h] == LINKED) << h;
	}
	scanning = 1;
	scan_at = 0
}

/* add - a name that the scan found. */
inline add(m) /* queue/scan.c */
{
	if
	:: due[m] == UNKNOWN -> due[m] = NOW; has_state[m] = state[m]
	:: else
	fi
}

inline remove_litter(m) /* queue/scan.c */
{
	if
	:: due[m] == UNKNOWN && (name[m] != LINKED || FAULT(remove_any_state)) -> state[m] = 0
	:: else
	fi
}

/*
 * scan_step - a name that came or went since the directory was opened is seen, or is not.
 * state/ is looked at all at once: nobody else changes it.
 */
inline scan_step() /* queue/scan.c */
{
	if
	:: scan_at == M || (scan_at == 0 && FAULT(remove_any_state)) ->
		for (h : 0 .. M - 1) {
			remove_litter(h)
		}
	:: else
	fi;
	if
	:: scan_at == M ->
		scanning = 0;
		scanned = 1;
		scan_at = 0;
		directory = 0
	:: scan_at < M && (directory >> scan_at & 1 || name[scan_at] == LINKED) ->
		add(scan_at);
		scan_at++
	:: scan_at < M && !(directory >> scan_at & 1 && name[scan_at] == LINKED) -> scan_at++
	fi
}

inline schedule_arrived(m) /* queue/schedule.c */
{
	if
	:: due[m] == UNKNOWN ->
		due[m] = NOW;
		has_state[m] = !scanned && !FAULT(trigger_means_new)
	:: due[m] == JOB && FAULT(take_any_id) ->
		for (h : m * R .. m * R + R - 1) {
			pass[h] = UNTRIED
		}
		look[m] = 1
	:: else
	fi
}

/* take_ids - orders_read takes all that is there; it may have been too full for some. */
inline take_ids() /* queue/queue-send.c */
{
	for (hb : 0 .. M - 1) {
		if
		:: fifo >> hb & 1 -> schedule_arrived(hb)
		:: else
		fi
	}
	hb = COUNT(fifo) > FIFO_CAPACITY / 2;
	fifo = 0;
	if
	:: hb && !FAULT(ignore_full) && !(FAULT(full_lets_scan_go_on) && scanning) -> scan_start()
	:: else
	fi
}

/* rescan - after a time, for what nothing told of: a queue-inject killed before its wake-up. */
#define FORGOTTEN(m) (name[m] == LINKED && due[m] == UNKNOWN && inject[m] == KILLED)
inline rescan() /* queue/queue-send.c */
{
	if
	:: !scanning -> scan_start()
	:: else
	fi
}

/* load - the message as a job. A report has one recipient. */
inline load(m) /* queue/schedule.c */
{
	if
	:: name[m] != LINKED -> due[m] = UNKNOWN; has_state[m] = 0 /* JOB_GONE */
	:: else ->
		has_state[m] = has_state[m] && state[m];
		for (h : m * R .. m * R + R - 1) {
			fate[h] = (has_state[m] -> noted[h] : WAITING);
			fate[h] = (m >= U && h > m * R -> DONE : fate[h]);
			pass[h] = UNTRIED
		}
		due[m] = JOB;
		changed[m] = 0;
		look[m] = 1
	fi
}

/* forget_job - its memory; unused fields are 0, so that equal states look equal. */
inline forget_job(m)
{
	for (hj : m * R .. m * R + R - 1) {
		fate[hj] = WAITING;
		pass[hj] = UNTRIED
	}
	changed[m] = 0;
	look[m] = 0
}

inline schedule_put(m) /* queue/schedule.c */
{
	forget_job(m);
	due[m] = LATER
}

inline schedule_end(m) /* queue/schedule.c */
{
	forget_job(m);
	due[m] = UNKNOWN;
	has_state[m] = 0
}

/* --- what is noted --- */

inline state_append(m, x) /* queue/state.c */
{
	state[m] = 1;
	state_synced[m] = 0;
	noted[x] = fate[x]
}

/* state_replace - a new file takes the old one's place; synced if it says more than when. */
inline state_replace(m) /* queue/state.c */
{
	for (h : m * R .. m * R + R - 1) {
		noted[h] = fate[h]
	}
	state[m] = 1;
	state_synced[m] = crashes > 0
}

inline state_remove(m) /* queue/state.c */
{
	state[m] = 0
}

/* --- what becomes of a message; R is 1 or 2 --- */

#define LAST(m)       (m * R + R - 1)
#define UNFINISHED(m) (fate[m * R] != DONE || fate[LAST(m)] != DONE)
#define OWED(m)       (fate[m * R] == FAILED || fate[LAST(m)] == FAILED)
#define IS_OUT(x)     (pass[x] == WAITS || pass[x] == OUT)
#define wants_look(m) (!IS_OUT(m * R) && !IS_OUT(LAST(m))) /* queue/pass.c */

inline schedule_look(m) /* queue/schedule.c */
{
	look[m] = !reporting[m]
}

/* note - of the last recipient there is nothing to note: the message goes. */
inline note(m, x) /* queue/pass.c */
{
	changed[m] = 1;
	if
	:: R > 1 && m < U && UNFINISHED(m) && !FAULT(note_nothing) ->
		has_state[m] = 1;
		state_append(m, x);
		seen = 1
	:: else
	fi
}

inline finish(m, x, owed) /* queue/pass.c */
{
	fate[x] = owed;
	note(m, x)
}

inline failed(m, x) /* queue/pass.c */
{
	finish(m, x, FAILED)
}

/* deferred - tried again later, or its time is over (a report's never is, in this model). */
inline deferred(m, x) /* queue/pass.c */
{
	if
	:: changed[m] = 1
	:: m < U && REFUSALS -> failed(m, x)
	fi
}

inline pass_result(m, x, answer) /* queue/pass.c */
{
	pass[x] = HAD_A_TRY;
	if
	:: answer == SAYS_K -> finish(m, x, DONE)
	:: answer == SAYS_D -> failed(m, x)
	:: else -> deferred(m, x)
	fi;
	if
	:: wants_look(m) -> schedule_look(m)
	:: else
	fi
}

inline feed(m) /* queue/pass.c */
{
	for (h : m * R .. m * R + R - 1) {
		pass[h] = (fate[h] == WAITING && pass[h] == UNTRIED -> WAITS : pass[h])
	}
}

/* The first of two system calls was made; what the next step is. */
#define MESSAGE_REMOVED 1
#define STATE_REMOVED   2 /* as a fault */
#define STATE_TRUNCATED 3 /* as a fault */

/* pass_remove - the message first. */
inline pass_remove(m) /* queue/pass.c */
{
	if
	:: FAULT(remove_state_first) -> state_remove(m); half = STATE_REMOVED
	:: else -> name[m] = REMOVED; half = MESSAGE_REMOVED
	fi
}

inline pass_remove_rest(m)
{
	name[m] = REMOVED;
	if
	:: has_state[m] -> state_remove(m)
	:: else
	fi;
	if
	:: reporting[m] /* too early: a fault */
	:: else -> schedule_end(m)
	fi
}

inline save(m) /* queue/pass.c */
{
	if
	:: changed[m] && FAULT(rewrite_state_in_place) ->
		for (h : m * R .. m * R + R - 1) {
			noted[h] = WAITING
		}
		half = STATE_TRUNCATED
	:: changed[m] && !FAULT(rewrite_state_in_place) ->
		has_state[m] = 1;
		state_replace(m);
		seen = 1;
		schedule_put(m)
	:: else -> schedule_put(m)
	fi
}

inline schedule_report(m) /* queue/schedule.c */
{
	reporting[m] = 1
}

/* report - 1 if one is owed, and waits to be sent. */
#define report(m) (OWED(m) && !stopping) /* queue/pass.c */

inline settle(m) /* queue/pass.c */
{
	if
	:: report(m) ->
		schedule_report(m);
		if
		:: FAULT(remove_before_report) -> pass_remove(m)
		:: else
		fi
	:: !report(m) && !UNFINISHED(m) -> pass_remove(m)
	:: !report(m) && UNFINISHED(m) -> save(m)
	fi
}

inline pass_look(m) /* queue/pass.c */
{
	look[m] = 0;
	if
	:: !stopping -> feed(m)
	:: else
	fi;
	if
	:: wants_look(m) && !reporting[m] -> settle(m)
	:: else
	fi
}

/* --- sinks --- */

#define IS_IDLE(i)   (sink[i] == FREE)
#define IS_BUSY(i)   (IS_SLOW(i) && !orphan[i])
#define CAN_START(m) (pass[m * R] == WAITS || pass[LAST(m)] == WAITS)

/* send_flight - the whole transaction at once. */
inline send_flight(i, x) /* queue/channel.c */
{
	sink[i] = BUSY;
	sink_for[i] = x;
	if
	:: FAULT(note_before_answer) -> state[x / R] = 1; noted[x] = DONE
	:: else
	fi
}

/* channel_run - the next recipient that waits, to a sink that has nothing to do. */
inline channel_run() /* queue/channel.c */
{
	FIRST(CAN_START, m);
	x = (pass[m * R] == WAITS -> m * R : LAST(m));
	FIRST(IS_IDLE, i);
	pass[x] = OUT;
	send_flight(i, x);
	seen = 1;
	m = 0;
	x = 0;
	i = 0
}

/*
 * read_answers - of a sink (take_answer, result). What stands for an answer: the stream's
 * end is a deferral (give_up), or, from a sink that was kept, nothing: it may have left just
 * as we came (broken).
 */
inline read_answers() /* queue/channel.c */
{
	FIRST(IS_ANSWERING, i);
	x = sink_for[i];
	m = x / R;
	answer = sink[i];
	sink[i] = FREE;
	sink_for[i] = 0;
	if
	:: answer == ENDED -> pass[x] = WAITS
	:: pass_result(m, x, answer)
	fi;
	i = 0;
	m = 0;
	x = 0;
	answer = 0
}

/* channel_expire - a sink takes too long; it goes on alone. */
inline channel_expire() /* queue/channel.c */
{
	FIRST(IS_BUSY, i);
	patience = patience - 1;
	orphan[i] = 1;
	x = sink_for[i];
	m = x / R;
	may_repeat[x] = may_repeat[x] + !FAULT(late_answer_repeats_nothing);
	ever[x] = 1;
	pass_result(m, x, SAYS_Z);
	i = 0;
	m = 0;
	x = 0
}

/* channel_stop - what waits for a sink is put off. */
inline channel_stop() /* queue/channel.c */
{
	for (h : 0 .. X - 1) {
		pass[h] = (pass[h] == WAITS -> HAD_A_TRY : pass[h])
	}
}

inline schedule_stop() /* queue/schedule.c */
{
	channel_stop();
	for (h : 0 .. M - 1) {
		look[h] = due[h] == JOB && !reporting[h]
	}
	stopping = 1;
	term = 0
}

/* lost - of what it needs something is gone: the supervisor starts all anew. */
inline lost() /* queue/queue-send.c */
{
	schedule_stop()
}

/* --- reports --- */

/* notify_send - to queue-inject, about all that is owed now. */
inline notify_send(m) /* queue/notify.c */
{
	hb = U;
	do
	:: hb < M && inject[hb] != NOBODY -> hb++
	:: else -> break
	od;
	assert(hb < M); /* else there are too few slots for reports: raise B */
	whose[hb] = m;
	about[hb] = 0;
	for (h : 0 .. R - 1) {
		about[hb] = about[hb] | (fate[m * R + h] == FAILED) << h
	}
	inject[hb] = BEGUN;
	post = hb + 1;
	seen = 1
}

/* notify_sent - it is in the queue. */
inline notify_sent(m) /* queue/notify.c */
{
	for (h : 0 .. R - 1) {
		fate[m * R + h] = (about[post - 1] >> h & 1 -> DONE : fate[m * R + h])
	}
	changed[m] = 1
}

#define IN_REPORTS(m) (reporting[m])

/* send_report - the first one that waits; none when stopping. */
inline send_report() /* queue/schedule.c */
{
	FIRST(IN_REPORTS, m);
	if
	:: !stopping && !broken ->
		notify_send(m);
		if
		:: FAULT(report_is_sent_when_posted) ->
			notify_sent(m);
			reporting[m] = 0;
			post = 0;
			schedule_look(m)
		:: else
		fi
	:: else ->
		reporting[m] = 0;
		schedule_look(m)
	fi;
	m = 0
}

inline schedule_posted() /* queue/schedule.c */
{
	m = whose[post - 1];
	reporting[m] = 0;
	if
	:: name[m] == REMOVED -> schedule_end(m) /* too early: a fault */
	:: else ->
		notify_sent(m);
		schedule_look(m)
	fi;
	m = 0
}

/* take_report - the injector's answer, or its end. */
inline take_report() /* queue/queue-send.c */
{
	if
	:: inject[post - 1] == ANSWERED -> schedule_posted()
	:: else -> broken = 1
	fi;
	post = 0
}

/*
 * A kill, and what it may repeat. A delivery: one that a sink is at, or has made and is not
 * heard of; and one after which nothing but the removal of the message was left to do. A
 * report: one that is on its way or was not heard of, or was, and not noted in the pass
 * that is at its end. (Or what an earlier kill may repeat and has not.) All else is noted.
 */
inline excuse_kill()
{
	for (h : 0 .. X - 1) {
		hx = due[h / R] == JOB && !UNFINISHED(h / R);
		for (hj : 0 .. SINKS - 1) {
			hx = hx || (sink_for[hj] == h && sink[hj] >= STORED)
		}
		may_repeat[h] = copies[h] > 0 && name[h / R] == LINKED && noted[h] == WAITING &&
			(hx || may_repeat[h] > 0);

		hx = due[h / R] == JOB && fate[h] == DONE;
		for (hb : U .. M - 1) {
			hx = hx || (post == hb + 1 && whose[hb] == h / R && (about[hb] >> (h % R) & 1))
		}
		may_rebounce[h] = bounces[h] > 0 && name[h / R] == LINKED && noted[h] != DONE &&
			(hx || may_rebounce[h] > 0)
	}
	for (h : 0 .. SINKS - 1) {
		hx = sink_for[h];
		may_repeat[hx] = may_repeat[hx] + (sink[h] == BUSY)
	}
	for (hb : U .. M - 1) {
		for (h : 0 .. R - 1) {
			hx = whose[hb] * R + h;
			may_rebounce[hx] = may_rebounce[hx] +
				(AT_WORK(hb) && name[hb] == ABSENT && (about[hb] >> h & 1))
		}
	}
	for (h : 0 .. X - 1) {
		ever[h] = ever[h] || may_repeat[h] || may_rebounce[h];
		may_repeat[h] = (FAULT(kill_repeats_no_delivery) -> 0 : may_repeat[h]);
		may_rebounce[h] = (FAULT(kill_repeats_no_report) -> 0 : may_rebounce[h])
	}
}

/* restart - a new process knows nothing; what the old one gave out goes on without it. */
inline restart()
{
	for (h : 0 .. M - 1) {
		due[h] = UNKNOWN;
		has_state[h] = 0;
		reporting[h] = 0;
		forget_job(h)
	}
	for (h : 0 .. SINKS - 1) {
		orphan[h] = IS_SLOW(h);
		sink[h] = (orphan[h] -> sink[h] : FREE);
		sink_for[h] = (orphan[h] -> sink_for[h] : 0)
	}
	post = 0;
	scanning = 0;
	scanned = 0;
	scan_at = 0;
	directory = 0;
	stopping = 0;
	broken = 0;
	term = 0;
	m = 0;
	x = 0;
	i = 0;
	answer = 0;
	half = 0;
	seen = 0
}

/* --- the loop --- */

#define IS_DUE(m)     (due[m] == NOW)
#define IS_LISTED(m)  (look[m])
#define IS_PUT_OFF(m) (due[m] == LATER)

/* schedule_work's part: one after the other, as long as there is something to do. */
#define MUST_STOP  ((broken || term) && !stopping)
#define CAN_LOAD   (!stopping && SOME(IS_DUE))
#define CAN_LOOK   (SOME(IS_LISTED))
#define CAN_RUN    (!stopping && SOME(CAN_START) && SOME_SINK(IS_IDLE))
#define CAN_REPORT (!post && SOME(IN_REPORTS))
#define HAS_WORK   (MUST_STOP || CAN_LOAD || CAN_LOOK || CAN_RUN || CAN_REPORT)
#ifdef ANY_ORDER
#define POLLS (!half)
#else
#define POLLS (!half && !HAS_WORK)
#endif

#define REPORT_ANSWERED (post && inject[post - 1] >= ANSWERED)
#define HEARS_REPORT    (!broken || !FAULT(deaf_when_broken))
#define schedule_is_over() /* queue/schedule.c */ \
	(stopping && !post && !SOME(IS_LISTED) && !SOME_SINK(IS_BUSY) && !SOME_SINK(IS_ANSWERING))

/* open_queue - what is in the trigger was kept by those who still have it open, or is gone. */
inline open_queue() /* queue/queue-send.c */
{
	if
	:: fifo = 0
	:: fifo
	fi
}

/*
 * schedule_work - until there is nothing to do, or something was done that others can see:
 * then this step is over, and another process (or the end of this one) may come in between.
 */
inline schedule_work() /* queue/schedule.c */
{
	do
	:: seen || half -> break
	:: !seen && !half && MUST_STOP -> d_step { lost() }
	:: !seen && !half && !MUST_STOP && CAN_LOAD -> d_step { FIRST(IS_DUE, m); load(m); m = 0 }
	:: !seen && !half && !MUST_STOP && !CAN_LOAD && CAN_LOOK -> d_step {
		FIRST(IS_LISTED, m); pass_look(m); m = (half -> m : 0) }
	:: !seen && !half && !MUST_STOP && !CAN_LOAD && !CAN_LOOK && CAN_RUN ->
		d_step { channel_run() }
	:: !seen && !half && !MUST_STOP && !CAN_LOAD && !CAN_LOOK && !CAN_RUN && CAN_REPORT ->
		d_step { send_report() }
	:: !seen && !half && !HAS_WORK -> break
	od;
	seen = 0
}

inline serve() /* queue/queue-send.c */
{
	d_step { scan_start() }
	if
	:: FAULT(scan_before_trigger) ->
		do
		:: scanning -> atomic { scan_step() }
		:: else -> break
		od;
		atomic { open_queue() }
	:: else
	fi;
endwait:
	do
	:: atomic { POLLS && scanning && !stopping -> scan_step(); goto work }
	:: atomic { POLLS && SOME_SINK(IS_ANSWERING) -> read_answers(); goto work }
	:: atomic { POLLS && REPORT_ANSWERED && HEARS_REPORT -> d_step { take_report() } goto work }
	:: atomic { POLLS && fifo && !stopping -> d_step { take_ids() } goto work }
	:: atomic { POLLS && !stopping && SOME(IS_PUT_OFF) ->
		d_step { FIRST(IS_PUT_OFF, m); due[m] = NOW; m = 0 } goto work }
	:: atomic { POLLS && !stopping && !scanning && SOME(FORGOTTEN) ->
		d_step { rescan() } goto work }
	:: atomic { POLLS && !stopping && patience && SOME_SINK(IS_BUSY) ->
		channel_expire(); goto work }
	:: atomic { !half && HAS_WORK -> goto work }
	:: atomic { half == MESSAGE_REMOVED || half == STATE_REMOVED ->
		d_step { pass_remove_rest(m); m = 0; half = 0 } goto work }
	:: atomic { half == STATE_TRUNCATED ->
		d_step { has_state[m] = 1; state_replace(m); schedule_put(m); m = 0; half = 0 }
		goto work }
	:: POLLS && schedule_is_over() -> break
	:: atomic { POLLS && stopping && patience && SOME_SINK(IS_BUSY) -> /* stop_by */
		d_step { excuse_kill(); patience = patience - 1 } break }
	:: POLLS && stopping && post && !HEARS_REPORT && /* stop_by */
		!SOME_SINK(IS_BUSY) && !SOME_SINK(IS_ANSWERING) -> break
	od;
	goto stopped;
work:
	atomic {
		schedule_work();
		goto endwait
	}
}

proctype queue_send()
{
	byte m, x, i, answer;

start:
	{
		atomic {
			if
			:: FAULT(scan_before_trigger)
			:: else -> open_queue()
			fi
		}
		serve();
stopped:
		skip
	} unless {
		killed -> killed = 0
	}
	atomic { restart() }
	goto start
}
