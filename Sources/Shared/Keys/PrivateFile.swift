import Foundation
import Glibc

/// Files that hold a secret: made for their owner alone, and not used when others could read them.
public enum PrivateFile {
    private static let largest = 4096

    /// Makes a file (mode 0600) that must not be there yet; it is on disk when this returns.
    public static func create(_ text: String, at path: String) throws(KeyError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { throw KeyError("\(path) is there already and is not written over: choose another") }
            throw KeyError("cannot make \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        let bytes = Array(text.utf8)
        // A mask may have taken bits away; none may be added.
        guard fchmod(file, 0o600) == 0, write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            let why = String(cString: strerror(errno))
            unlink(path)
            throw KeyError("cannot write \(path): \(why)")
        }
    }

    /// Reads a file that nobody but its owner may read; root's may also be read by its group, as mounted secrets are.
    public static func read(_ path: String) throws(KeyError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw KeyError("cannot read \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largest else {
            throw KeyError("\(path) is no key file: it is no plain file or too large")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw KeyError("\(path) belongs to another user (\(status.st_uid)); a key must be your own: copy it")
        }
        let isShared = status.st_uid == 0 && geteuid() != 0
        guard status.st_mode & (isShared ? 0o027 : 0o077) == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw KeyError("others can read or change \(path) (mode \(mode)): chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: largest)
        let count = Glibc.read(file, &bytes, largest)
        guard count >= 0, let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw KeyError("\(path) is no key file: it is no text")
        }
        return text
    }
}
