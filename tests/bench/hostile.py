#!/usr/bin/env python3
"""Writes captures that ask for memory, runs a binary over each, and prints its peak memory.

    tests/bench/hostile.py BINARY [NAME ...] [--keep DIR]

Every capture is made from a fixed seed. The bound of each stands beside its name; a peak above it ends the run with 1.
One-sided captures have to stay within 5 % of each other, whatever their length.
"""
import argparse
import gzip
import os
import random
import struct
import subprocess
import sys
import tempfile

CLIENT, SERVER = 0x0A000001, 0x0A000002
SYN, ACK, FIN, PSH = 2, 16, 1, 8
START = 1_700_000_000_000_000


class Capture:
    """A classic capture in raw IP, gzipped where it repeats itself."""

    def __init__(self, path, packed=False):
        self.file = gzip.open(path, "wb", 6) if packed else open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        self.time = START

    def packet(self, source, sport, target, dport, seq, ack, flags, payload=b"", step=10, ident=None):
        self.time += step
        ident = self.time & 0xFFFF if ident is None else ident
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(payload), ident, 0, 64, 6, 0, source, target)
        tcp = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 500, 0, 0)
        data = ip + tcp + payload
        head = struct.pack("<IIII", self.time // 1_000_000, self.time % 1_000_000, len(data), len(data))
        self.file.write(head + data)

    def shake(self, port, client=CLIENT):
        self.packet(client, port, SERVER, 6379, 0, 0, SYN)
        self.packet(SERVER, 6379, client, port, 0, 1, SYN | ACK)
        self.packet(client, port, SERVER, 6379, 1, 1, ACK)

    def close(self):
        self.file.close()


def one_sided(count):
    """Only the client's packets; its acknowledgements never move."""
    def write(path):
        capture, seq = Capture(path), 1
        capture.packet(CLIENT, 40000, SERVER, 6379, 0, 0, SYN)
        done = 0
        while done < count:
            commands = b"".join(b"*2\r\n$3\r\nGET\r\n$8\r\nk%07d\r\n" % (done + i) for i in range(25))
            capture.packet(CLIENT, 40000, SERVER, 6379, seq, 1, ACK | PSH, commands)
            seq += len(commands)
            done += 25
        capture.close()
    return write


def acknowledged(count):
    """Only the client's packets; it acknowledges what was not captured."""
    def write(path):
        capture, seq, ack = Capture(path), 1, 1
        capture.packet(CLIENT, 40000, SERVER, 6379, 0, 0, SYN)
        for i in range(count):
            command = b"*2\r\n$3\r\nGET\r\n$8\r\nk%07d\r\n" % i
            capture.packet(CLIENT, 40000, SERVER, 6379, seq, ack, ACK | PSH, command)
            seq += len(command)
            ack += 7
        capture.close()
    return write


def waiting(path):
    """Four connections with a million tiny commands each, and no answer to any."""
    capture = Capture(path, packed=True)
    line = b"*1\r\n$1\r\nx\r\n" * 5000
    for port in range(40000, 40004):
        capture.shake(port)
    for turn in range(200):
        for port in range(40000, 40004):
            capture.packet(CLIENT, port, SERVER, 6379, 1 + turn * len(line), 1, ACK | PSH, line)
    capture.close()


def many_waiting(path):
    """Fifty thousand connections with a hundred commands each, and no answer to any."""
    capture = Capture(path, packed=True)
    line = b"*1\r\n$4\r\nPING\r\n" * 100
    for n in range(50_000):
        client, port = CLIENT + 256 * (1 + n // 50_000), 10_000 + n
        capture.shake(port, client)
        capture.packet(client, port, SERVER, 6379, 1, 1, ACK | PSH, line)
    capture.close()


def syns(path):
    """A million connections of which only the SYN is seen."""
    capture, dice = Capture(path), random.Random(11)
    for n in range(1_000_000):
        capture.packet(CLIENT + 256 * (n // 50_000 + 1), 10_000 + n % 50_000, SERVER, 6379, dice.getrandbits(32), 0, SYN, step=20)
    capture.close()


def segments_ahead(path):
    """Two thousand connections whose first byte is missing: all the rest is held."""
    capture, dice = Capture(path, packed=True), random.Random(12)
    bytes_ = dice.randbytes(1400)
    for port in range(10_000, 12_000):
        capture.shake(port)
        for i in range(100):
            capture.packet(CLIENT, port, SERVER, 6379, 2 + i * 1400, 1, ACK, bytes_, step=1)
    capture.close()


def crumbs(path):
    """Pieces of one byte with a hole between each two."""
    capture = Capture(path, packed=True)
    for port in range(10_000, 10_200):
        capture.shake(port)
        for i in range(5000):
            capture.packet(CLIENT, port, SERVER, 6379, 2 + 2 * i, 1, ACK, b"x", step=1)
    capture.close()


def fragments(path):
    """First fragments of packets that never become whole."""
    capture, dice = Capture(path, packed=True), random.Random(13)
    payload = bytes(1400)
    for n in range(200_000):
        capture.time += 1
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(payload), n & 0xFFFF, 0x2000, 64, 6, 0, dice.getrandbits(32), SERVER)
        data = ip + payload
        capture.file.write(struct.pack("<IIII", capture.time // 1_000_000, capture.time % 1_000_000, len(data), len(data)) + data)
    capture.close()


def big_value(path):
    """One value of 500 MB, most of which is never sent, and a deep reply."""
    capture = Capture(path, packed=True)
    capture.shake(40000)
    capture.packet(CLIENT, 40000, SERVER, 6379, 1, 1, ACK | PSH, b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$500000000\r\n")
    for i in range(60_000):
        capture.packet(CLIENT, 40000, SERVER, 6379, 35 + i * 1400, 1, ACK, bytes(1400), step=1)
    capture.shake(40001)
    capture.packet(CLIENT, 40001, SERVER, 6379, 1, 1, ACK | PSH, b"*1\r\n$4\r\nPING\r\n")
    deep = b"*1\r\n" * 10_000
    for i in range(100):
        capture.packet(SERVER, 6379, CLIENT, 40001, 1 + i * len(deep), 15, ACK, deep)
    capture.close()


def new_words(path):
    """Commands, error texts, error codes, keys: each one new."""
    capture, seq, back = Capture(path, packed=True), 1, 1
    capture.shake(40000)
    for i in range(300_000):
        command = b"*3\r\n$7\r\nW%06d\r\n$8\r\nk%07d\r\n$1\r\nv\r\n" % (i, i)
        capture.packet(CLIENT, 40000, SERVER, 6379, seq, back, ACK | PSH, command)
        seq += len(command)
        reply = b"-E%06dX no such thing %d\r\n" % (i, i)
        capture.packet(SERVER, 6379, CLIENT, 40000, back, seq, ACK | PSH, reply)
        back += len(reply)
    capture.close()


def short_lives(path):
    """Three hundred thousand connections, each refused behind its AUTH."""
    capture = Capture(path, packed=True)
    asked = b"*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n"
    said = b"+OK\r\n-NOAUTH Authentication required.\r\n"
    for n in range(300_000):
        client, port = CLIENT + 256 * (1 + n // 50_000), 10_000 + n % 50_000
        capture.shake(port, client)
        capture.packet(client, port, SERVER, 6379, 1, 1, ACK | PSH, asked)
        capture.packet(SERVER, 6379, client, port, 1, 1 + len(asked), ACK | PSH, said)
        capture.packet(client, port, SERVER, 6379, 1 + len(asked), 1 + len(said), ACK | FIN)
        capture.packet(SERVER, 6379, client, port, 1 + len(said), 2 + len(asked), ACK | FIN)
        capture.packet(client, port, SERVER, 6379, 2 + len(asked), 2 + len(said), ACK)
    capture.close()


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = block(1, struct.pack("<HHI", 101, 0, 0))


def comments(path):
    """A small file full of long comments, names and secrets."""
    with gzip.open(path, "wb", 9) as file:
        file.write(SECTION + INTERFACE)
        long = b"".join(option(1, b"c" * 65_000) for _ in range(30))
        for _ in range(500):
            file.write(block(6, struct.pack("<IIIII", 0, 0, 0, 0, 0) + long))
        names = b"".join(struct.pack("<HH", 1, 60_004) + b"\x0a\0\0\1" + b"n" * 59_999 + b"\0" for _ in range(30))
        for _ in range(500):
            file.write(block(4, names + bytes(4)))
        for _ in range(100):
            file.write(block(10, struct.pack("<II", 0x544C534B, 2_000_000) + b"k" * 2_000_000))


def sections(path):
    """A section of many interfaces, again and again."""
    with gzip.open(path, "wb", 9) as file:
        for _ in range(40):
            file.write(SECTION + (block(1, struct.pack("<HHI", 101, 0, 0) + option(2, b"i" * 1000)) * 30_000))


def long_block(path):
    """A block that says it is 4 GB long."""
    with gzip.open(path, "wb", 9) as file:
        file.write(SECTION + INTERFACE + struct.pack("<II", 6, 0xFFFFFFF0))
        for _ in range(300):
            file.write(bytes(1 << 20))


MB = 1 << 20
CASES = {
    "one-sided 0.5 M": (one_sided(500_000), 200),
    "one-sided 2 M": (one_sided(2_000_000), 200),
    "one-sided 4 M": (one_sided(4_000_000), 200),
    "acknowledged 0.5 M": (acknowledged(500_000), 200),
    "acknowledged 2 M": (acknowledged(2_000_000), 200),
    "waiting": (waiting, 200),
    # The 64 MiB for commands that wait, and about 3 KiB for each of 50,000 live connections.
    "many waiting": (many_waiting, 200),
    "1 M SYN": (syns, 150),
    "segments ahead": (segments_ahead, 200),
    "crumbs": (crumbs, 200),
    "fragments": (fragments, 200),
    "big value": (big_value, 200),
    "new words": (new_words, 200),
    "short lives": (short_lives, 200),
    "comments": (comments, 200),
    "sections": (sections, 200),
    "long block": (long_block, 200),
}


def peak(binary, path):
    """Peak memory in MiB, seconds of CPU time, and what was counted as a limit."""
    script = "import resource,subprocess,sys\n" \
        "done=subprocess.run(sys.argv[1:],stdout=subprocess.PIPE,stderr=subprocess.DEVNULL)\n" \
        "used=resource.getrusage(resource.RUSAGE_CHILDREN)\n" \
        "sys.stdout.buffer.write(b'%d %f %d\\n' % (used.ru_maxrss, used.ru_utime+used.ru_stime, done.returncode)+done.stdout)\n"
    told = subprocess.run([sys.executable, "-c", script, binary, "analyze", "-q", "--format", "json", path], stdout=subprocess.PIPE, check=True).stdout
    first, _, document = told.partition(b"\n")
    kib, seconds, code = first.split()
    limits = ""
    if document:
        import json
        totals = json.loads(document)["totals"]
        limits = f"{totals['commands']} commands, {totals['connections']} connections; limits {totals['limits']}"
    return int(kib) / 1024, float(seconds), int(code), limits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--keep", help="write the captures here, and use those that are there")
    options = parser.parse_args()
    chosen = {n: c for n, c in CASES.items() if not options.names or any(n.startswith(w) for w in options.names)}
    failed, levels = False, {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        for name, (write, bound) in chosen.items():
            path = os.path.join(folder, name.replace(" ", "-") + ".capture")
            if not os.path.exists(path):
                write(path)
            mib, seconds, code, limits = peak(options.binary, path)
            size = os.path.getsize(path) / MB
            bad = mib > bound or code != 0
            failed |= bad
            print(f"{name:20} {size:8.2f} MiB  peak {mib:7.1f} MiB of {bound}  {seconds:6.2f} s  {'TOO MUCH' if bad else 'ok'}  {limits}", flush=True)
            if name.startswith("one-sided"):
                levels[name] = mib
            if not options.keep:
                os.unlink(path)
    if levels and max(levels.values()) > 1.05 * min(levels.values()):
        print(f"one-sided captures differ by more than 5 %: {levels}")
        failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
