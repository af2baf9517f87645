#!/usr/bin/env python3
"""Makes small captures for measurements: the same arguments give the same bytes.

    tests/bench/captures.py KIND COUNT FILE

What COUNT counts is said at each kind, see `KINDS`. Every capture is Ethernet, IPv4, TCP with timestamps.
"""
import random
import struct
import sys

FIN, SYN, PSH_ACK, ACK = 1, 2, 24, 16
SERVER = b"\x0a\0\0\2"


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


class Connection:
    """One connection; segments are captured 15 microseconds apart."""

    def __init__(self, capture, port):
        self.capture, self.port = capture, port
        self.next = {"c": capture.random.getrandbits(32), "s": capture.random.getrandbits(32)}
        self.stamp = capture.random.getrandbits(31)
        self.send("c", SYN)
        self.send("s", SYN | ACK)
        self.send("c", ACK)

    def send(self, side, flags, data=b"", captured=True):
        """Sends a segment; with `captured=False` the capture misses it."""
        if captured:
            self.capture.packet(self.bytes_of(side, flags, data))
        self.next[side] += len(data) + (1 if flags & (FIN | SYN) else 0)

    def bytes_of(self, side, flags, data):
        peer = "s" if side == "c" else "c"
        ports = (self.port, 6379) if side == "c" else (6379, self.port)
        acked = self.next[peer] & 0xFFFFFFFF if flags & ACK else 0
        options = b"\1\1\x08\x0a" + struct.pack(">II", (self.stamp + self.capture.ns // 10**6) & 0xFFFFFFFF, 1)
        tcp = struct.pack(">HHIIBBHHH", *ports, self.next[side] & 0xFFFFFFFF, acked, 0x80, flags, 502, 0, 0)
        return side, tcp + options + data

    def later(self, side, data):
        """The segment that sends `data`, to be captured later."""
        segment = self.bytes_of(side, PSH_ACK, data)
        self.next[side] += len(data)
        return segment

    def say(self, request, reply):
        self.send("c", PSH_ACK, request)
        self.send("s", PSH_ACK, reply)

    def close(self):
        self.send("c", FIN | ACK)
        self.send("s", FIN | ACK)
        self.send("c", ACK)


class Capture:
    def __init__(self, seed=5):
        self.random = random.Random(seed)
        self.client = b"\x0a\0\0\1"
        self.ns, self.number = 1_700_000_000 * 10**9, 0
        self.parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]

    def packet(self, segment):
        side, tcp = segment
        self.ns += 15_000
        self.number += 1
        src, dst = (self.client, SERVER) if side == "c" else (SERVER, self.client)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), self.number & 0xFFFF, 0x4000, 64, 6, 0, src, dst)
        frame = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + tcp
        seconds, rest = divmod(self.ns, 10**9)
        self.parts.append(struct.pack("<IIII", seconds, rest // 1000, len(frame), len(frame)) + frame)

    def connect(self, port=40_000):
        return Connection(self, port)

    def exchange(self, odd):
        """SET and GET in turn, of random keys: the command and its reply."""
        key = b"key:%012d" % self.random.randrange(10**6)
        return (command(b"SET", key, b"xxx"), b"+OK\r\n") if odd else (command(b"GET", key), b"$3\r\nxxx\r\n")


def pipelined(capture, count):
    """Commands, thirty at a time."""
    one = capture.connect()
    for _ in range(count // 30):
        pairs = [capture.exchange(i & 1) for i in range(30)]
        one.say(b"".join(c for c, _ in pairs), b"".join(r for _, r in pairs))
        one.send("c", ACK)
    one.close()


def unpipelined(capture, count):
    """Commands, one at a time, on ten connections."""
    all_of_them = [capture.connect(40_000 + i) for i in range(10)]
    for i in range(count):
        one = all_of_them[i % 10]
        one.say(*capture.exchange(i & 1))
        one.send("c", ACK)
    for one in all_of_them:
        one.close()


def short(capture, count):
    """Connections with AUTH and two commands, every second one in one flight."""
    for i in range(count):
        one = capture.connect(10_000 + i % 50_000)
        auth, ping, get = command(b"AUTH", b"sekret"), command(b"PING"), command(b"GET", b"key:%06d" % (i % 500))
        if i & 1:
            one.say(auth + ping + get, b"+OK\r\n+PONG\r\n$-1\r\n")
        else:
            one.say(auth, b"+OK\r\n")
            one.say(ping, b"+PONG\r\n")
            one.say(get, b"$-1\r\n")
        one.close()


def big(capture, count, size=1448):
    """Values of 100 KiB, set and read, in segments of 1,448 bytes."""
    one = capture.connect()
    value = b"v" * 102_400
    for i in range(count):
        request, reply = command(b"SET", b"big", value), b"+OK\r\n"
        if i & 1:
            request, reply = command(b"GET", b"big"), b"$%d\r\n%s\r\n" % (len(value), value)
        for side, data in (("c", request), ("s", reply)):
            for at in range(0, len(data), size):
                one.send(side, PSH_ACK, data[at:at + size])
    one.close()


def large(capture, count):
    """The same in segments of 65,000 bytes."""
    big(capture, count, size=65_000)


def gaps(capture, count):
    """Replies that the capture misses, each among ten exchanges."""
    one = capture.connect()
    for i in range(count * 10):
        request, reply = capture.exchange(i & 1)
        one.send("c", PSH_ACK, request)
        one.send("s", PSH_ACK, reply, captured=i % 10 != 5)
        one.send("c", ACK)
    one.close()


def races(capture, count):
    """Connections on which a command behind AUTH is refused and the next one served."""
    for i in range(count):
        one = capture.connect(10_000 + i % 50_000)
        flight = [command(b"AUTH", b"sekret"), command(b"GET", b"key:%06d" % (i % 500)), command(b"GET", b"other")]
        one.say(b"".join(flight), b"+OK\r\n-NOAUTH Authentication required.\r\n$-1\r\n")
        one.close()


def arrays(capture, count):
    """Elements of one reply, in segments of 1,448 bytes."""
    one = capture.connect()
    one.send("c", PSH_ACK, command(b"LRANGE", b"list", b"0", b"-1"))
    data = b"*%d\r\n" % count + b"$6\r\nmember\r\n" * count
    for at in range(0, len(data), 1448):
        one.send("s", PSH_ACK, data[at:at + 1448])
    one.close()


def shuffled(capture, count):
    """Segments of the server, captured in runs of sixteen with the last one first."""
    one = capture.connect()
    for _ in range(count // 16):
        pairs = [capture.exchange(i & 1) for i in range(16)]
        one.send("c", PSH_ACK, b"".join(c for c, _ in pairs))
        for segment in reversed([one.later("s", reply) for _, reply in pairs]):
            capture.packet(segment)
        one.send("c", ACK)
    one.close()


def bytewise(capture, count):
    """Segments of one byte."""
    one = capture.connect()
    sent, i = 0, 0
    while sent < count:
        for side, data in zip("cs", capture.exchange(i & 1)):
            for at in range(len(data)):
                one.send(side, PSH_ACK, data[at:at + 1])
            sent += len(data)
        i += 1
    one.close()


def outstanding(capture, count):
    """Commands that all wait before the first of them is answered."""
    one = capture.connect()
    pairs = [capture.exchange(i & 1) for i in range(count)]
    for side, at in (("c", 0), ("s", 1)):
        data = b"".join(pair[at] for pair in pairs)
        for start in range(0, len(data), 1448):
            one.send(side, PSH_ACK, data[start:start + 1448])
    one.close()


def kept_open(capture, count):
    """Connections with AUTH and two commands that are not closed; a new client address for every 50,000."""
    for i in range(count):
        capture.client = bytes([10, 0, 1, 1 + i // 50_000])
        one = capture.connect(10_000 + i % 50_000)
        one.say(command(b"AUTH", b"sekret"), b"+OK\r\n")
        one.say(command(b"PING"), b"+PONG\r\n")
        one.say(command(b"GET", b"key:%06d" % (i % 500)), b"$-1\r\n")


KINDS = {f.__name__: f for f in (
    pipelined, unpipelined, short, big, large, gaps, races, arrays, shuffled, bytewise, outstanding, kept_open)}


def make(kind, count, path):
    """Writes the capture of this kind to `path`."""
    capture = Capture()
    KINDS[kind](capture, count)
    with open(path, "wb") as file:
        file.writelines(capture.parts)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS:
        sys.exit(f"{__doc__}\n" + "\n".join(f"    {name}: {kind.__doc__}" for name, kind in KINDS.items()))
    make(sys.argv[1], int(sys.argv[2]), sys.argv[3])
