"""What a server takes, and whether it still serves others, for tests that lean on it.

    with Watch(place) as watch, Probe(place) as probe:
        ...                                  # trouble
    assert watch.peak["smtpd"].kb < 2000     # the most of any one such process
    assert watch.most["smtpd"] <= 400        # processes at once
    assert not probe.late(10)                # every mail of another client came through
"""
import collections
import os
import pathlib
import smtplib
import subprocess
import threading
import time

from installation import children, name, status, wait_for

TICK = os.sysconf("SC_CLK_TCK")
GIB4 = 1 << 32


def peak_kb(pid):
    """The most memory that a process ever had resident, in KB; 0 if it is gone."""
    return int(status(pid).get("VmHWM", "0 kB").split()[0])


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0


def cpu_s(pid):
    """Seconds of CPU of a process, without its children."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:13])) / TICK


def server(place):
    """Every process that serves: not tests/serve itself and its process 1, which are Python."""
    return [pid for pid in children(place.init)[1:] if name(pid)]


def named(place, word):
    return [pid for pid in server(place) if name(pid) == word]


class Peak:
    kb = fds = 0


class Repeat(threading.Thread):
    """Something done again and again beside the test, until the with statement is left."""

    pause = 0.2

    def __init__(self, place):
        super().__init__(daemon=True)
        self.place, self.over, self.trouble = place, threading.Event(), None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.over.set()
        self.join()
        if self.trouble:
            raise self.trouble

    def run(self):
        try:
            self.once()
            while not self.over.wait(self.pause):
                self.once()
        except Exception as error:  # shown by the test, not by the thread
            self.trouble = error


class Watch(Repeat):
    """The most memory and descriptors of a process of each program, and how many at once."""

    def __init__(self, place):
        super().__init__(place)
        self.peak, self.most = collections.defaultdict(Peak), collections.Counter()
        self.samples = 0

    def once(self):
        now = collections.Counter()
        for pid in server(self.place):
            word = name(pid)
            if not word:
                continue  # it is ending
            now[word] += 1
            peak = self.peak[word]
            peak.kb, peak.fds = max(peak.kb, peak_kb(pid)), max(peak.fds, descriptors(pid))
        for word, count in now.items():
            self.most[word] = max(self.most[word], count)
        self.samples += 1

    def __str__(self):
        return ", ".join(f"{word}: {self.most[word]} at once, {peak.kb} KB, {peak.fds} descriptors"
                         for word, peak in sorted(self.peak.items()))


class Probe(Repeat):
    """Another client, who sends one small message after the other and waits for each."""

    pause = 0.1

    def __init__(self, place, user="carol", patience=120):
        super().__init__(place)
        self.user, self.patience, self.seconds = user, patience, []
        self.rcpt = f"{user}@hamburger.edu"

    def once(self):
        start = time.monotonic()
        self.place.clear(self.user)
        with smtplib.SMTP("127.0.0.1", self.place.port, "crepes.fr", self.patience) as smtp:
            smtp.sendmail("dave@crepes.fr", [self.rcpt], "Subject: am I served?\r\n\r\n")
        if not wait_for(lambda: self.place.mail(self.user), self.patience):
            raise TimeoutError(f"a probe's mail did not come in {self.patience} s")
        self.seconds.append(time.monotonic() - start)

    def late(self, limit):
        """Those that took longer; what is not there at all is late."""
        return [x for x in self.seconds if x > limit] if self.seconds else ["none came"]

    def __str__(self):
        took = sorted(self.seconds)
        return f"{len(took)} probes, median {took[len(took) // 2]:.2f} s, worst {took[-1]:.2f} s" \
            if took else "no probe came through"


class Image:
    """A new ext4 file system in a sparse file; run in a mount namespace of your own."""

    def __init__(self, place, size, files):
        self.file, self.path = place / "image", place / "mounted"
        with open(self.file, "wb") as f:
            f.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "1024", "-N", str(files),
                        "-E", "lazy_itable_init=1", self.file], check=True)
        self.path.mkdir()
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop,noatime", self.file, self.path], check=True)
        self.path.chmod(0o755)

    def unmount(self):
        def free():
            return not subprocess.run(["umount", self.path], stderr=subprocess.DEVNULL,
                                      check=False).returncode

        def gone():
            return not subprocess.run(["losetup", "-j", self.file], capture_output=True,
                                      check=False).stdout
        assert wait_for(free, 60, 0.1) and wait_for(gone, 60, 0.1), f"{self.path} stays busy"

    def remount(self):
        """With nothing of it in the kernel's caches any more, as after a boot."""
        self.unmount()
        self.mount()

    def close(self):
        self.unmount()
        self.file.unlink()
        self.path.rmdir()


__all__ = ["GIB4", "Image", "Probe", "Watch", "cpu_s", "descriptors", "named", "peak_kb", "server"]
