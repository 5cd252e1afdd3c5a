"""Random text: sequences of events in every framing, damaged sequences, and random tokens and bytes."""

import json
import random

TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"\n", b"\r\n", b" ", b"\t", b"\xef\xbb\xbf", b"\xef",
    b"\xff", b"\0", b"\x0b", b"1", b"-0.5e3", b"null", b"true", b'"a"', b'"a":', b'{"a":1}', b'{"a":1}\n',
    b'{"a":{"b":[1,{"c":2}]}}', b'{"a":"}{"}', b'{"a":"\\""}', b"[1,2]", b"x", b'{"a":[', b'"b":{', "é\u2028".encode(),
]  # fmt: skip


def text(rng: random.Random) -> bytes:
    """Return random JSON tokens, random bytes, framed events, or damaged framed events."""
    kind = rng.randrange(4)
    if kind == 0:
        return b"".join(rng.choices(TOKENS, k=rng.randrange(60)))
    if kind == 1:
        return rng.randbytes(rng.randrange(200))
    framed = _framed(rng, [_event(rng) for _ in range(rng.randrange(12))])
    return framed if kind == 2 else _damaged(rng, framed)


def _event(rng: random.Random) -> object:
    depth = rng.choice([1, 1, 1, 2, 5, 40])
    value: object = rng.choice([1, -2.5, None, True, "", "a}b{", '"\\', "\u2028\ud83d\ude00", "x" * rng.randrange(40)])
    for _ in range(depth):
        value = {rng.choice(["a", "request_id", "\u00e9"]): value} if rng.random() < 0.7 else [value]
    return value if isinstance(value, dict) else {"a": value}


def _framed(rng: random.Random, events: list[object]) -> bytes:
    """Encode the events in one of the framings of docs/input.md."""
    indent = rng.choice([None, None, None, 1])
    written = [json.dumps(event, indent=indent, ensure_ascii=rng.random() < 0.5) for event in events]
    end = rng.choice(["\n", "\r\n"])
    framed = rng.choice(
        [
            end.join(written) + rng.choice(["", end]),
            "".join(written),
            "[" + rng.choice([",", ", ", f",{end}", f"{end},"]).join(written) + "]",
            "".join(f"[{t}]{end}" for t in written),
            "".join(t + rng.choice(["", " ", end, end + end, ","]) for t in written),
        ]
    )
    return rng.choice([b"", b"", b"\xef\xbb\xbf"]) + framed.encode("utf-8", "surrogatepass")


def _damaged(rng: random.Random, body: bytes) -> bytes:
    damaged = bytearray(body)
    for _ in range(rng.randrange(1, 4)):
        at, length = rng.randrange(len(damaged) + 1), rng.randrange(6)
        damaged[at : at + length] = rng.choice([b"", b"\n", rng.choice(TOKENS), rng.randbytes(3)])
    return bytes(damaged)
