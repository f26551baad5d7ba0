// SPDX-License-Identifier: GPL-2.0
/*
 * Does a process see what the edu device wrote, and nothing else?
 *
 *	edu-mmap /dev/odma-edu
 *
 * Prints "pass" or "fail: ..." and exits accordingly.  With a second argument
 * it maps the memory, says "mapped", and waits for the driver to be unbound:
 * then the mapping must be gone, and write() must fail with ENODEV.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TRANSFER	2048
#define PATIENCE	100	/* tenths of a second */

static long page;
static sigjmp_buf fault;

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("fail: ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	exit(1);
}

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

/* Is there memory at this address? */
static int readable(const unsigned char *at)
{
	unsigned char byte;

	if (sigsetjmp(fault, 1))
		return 0;
	byte = *at;
	asm volatile("" : : "r" (byte));
	return 1;
}

static void fill(unsigned char *data, size_t len)
{
	int fd = open("/dev/urandom", O_RDONLY);

	if (fd < 0 || read(fd, data, len) != (ssize_t)len)
		die("no random bytes: %s", strerror(errno));
	close(fd);
}

/* The device changes the first bytes of the page, and no other. */
static void check_write(int fd, const unsigned char *seen, size_t len)
{
	unsigned char data[TRANSFER], rest[TRANSFER];
	size_t i;

	fill(data, len);
	memcpy(rest, seen + len, TRANSFER - len);
	if (write(fd, data, len) != (ssize_t)len)
		die("write of %zu: %s", len, strerror(errno));
	for (i = 0; i < len; i++)
		if (seen[i] != data[i])
			die("byte %zu of %zu is %#x, not %#x", i, len,
			    seen[i], data[i]);
	if (memcmp(rest, seen + len, TRANSFER - len))
		die("the device wrote more than %zu bytes", len);
}

static void check_refused(int fd, size_t len, off_t offset)
{
	if (mmap(NULL, len, PROT_READ, MAP_SHARED, fd, offset) != MAP_FAILED)
		die("mmap of %zu bytes at %ld", len, (long)offset);
	if (errno != ENXIO)
		die("mmap of %zu bytes at %ld: %s", len, (long)offset,
		    strerror(errno));
}

/* Made room for first, so that nothing else can lie behind it. */
static unsigned char *map_before_a_hole(int fd)
{
	unsigned char *room, *map;

	room = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (room == MAP_FAILED || munmap(room + page, 2 * page))
		die("no room: %s", strerror(errno));
	map = mmap(room, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		   fd, 0);
	if (map == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return map;
}

static void check_all(int fd, unsigned char *map)
{
	static const size_t sizes[] = { 1, 100, TRANSFER, 0 };
	char too_much[TRANSFER + 1] = "";
	const size_t *size;

	/* QEMU's device takes a tenth of a second for a transfer. */
	for (size = sizes; *size; size++)
		check_write(fd, map, *size);
	if (write(fd, too_much, sizeof(too_much)) != -1 || errno != EINVAL)
		die("write of more than a transfer is not EINVAL");
	check_refused(fd, 2 * page, 0);
	check_refused(fd, page + 1, 0);
	check_refused(fd, page, page);
	if (!readable(map + page - 1))
		die("the last byte of the page can't be read");
	if (readable(map + page))
		die("there is memory behind the page");
}

static void check_unbound(int fd, unsigned char *map)
{
	int patience = PATIENCE;

	while (readable(map)) {
		if (!patience--)
			die("the memory is still mapped");
		usleep(100000);
	}
	if (write(fd, "x", 1) != -1 || errno != ENODEV)
		die("write to a device that is gone is not ENODEV");
	if (mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED ||
	    errno != ENODEV)
		die("mmap of a device that is gone is not ENODEV");
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_fault };
	unsigned char *map;
	int fd;

	page = sysconf(_SC_PAGESIZE);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	fd = argc < 2 ? -1 : open(argv[1], O_RDWR);
	if (fd < 0)
		die("no device %s: %s", argc < 2 ? "given" : argv[1],
		    strerror(errno));
	map = map_before_a_hole(fd);
	check_all(fd, map);
	if (argc > 2) {
		printf("mapped\n");
		fflush(stdout);
		check_unbound(fd, map);
	}
	printf("pass\n");
	return 0;
}
