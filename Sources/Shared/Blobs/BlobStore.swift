import Foundation
public import Vocabulary

/// Bytes on disk under the hash of their content; written once, never changed.
public struct BlobStore: Sendable {
    /// The store's folder; blobs lie in sub-folders named after the first two digits of their hashes.
    public let folder: String

    /// Opens a store, making its folder when it is missing.
    public init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Keeps some bytes; they are on disk when this returns.
    ///
    /// - Returns: the hash to find them under.
    @discardableResult
    public func keep(_ bytes: [UInt8]) throws -> ContentHash {
        let hash = Hashing.hash(bytes)
        let path = path(of: hash)
        if !FileManager.default.fileExists(atPath: path) { try DurableFile.write(bytes, to: path) }
        return hash
    }

    /// The bytes kept under a hash; `nil` when there are none.
    ///
    /// - Throws: `BlobError` when what lies there has another hash.
    public func bytes(of hash: ContentHash) throws -> [UInt8]? {
        guard let content = FileManager.default.contents(atPath: path(of: hash)) else { return nil }
        let bytes = Array(content)
        guard Hashing.hash(bytes) == hash else { throw BlobError(hash: hash, path: path(of: hash)) }
        return bytes
    }

    /// Removes what is kept under a hash, if anything is.
    public func remove(_ hash: ContentHash) { unlink(path(of: hash)) }

    /// Where the blob of a hash lies, whether or not it is there.
    public func path(of hash: ContentHash) -> String { "\(folder)/\(hash.rawValue.prefix(2))/\(hash.rawValue)" }
}

/// A blob whose content is not what its name says.
public struct BlobError: Error, CustomStringConvertible, Sendable {
    /// The hash it is filed under.
    public let hash: ContentHash
    /// Where it lies.
    public let path: String

    /// What is wrong and what to do.
    public var description: String { "the blob \(hash.short) is damaged; delete \(path) and run the step again" }
}
