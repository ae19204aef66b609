import Foundation

/// Files that are either whole or not there, also after a power cut.
public enum DurableFile {
    /// Writes to a temporary name, flushes, renames, and flushes the folder. Missing folders are made (mode 0700).
    public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let temporary = "\(path).\(UUID().uuidString.prefix(8)).part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporary]) }
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try file.write(contentsOf: Data(bytes))
            try file.synchronize()
            try file.close()
            guard rename(temporary, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        } catch {
            unlink(temporary)
            throw error
        }
        flush(folder: folder)
    }

    /// Removes a file; it is gone from the disk when this returns.
    public static func remove(_ path: String) throws {
        guard unlink(path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        flush(folder: (path as NSString).deletingLastPathComponent)
    }

    /// Makes the names in a folder durable; a folder that cannot be opened is left to the file system.
    private static func flush(folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
