import Foundation
import Glibc

/// Deletes folders that a script has filled: however deep they nest, whatever their modes, never through a link.
public enum FolderRemoval {
    /// Deletes a folder with everything in it; nothing happens when it is not there.
    public static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        // Folders are moved to one level before they are emptied: a path of a hostile depth can be neither named nor
        // walked down by recursion.
        let waiting = path + ".gone"
        mkdir(waiting, 0o700)
        rename(path, "\(waiting)/0")
        var count = 1
        var next = 0
        while next < count {
            let folder = "\(waiting)/\(next)"
            empty(folder, into: waiting, count: &count)
            rmdir(folder)
            next += 1
        }
        rmdir(waiting)
    }

    private static func empty(_ folder: String, into waiting: String, count: inout Int) {
        chmod(folder, 0o700)
        guard let listing = opendir(folder) else { return }
        defer { closedir(listing) }
        let here = dirfd(listing)
        while let entry = readdir(listing) {
            // A record is as long as its name: what follows it may not be memory of ours.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                let start = UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)
                return Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
            }
            if name[0] == 46 && (name[1] == 0 || (name[1] == 46 && name[2] == 0)) { continue }
            var status = stat()
            guard fstatat(here, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                // A folder can only be moved by one who may write to it.
                fchmodat(here, name, 0o700, 0)
                if renameat(here, name, AT_FDCWD, "\(waiting)/\(count)") == 0 { count += 1 }
            } else {
                unlinkat(here, name, 0)
            }
        }
    }
}
