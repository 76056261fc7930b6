"""What Python has on POSIX and not on Windows, as far as the rules ask for it.

After the "Availability" notes of Python's own documentation (3.10 to 3.13) of these modules.
"""

from __future__ import annotations

MODULES = frozenset(
    {"crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline"}
    | {"resource", "spwd", "syslog", "termios", "tty", "uvloop"}
)
"""Modules of the standard library, and uvloop, which has no builds for Windows."""

_OS = """
    eventfd fork forkpty getegid geteuid getgid getloadavg getpgid getpgrp getpriority getsid
    getuid killpg memfd_create mkfifo nice openpty pidfd_open posix_fadvise posix_fallocate
    posix_spawn pread preadv pwrite pwritev readv register_at_fork sched_getaffinity
    sched_setaffinity sched_yield sendfile setpgid setpgrp setpriority setsid statvfs sysconf
    uname wait3 wait4 waitid writev O_CLOEXEC O_DIRECT O_DIRECTORY O_NOFOLLOW
    POSIX_FADV_DONTNEED WNOHANG
"""
_SIGNALS = """
    SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF SIGPWR SIGQUIT SIGSTOP
    SIGSYS SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU
    SIGXFSZ
"""
_SOCKET = "AF_UNIX SO_REUSEPORT SCM_RIGHTS MSG_DONTWAIT"

SIGNALS = frozenset(f"signal.{name}" for name in _SIGNALS.split())
"""The signals, as dotted names."""
NAMES = SIGNALS | {
    *(f"os.{name}" for name in _OS.split()),
    *(f"socket.{name}" for name in _SOCKET.split()),
}
"""What modules lack that are there themselves, as dotted names."""
