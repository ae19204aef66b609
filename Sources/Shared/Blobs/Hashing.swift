import Crypto
public import Foundation
public import Vocabulary

/// SHA-256 of bytes and files.
public enum Hashing {
    /// The hash of some bytes.
    public static func hash(_ bytes: some Sequence<UInt8>) -> ContentHash {
        digest(SHA256.hash(data: Array(bytes)))
    }

    /// The hash of a value's canonical form.
    public static func hash(_ form: CanonicalForm) -> ContentHash { hash(form.bytes) }

    /// The hash of a file's content, read in pieces of 1 MiB.
    ///
    /// - Throws: what reading the file throws.
    public static func hash(fileAt path: String) throws -> ContentHash {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var hasher = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hasher.update(data: piece) }
        return digest(hasher.finalize())
    }

    fileprivate static func digest(_ digest: SHA256.Digest) -> ContentHash {
        let digits = Array("0123456789abcdef".utf8)
        return ContentHash(
            String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { text in
                for (index, byte) in digest.enumerated() {
                    text[2 * index] = digits[Int(byte >> 4)]
                    text[2 * index + 1] = digits[Int(byte & 15)]
                }
                return 2 * SHA256.byteCount
            })
    }
}

/// The hash of bytes that come piece by piece.
public struct RunningHash: Sendable {
    /// Bytes taken in so far.
    public private(set) var byteCount = 0
    private var hasher = SHA256()

    /// The hash of nothing yet.
    public init() {}

    /// Takes the next bytes in.
    public mutating func update(_ bytes: Data) {
        hasher.update(data: bytes)
        byteCount += bytes.count
    }

    /// The hash of everything taken in.
    public var hash: ContentHash { Hashing.digest(hasher.finalize()) }
}
