import Foundation

/// A script's `./checkpoint` as bytes, to go with it to another worker. Only plain files travel: whatever else a script
/// makes, it can make again.
enum CheckpointFiles {
    /// The largest checkpoint that travels, in bytes of its files together.
    static let largest = 64 << 20
    /// Files in it at most.
    static let mostFiles = 1_000
    /// Folders below each other at most.
    static let deepest = 16

    /// Packs a folder.
    ///
    /// - Returns: `nil` when there is nothing in it, or more than travels.
    static func packed(_ folder: String) -> [UInt8]? {
        var files: [String: Data] = [:]
        var left = largest
        guard collect(folder, below: [], into: &files, left: &left), !files.isEmpty else { return nil }
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        return (try? encoder.encode(files)).map(Array.init)
    }

    private static func collect(
        _ folder: String, below names: [String], into files: inout [String: Data], left: inout Int
    ) -> Bool {
        guard names.count < deepest else { return false }
        let here = ([folder] + names).joined(separator: "/")
        for name in (try? FileManager.default.contentsOfDirectory(atPath: here)) ?? [] {
            var status = stat()
            guard lstat("\(here)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard collect(folder, below: names + [name], into: &files, left: &left) else { return false }
            } else if status.st_mode & S_IFMT == S_IFREG {
                let path = names + [name]
                guard files.count < mostFiles,
                    case .bytes(let bytes) = SubmissionFile.read(inside: folder, path, largest: left)
                else { return false }
                left -= bytes.count
                files[path.joined(separator: "/")] = Data(bytes)
            }
        }
        return true
    }

    /// Unpacks into a folder that is not there yet. Bytes come from outside: nothing is written but plain files below
    /// the folder.
    static func unpack(_ bytes: [UInt8], into folder: String) throws {
        let files = try PropertyListDecoder().decode([String: Data].self, from: Data(bytes))
        guard files.count <= mostFiles, files.values.reduce(0, { $0 + $1.count }) <= largest else {
            throw CheckpointUnusable(description: "it is larger than checkpoints may be")
        }
        for (path, content) in files.sorted(by: { $0.key < $1.key }) {
            let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let isSafe = names.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }
            guard isSafe, names.count <= deepest, !path.utf8.contains(0) else {
                throw CheckpointUnusable(description: "it names the file '\(path.prefix(100))'")
            }
            let parent = ([folder] + names.dropLast()).joined(separator: "/")
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try content.write(to: URL(fileURLWithPath: "\(folder)/\(path)"))
        }
    }
}

/// Why a checkpoint was not taken.
struct CheckpointUnusable: Error, CustomStringConvertible {
    let description: String
}
