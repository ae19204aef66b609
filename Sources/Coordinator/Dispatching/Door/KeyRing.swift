import Glibc
import Keys
import Synchronization

/// Who is let in, as the key folder says now: read again when it has changed.
final class KeyRing: Sendable {
    /// What is known of a key.
    enum Standing: Hashable, Sendable {
        case listed(String)
        case revoked(String)
        case unknown
        /// The folder cannot be read: nobody new is let in until it can.
        case unreadable(String)
    }

    private struct State {
        var names: [String: String] = [:]
        var revoked: [String: String] = [:]
        var defects: [String] = []
        var failure: String?
        var stamp: timespec?
        var isSettled = false
        var generation = 0
    }

    private let folder: KeyFolder
    private let state = Mutex(State())

    init(_ folder: KeyFolder) {
        self.folder = folder
        refresh()
    }

    /// How often the list was read, what is wrong with files of it, and the names in it.
    var now: (generation: Int, defects: [String], names: [String]) {
        state.withLock { ($0.generation, $0.defects, $0.names.values.sorted()) }
    }

    /// How often the list was found changed.
    var generation: Int { state.withLock { $0.generation } }

    /// Reads the list again when the folder has changed; costs one look at the folder otherwise.
    func refresh() {
        state.withLock { state in
            var status = stat()
            guard stat(folder.listPath, &status) == 0 else {
                state.failure = "cannot read \(folder.listPath): \(String(cString: strerror(errno)))"
                state.stamp = nil
                return
            }
            let stamp = status.st_mtim
            let isSame = state.stamp.map { $0.tv_sec == stamp.tv_sec && $0.tv_nsec == stamp.tv_nsec } ?? false
            if isSame, state.isSettled, state.failure == nil { return }
            var clock = timespec()
            clock_gettime(CLOCK_REALTIME, &clock)
            // Race: the clock of files moves in steps; a change within the step of the last one would go unseen.
            state.isSettled = clock.tv_sec > stamp.tv_sec + 1
            state.stamp = stamp
            load(&state)
        }
    }

    private func load(_ state: inout State) {
        do throws(KeyError) {
            let (keys, defects) = try folder.listed()
            let revoked = try folder.revoked().keys
            let names = Dictionary(keys.map { ($0.publicText, $0.name) }) { first, _ in first }
            if names != state.names || defects != state.defects { state.generation += 1 }
            state.names = names
            state.revoked = Dictionary(revoked.map { ($0.publicText, $0.name) }) { first, _ in first }
            state.defects = defects
            state.failure = nil
        } catch {
            state.failure = "\(error)"
        }
    }

    /// What a new connection with a public key is told: nobody is let in while the list cannot be read.
    func admission(of key: String) -> Standing {
        let failure = state.withLock { $0.failure }
        return failure.map { .unreadable($0) } ?? standing(of: key)
    }

    /// What is known of a public key.
    func standing(of key: String) -> Standing {
        state.withLock { state in
            if let name = state.names[key] { return .listed(name) }
            if let failure = state.failure { return .unreadable(failure) }
            return state.revoked[key].map { .revoked($0) } ?? .unknown
        }
    }

    /// The key that may speak for a worker or an incarnation: the longest listed name that it is, or begins with before a
    /// dash.
    func owner(of text: String) -> String? {
        state.withLock { state in
            state.names.values.filter { text == $0 || text.hasPrefix("\($0)-") }.max { $0.utf8.count < $1.utf8.count }
        }
    }
}
