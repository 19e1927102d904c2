"""Reading out of folders and archives: damaged, unsafe and oversized ones are refused in one line."""
import bz2
import gzip
import io
import lzma
import os
import resource
import tarfile
import unittest
import zipfile
import zlib

from made_up import FolderTest, logs

from deepfog.program import InputError as DataError
from raw_source import RawSource, plain
from unpack import PIECE, Unpacked

ALL = {f"data/file{number}.log": bytes([65 + number]) * 3000 for number in range(5)}


def everything(_):
    return True


class RefusedArchive(FolderTest):
    def check(self, path, pattern, **limits):
        with self.assertRaisesRegex(DataError, pattern):
            list(RawSource(path, **limits).files(everything))


class Damaged(RefusedArchive):
    def cut(self, path, keep):
        with open(path, "rb") as file:
            content = file.read()
        with open(path, "wb") as file:
            file.write(content[:keep] if keep > 0 else content[:len(content) + keep])
        return path

    def test_cut_archives(self):
        files = logs()
        for name, keep in (("a.tar.xz", -40), ("b.tar.gz", -40), ("c.tar.bz2", -40), ("d.tar", 5000), ("e.tar", 512 * 7 + 100)):
            with self.subTest(name):
                self.check(self.cut(self.pack_tar(files, name), keep), "damaged or cut short")

    def test_tar_cut_between_two_files(self):
        path = self.pack_tar({"one": b"1" * 512, "two": b"2" * 512}, "edge.tar")
        self.check(self.cut(path, 1024), "the end mark is missing")

    def test_cut_zip(self):
        self.check(self.cut(self.pack_zip(logs()), -40), "damaged or cut short")

    def test_flipped_byte_in_zip(self):
        path = self.pack_zip({"a.log": os.urandom(4000)})
        with open(path, "r+b") as file:
            file.seek(2000)
            byte = file.read(1)
            file.seek(2000)
            file.write(bytes([byte[0] ^ 255]))
        self.check(path, "damaged or cut short")

    def test_no_archive_at_all(self):
        path = self.path("text.tar.xz")
        with open(path, "w", encoding="ascii") as file:
            file.write("this is text\n" * 100)
        self.check(path, "damaged or cut short")

    def test_empty_file(self):
        path = self.path("empty.zip")
        open(path, "wb").close()
        self.check(path, "damaged or cut short")


class Unsafe(RefusedArchive):
    def test_paths(self):
        for number, name in enumerate(("../evil.log", "/etc/evil.log", "a/../../evil.log", "..\\evil.log")):
            with self.subTest(name):
                self.check(self.pack_tar({name: b"x"}, f"{number}.tar"), "unsafe path")
                self.check(self.pack_zip({name: b"x"}, f"{number}.zip"), "unsafe path")

    def test_links_in_tar(self):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            path = self.path("links.tar")
            with tarfile.open(path, "w") as archive:
                member = tarfile.TarInfo("mHealth_subject1.log")
                member.type, member.linkname = kind, "/etc/passwd"
                archive.addfile(member)
            self.check(path, "is a link or a device")

    def test_link_in_zip(self):
        path = self.path("links.zip")
        with zipfile.ZipFile(path, "w") as archive:
            info = zipfile.ZipInfo("mHealth_subject1.log")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
        self.check(path, "is a link")

    def test_too_many_bytes(self):
        for path in (self.pack_tar(ALL), self.pack_zip(ALL), self.lay(ALL)):
            self.check(path, "too large when unpacked", max_bytes=14_999)
            self.assertEqual(len(list(RawSource(path, max_bytes=15_000).files(everything))), 5)

    def test_too_many_files(self):
        for path in (self.pack_tar(ALL), self.pack_zip(ALL), self.lay(ALL)):
            self.check(path, "too many files", max_files=4)
            self.assertEqual(len(list(RawSource(path, max_files=5).files(everything))), 5)

    def test_endless_padding(self):
        path = self.path("padding.tar")
        with open(self.pack_tar(ALL, "padding.tar"), "ab") as file:
            file.truncate((16 << 20) + 30_000)
        self.check(path, "too much after the last file")

    def test_a_claim_of_terabytes_is_refused_before_reading(self):
        path = self.path("claim.tar")
        member = tarfile.TarInfo("a.log")
        member.size = 1 << 42
        with open(path, "wb") as file:
            file.write(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        self.check(path, "too large when unpacked")


class Resources(RefusedArchive):
    """Claims and bombs: one line, before memory or time is spent."""

    def bomb(self, members, name="bomb.tar.xz"):
        """A packed tar that ends behind the headers of [(TarInfo, bytes)]."""
        content = b"".join(member.tobuf(tarfile.GNU_FORMAT) + begin for member, begin in members)
        with open(self.path(name), "wb") as file:
            file.write(lzma.compress(content, preset=0) if name.endswith(".xz") else gzip.compress(content))
        return self.path(name)

    def member(self, name, size, kind=tarfile.REGTYPE):
        member = tarfile.TarInfo(name)
        member.size, member.type = size, kind
        return member

    def test_a_file_of_three_gigabytes(self):
        for name in ("bomb.tar.xz", "bomb.tar.gz"):
            for inside in ("wanted.log", "other.bin"):
                with self.assertRaisesRegex(DataError, "bomb.tar...: too large when unpacked"):
                    list(RawSource(self.bomb([(self.member(inside, 3 << 30), b"")], name)).files(lambda path: path.endswith(".log")))

    def test_headers_of_gigabytes(self):
        for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE):
            self.check(self.bomb([(self.member("long", 1 << 31, kind), bytes(512))]), r"a header inside has \d+ bytes")

    def test_one_file_has_a_limit_of_its_own(self):
        for path in (self.pack_tar(ALL), self.pack_zip(ALL), self.lay(ALL)):
            with self.assertRaisesRegex(DataError, r"file0.log: too large \(2999 bytes allowed\)"):
                list(RawSource(path).files(everything, 2999))
            self.assertEqual(len(list(RawSource(path).files(everything, 3000))), 5)

    def test_zip_members_that_lie_or_cannot_be_bounded(self):
        with zipfile.ZipFile(self.path("m.zip"), "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("a.log", bytes(1000))
        self.check(self.path("m.zip"), "a.log: is packed by method 14")
        with zipfile.ZipFile(self.path("n.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.log", bytes(5000))
        with open(self.path("n.zip"), "rb") as file:
            content = file.read().replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
        with open(self.path("n.zip"), "wb") as file:
            file.write(content)
        self.check(self.path("n.zip"), "damaged or cut short")

    def test_xz_that_asks_for_gigabytes_of_memory(self):
        content = bytearray(lzma.compress(b"x" * 1000))
        header = 4 * content[12] + 4  # bytes of the block's header, the sum over it behind
        self.assertEqual(bytes(content[14:16]), b"\x21\x01")
        content[16] = 40  # a dictionary of 4 GiB
        content[12 + header - 4:12 + header] = zlib.crc32(content[12:12 + header - 4]).to_bytes(4, "little")
        with self.assertRaisesRegex(DataError, "a.xz: is damaged or cut short: Memory usage limit"):
            plain(bytes(content), "a.xz", 2000)

    def test_packed_streams_are_made_a_piece_at_a_time(self):
        much = 40 * PIECE
        for pack in (gzip.compress, bz2.compress, lambda content: lzma.compress(content, preset=0)):
            packed = pack(bytes(much))
            with self.assertRaisesRegex(DataError, "too large"):
                plain(packed, "a.gz", 1000)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            stream = Unpacked(io.BytesIO(packed))
            self.assertEqual(stream.seek(much), much)
            self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 20 << 10)  # KiB
            self.assertEqual(stream.read(1), b"")

    def test_streams_one_behind_the_other(self):
        content = os.urandom(3000)
        for pack in (gzip.compress, bz2.compress, lzma.compress):
            self.assertEqual(plain(2 * pack(content) + bytes(600), "a.gz", 9000), 2 * content)
            with self.assertRaisesRegex(DataError, "damaged or cut short"):
                plain(pack(content) + b"more", "a.gz", 9000)


class Digest(FolderTest):
    def test_of_an_archive_is_the_file_s(self):
        path = self.pack_tar(ALL)
        before = RawSource(path).sha256(everything)
        with open(path, "ab") as file:
            file.write(b"\0")
        self.assertNotEqual(RawSource(path).sha256(everything), before)

    def test_of_a_folder_follows_names_and_content_alone(self):
        one, two = RawSource(self.lay(ALL, "one")), RawSource(self.lay(dict(reversed(list(ALL.items()))), "two"))
        self.assertEqual(one.sha256(everything), two.sha256(everything))
        self.lay({"data/file0.log": b"other"}, "two")
        self.assertNotEqual(one.sha256(everything), two.sha256(everything))

    def test_of_a_folder_ignores_other_files(self):
        source = RawSource(self.lay(ALL))
        before = source.sha256(lambda inside: inside.endswith(".log"))
        self.lay({"notes.txt": b"x"})
        self.assertEqual(source.sha256(lambda inside: inside.endswith(".log")), before)

    def test_members_are_given_whole(self):
        for path in (self.pack_tar(ALL), self.pack_zip(ALL), self.lay(ALL)):
            self.assertEqual(dict(RawSource(path).files(everything)), ALL)


if __name__ == "__main__":
    unittest.main()
