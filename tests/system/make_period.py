#!/usr/bin/python3
"""Writes a valid period file of any size to standard output.

    make_period.py --units 126 --leaves 8 --id p126
    make_period.py --units 3321 --leaves 40 --depth 2 --id p3321 --deadline 2030-11-30

Everything follows from the arguments: the same ones give the same bytes. The maxima add up to exactly 100,00.
"""

import argparse
import random
import sys

TOTAL_CP = 10000
UNITS_MAX, CRITERIA_MAX = 4096, 512  # what a definition may hold, items and the criteria above them together
ITEMS_EACH = 5                       # about as many items under a criterion
ALIASES_UP_TO = 500                  # larger ones go without aliases and kinds, well within the memory of one message

FIRST = "An Bình Cẩm Châu Đại Đông Đức Gia Hà Hải Hòa Hồng Hưng Khánh Kim Lạc Liên Long Mai Minh Mỹ Nam Ngọc Nghĩa Phú Phúc Quảng Sơn Tân Tây Thái Thanh Thượng Tiên Trung Trường Vạn Văn Vĩnh Xuân Yên Ứng".split()
SECOND = "An Ấp Bình Cát Chánh Cường Dương Đà Đạo Điền Đô Giang Hà Hậu Hiệp Hòa Khê Lâm Lập Lễ Lợi Lộc Lương Mỹ Nghĩa Ninh Phong Phú Phước Quang Sơn Tâm Tảo Thạch Thành Thịnh Thọ Thủy Tiến Trạch Trì Vân Viên Xá".split()
KINDS = ("xa", "phuong")


def unit_names(count, rng):
    """Distinct names; a number follows once the pairs are used up."""
    pairs = [f"{a} {b}" for a in FIRST for b in SECOND if a != b]
    rng.shuffle(pairs)
    rounds = -(-count // len(pairs))
    return [name if turn == 0 else f"{name} {turn + 1}" for turn in range(rounds) for name in pairs][:count]


def shares(total, count):
    """`count` whole numbers as equal as can be, with exactly this sum."""
    return [total * (i + 1) // count - total * i // count for i in range(count)]


def points(cp):
    return f"{cp // 100},{cp % 100:02d}"


def write_criterion(out, code, title, cp):
    out.append(f'criterion "{code}" {{ title = "{title}"  max = "{points(cp)}" }}')


def write_criteria(out, leaves, depth):
    maxima = shares(TOTAL_CP, leaves)
    if depth == 1:
        for number, cp in enumerate(maxima, 1):
            write_criterion(out, f"TC{number}", f"Tiêu chí {number}", cp)
        return
    at = 0
    for number, size in enumerate(shares(leaves, -(-leaves // ITEMS_EACH)), 1):
        items = maxima[at:at + size]
        at += size
        write_criterion(out, f"TC{number}", f"Tiêu chí {number}", sum(items))
        for item, cp in enumerate(items, 1):
            write_criterion(out, f"TC{number}.{item}", f"Mục {number}.{item}", cp)


def write_units(out, count, rng):
    width = max(2, len(str(count)))
    for number, name in enumerate(unit_names(count, rng), 1):
        more = ""
        if count <= ALIASES_UP_TO:
            more = f'  alias = "u{number}a"  kind = "{rng.choice(KINDS)}"'
        out.append(f'unit "u{number:0{width}d}" {{ name = "{name}"{more} }}')


def arguments():
    parser = argparse.ArgumentParser(description="Writes a period file with that many units and scored criteria.")
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--leaves", type=int, required=True, help="criteria that are scored")
    parser.add_argument("--id", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deadline", default="2030-11-30", help="ISO; default %(default)s")
    parser.add_argument("--depth", type=int, choices=(1, 2), default=1, help="2: the leaves are items of criteria")
    given = parser.parse_args()
    criteria = given.leaves if given.depth == 1 else given.leaves + -(-given.leaves // ITEMS_EACH)
    if not 1 <= given.units <= UNITS_MAX:
        parser.error(f"--units is 1 to {UNITS_MAX}")
    if given.leaves < 1 or criteria > CRITERIA_MAX:
        parser.error(f"--leaves is at least 1, and makes at most {CRITERIA_MAX} criteria")
    return given


def main():
    given = arguments()
    out = [
        f'id = "{given.id}"',
        f'name = "Giao ước thi đua {given.units} đơn vị, {given.leaves} tiêu chí"',
        'cluster = "thu-nghiem"',
        "year = 2030",
        f'total = "{points(TOTAL_CP)}"',
        f'deadline = "{given.deadline}"',
    ]
    write_units(out, given.units, random.Random(given.seed))
    write_criteria(out, given.leaves, given.depth)
    sys.stdout.buffer.write(("\n".join(out) + "\n").encode())


if __name__ == "__main__":
    main()
