// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

#define PROGRAM_PATIENCE_MS	30000	/* without a word */

static void program_child(uid_t uid, const char *const argv[], int out, int err)
{
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close_range(3, ~0u, 0);
	if (uid && (setgid(uid) || setuid(uid)))
		_exit(126);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

/* What has come, kept as long as there is room; false at the end. */
static bool program_take(int fd, char *text, size_t size, size_t *len)
{
	char rest[512];
	bool room = *len < size - 1;
	ssize_t n = room ? read(fd, text + *len, size - 1 - *len) :
			   read(fd, rest, sizeof(rest));

	if (n > 0 && room)
		*len += n;
	return n > 0;
}

/* Until both are closed; -ETIMEDOUT if nothing comes for too long. */
static int program_listen(struct program *p, int out, int err)
{
	struct pollfd fds[2] = {
		{ .fd = out, .events = POLLIN },
		{ .fd = err, .events = POLLIN },
	};
	size_t out_len = 0, err_len = 0;
	int ret = 0;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, PROGRAM_PATIENCE_MS) < 1) {
			ret = -ETIMEDOUT;
			break;
		}
		if (fds[0].revents &&
		    !program_take(out, p->out, sizeof(p->out), &out_len))
			fds[0].fd = -1;
		if (fds[1].revents &&
		    !program_take(err, p->err, sizeof(p->err), &err_len))
			fds[1].fd = -1;
	}
	p->out[out_len] = 0;
	p->err[err_len] = 0;
	return ret;
}

/* On one line, so that nobody takes it for results of tests. */
static void program_shorten(struct program *p)
{
	char *c;

	snprintf(p->both, sizeof(p->both), "exit %d; out: %.150s; err: %.150s",
		 p->status, p->out, p->err);
	for (c = p->both; *c; c++)
		if (*c == '\n')
			*c = '|';
}

int program_run(struct program *p, uid_t uid, const char *const argv[])
{
	int out[2], err[2], status, ret = -ECHILD;
	pid_t child;

	if (pipe(out))
		return -errno;
	if (pipe(err)) {
		close(out[0]);
		close(out[1]);
		return -EMFILE;
	}
	fflush(stdout);
	child = fork();
	if (!child)
		program_child(uid, argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (child > 0)
		ret = program_listen(p, out[0], err[0]);
	close(out[0]);
	close(err[0]);
	/* One that hangs in the kernel may outlive even this; nobody waits for it. */
	if (ret == -ETIMEDOUT)
		kill(child, SIGKILL);
	if (ret)
		return ret;
	if (waitpid(child, &status, 0) != child)
		return -ECHILD;
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	program_shorten(p);
	return 0;
}
