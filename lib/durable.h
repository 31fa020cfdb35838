#ifndef LIB_DURABLE_H
#define LIB_DURABLE_H

/*
 * durable - give a new, nameless file its name so that a power cut finds it whole or not
 * at all, and for good once durable_name says so. Does file I/O on open descriptors.
 *
 * Everywhere: sync the file, name it, sync the directory. On ext4 and xfs the same is had
 * with one journal commit instead of two: when the data is written out
 * (sync_file_range), the inode's size and blocks are in the journal; the name comes behind
 * that, in the same commit or a later one, so that here, too, a name on the disk means that
 * the file is whole. The fsync of the file then commits all of it: a journal has no way to
 * keep the inode's new link count and not the new name, and ext4 without a journal writes
 * a new name's directory in fsync by itself. tests/crash/power shows it.
 *
 *     durable_data(fd, how) && linkat(…) == 0 && durable_name(fd, directory, how)
 */

enum durable_how {
	DURABLE_ANYWHERE, /* any file system that honours fsync */
	DURABLE_ORDERED,  /* one that keeps the order described above */
};

/* durable_how - by the file system that an open descriptor is on; before the sandbox (fstatfs). */
enum durable_how durable_how(int fd);

/*
 * durable_data - what was written to fd; before it gets its name.
 * durable_name - the name it has got in directory. Return 1, or 0 with errno; after a
 * failed durable_name the file may still survive. System calls: sync_file_range and fsync,
 * or fdatasync and fsync.
 */
int durable_data(int fd, enum durable_how how);
int durable_name(int fd, int directory, enum durable_how how);

#endif
