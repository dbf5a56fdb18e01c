"""The generator, the hash split and the order, written again from their papers: python streams.py > streams.json
xoshiro128** (Blackman & Vigna 2018) seeded by splitmix32, FNV-1a for the label, SHA-256 for the split, Fisher–Yates.
"""
import hashlib
import json
import math

M = 0xFFFFFFFF


def rotl(x, k):
    return ((x << k) | (x >> (32 - k))) & M


class Random:
    def __init__(self, seed, label):
        h = 0x811C9DC5
        for character in label:
            h = ((h ^ ord(character)) * 0x01000193) & M
        z = ((seed * 0x9E3779B1) ^ h) & M
        self.s = []
        for _ in range(4):
            z = (z + 0x9E3779B9) & M
            x = z
            x = ((x ^ (x >> 16)) * 0x85EBCA6B) & M
            x = ((x ^ (x >> 13)) * 0xC2B2AE35) & M
            self.s.append(x ^ (x >> 16))

    def word(self):
        s = self.s
        result = (rotl((s[1] * 5) & M, 7) * 9) & M
        t = (s[1] << 9) & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)
        return result

    def uniform(self):
        return ((self.word() >> 5) * 2**26 + (self.word() >> 6)) / 2**53

    def below(self, n):
        return math.floor(self.uniform() * n)

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())


def order(count, seed, epoch, block=4096):
    out = []
    for number, first in enumerate(range(0, count, block)):
        items = list(range(first, min(count, first + block)))
        random = Random(seed, f"order {epoch} {number}")
        for i in range(len(items) - 1, 0, -1):
            j = random.below(i + 1)
            items[i], items[j] = items[j], items[i]
        out += items
    return out


def fraction(key):
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


generators = []
for seed, label in ((0, ""), (1, "prompt-init"), (5, "start"), (2**31, "order 0 0"), (-7, "test start")):
    make = lambda: Random(seed, label)
    words, uniforms, belows, normals = make(), make(), make(), make()
    generators.append({
        "seed": seed, "label": label,
        "words": [words.word() for _ in range(6)],
        "uniforms": [uniforms.uniform() for _ in range(3)],
        "below": [belows.below(n) for n in (2, 10, 1000, 2**32)],
        "normals": [normals.normal() for _ in range(3)],
    })
long = order(5000, 3, 2)
print(json.dumps({
    "generators": generators,
    "orders": [{"count": 12, "seed": s, "epoch": e, "order": order(12, s, e)} for s, e in ((0, 0), (0, 1), (9, 0))],
    "long": {"count": 5000, "seed": 3, "epoch": 2, "first": long[:8], "second block": long[4096:4104]},
    "fractions": [{"key": k, "fraction": fraction(k)} for k in ("", "a", "Größe 日本", "text 17", "x" * 1000)],
}, indent=1, ensure_ascii=True))
