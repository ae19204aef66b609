import Blobs
import Dispatch
import Execution
import Foundation
import Logging
import Synchronization
import Vocabulary
import Wire

/// Sees to it that the data of a job is on this machine: under the coordinator's path if it is there and right, in the
/// cache, or fetched from the coordinator. Two jobs with the same data fetch it once.
///
/// All work is done in one queue of its own, so that the session's thread never waits for a disk.
final class DataKeeper: Sendable {
    /// What came of a wish for data.
    enum Provision: Hashable, Sendable {
        /// The folder with the files; it stays until it is released.
        case folder(String)
        /// The attempt was stopped while it waited.
        case stopped
        /// The data cannot be had; in words.
        case missing(String)
    }

    /// One attempt that waits.
    fileprivate struct Waiter {
        let attempt: Attempt
        let continuation: CheckedContinuation<Provision, Never>
    }

    /// Data that attempts wait for.
    fileprivate struct Entry {
        let mount: Mount
        var waiters: [Waiter] = []
    }

    /// The one fetch under way.
    fileprivate struct Fetching {
        let manifest: ContentHash
        var fetch: DataFetch
        /// What has come of the manifest; `nil` when it is known.
        var manifestBytes: Data?
        /// What the manifest says, once it is known.
        var files: DataManifest?
        let began: Instant

        /// Whether the manifest and all its files are here.
        var isComplete: Bool { manifestBytes == nil && fetch.isDone }
    }

    fileprivate struct State {
        var cache: DataCache
        var entries: [ContentHash: Entry] = [:]
        /// Manifests to fetch, one after the other.
        var line: [ContentHash] = []
        /// How many of the line's first find no room beside what running jobs use.
        var blocked = 0
        var current: Fetching?
        /// Receipts of chunks, also of those that came too late, that no request has told yet.
        var receipts: [UInt64] = []
        /// Attempts that use the folder of a manifest.
        var pins: [ContentHash: Int] = [:]
        /// Manifests whose files were found under the coordinator's path.
        var shared: [ContentHash] = []
        var isTicking = false

        /// Manifests whose mounts may not be removed.
        var used: Set<ContentHash> { Set(pins.keys).union(entries.keys) }
    }

    /// Manifests that are told to the coordinator.
    private static let mostTold = 1_000

    private let usesSharedFiles: Bool
    private let logger: Logger
    private let proofs: FolderProofs
    private let state: Mutex<State>
    private let told = Mutex<Set<ContentHash>>([])
    private let queue = DispatchQueue(label: "data")
    private let proving = DispatchQueue(label: "proofs", attributes: .concurrent)
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private let send: @Sendable (DataRequest) -> Void

    /// A keeper whose files lie below a folder.
    ///
    /// - Parameters:
    ///   - limit: what the cache may hold, in bytes.
    ///   - usesSharedFiles: whether the coordinator's paths are looked at.
    ///   - send: hands a request to the coordinator; it may be lost.
    init(
        folder: String, limit: Int, usesSharedFiles: Bool, logger: Logger,
        send: @escaping @Sendable (DataRequest) -> Void
    ) throws {
        self.usesSharedFiles = usesSharedFiles
        self.logger = logger
        self.send = send
        proofs = try FolderProofs(folder: "\(folder)/proofs")
        let cache = try DataCache(folder: folder, limit: limit)
        state = Mutex(State(cache: cache))
        told.withLock { $0 = Set(cache.manifests.suffix(Self.mostTold)) }
    }

    private var now: Instant { Instant(start.duration(to: clock.now)) }

    /// The manifests whose data is here, at most a thousand.
    var held: Set<ContentHash> { told.withLock { $0 } }

    /// Waits until the data of a mount is here. A folder that was given must be released.
    func provide(_ mount: Mount, for attempt: Attempt, until stopLine: StopLine) async -> Provision {
        let provision = await withCheckedContinuation { continuation in
            queue.async { self.add(Waiter(attempt: attempt, continuation: continuation), for: mount) }
            stopLine.attach { [weak self] in self?.dismiss(attempt, from: mount.manifest) }
        }
        // Whoever runs the script attaches what ends it.
        stopLine.attach {}
        return provision
    }

    /// An attempt does not use its data any more.
    func release(_ manifest: ContentHash) {
        queue.async {
            self.state.withLock { state in
                let count = (state.pins[manifest] ?? 0) - 1
                state.pins[manifest] = count > 0 ? count : nil
                guard count <= 0 else { return }
                state.cache.removeOld(manifest)
                self.fetchBlocked(&state)
            }
        }
    }

    /// A chunk has come.
    func receive(_ chunk: DataChunk) { queue.async { self.state.withLock { self.take(chunk, &$0) } } }

    /// The coordinator cannot give some data.
    func receive(_ refusal: DataRefusal) {
        queue.async {
            self.state.withLock { state in
                guard state.current?.manifest == refusal.manifest else { return }
                self.fail("the coordinator cannot send the data: \(refusal.reason)", &state)
            }
        }
    }

    /// The connection is new: what was asked for may be lost.
    func connected() {
        queue.async {
            self.state.withLock { state in
                guard state.current != nil else { return }
                state.current?.fetch.askAllAgain(at: self.now)
                self.pump(&state)
            }
        }
    }

    // MARK: Waiting

    private func add(_ waiter: Waiter, for mount: Mount) {
        let isNew = state.withLock { state in
            let isNew = state.entries[mount.manifest] == nil
            state.entries[mount.manifest, default: Entry(mount: mount)].waiters.append(waiter)
            return isNew
        }
        if isNew { look(for: mount) }
    }

    private func dismiss(_ attempt: Attempt, from manifest: ContentHash) {
        queue.async {
            self.state.withLock { state in
                guard let index = state.entries[manifest]?.waiters.firstIndex(where: { $0.attempt == attempt }),
                    let waiter = state.entries[manifest]?.waiters.remove(at: index)
                else { return }
                waiter.continuation.resume(returning: .stopped)
                guard state.entries[manifest]?.waiters.isEmpty == true else { return }
                // What is here of it stays, for the next who wants it. One that is looked for is found in vain.
                if state.current?.manifest == manifest {
                    state.current = nil
                    state.entries[manifest] = nil
                    self.fetchNext(&state)
                } else if let place = state.line.firstIndex(of: manifest) {
                    state.line.remove(at: place)
                    if place < state.blocked { state.blocked -= 1 }
                    state.entries[manifest] = nil
                }
            }
        }
    }

    /// Looks for data that is here, which may mean to read all of it.
    private func look(for mount: Mount) {
        let cached = state.withLock { $0.cache.mount(of: mount.manifest) }
        proving.async {
            let places = [cached, self.usesSharedFiles ? mount.path : nil].compactMap { $0 }
            let found = places.first { self.proofs.holds($0, mount.manifest) }
            self.queue.async {
                self.state.withLock { state in
                    if let found {
                        if found != cached { state.share(mount.manifest) }
                        self.give(found, mount.manifest, &state)
                    } else {
                        // What lies in the cache is not what it was.
                        if cached != nil {
                            state.cache.distrust(mount.manifest, isUsed: state.pins[mount.manifest] != nil)
                        }
                        if state.entries[mount.manifest]?.waiters.isEmpty == false {
                            state.line.append(mount.manifest)
                        } else {
                            state.entries[mount.manifest] = nil
                        }
                    }
                    // While it was looked for it could not make room.
                    self.fetchBlocked(&state)
                }
            }
        }
    }

    private func give(_ path: String, _ manifest: ContentHash, _ state: inout State) {
        let waiters = state.entries.removeValue(forKey: manifest)?.waiters ?? []
        if !waiters.isEmpty { state.pins[manifest, default: 0] += waiters.count }
        state.cache.touch(manifest)
        tell(state)
        for waiter in waiters { waiter.continuation.resume(returning: .folder(path)) }
    }

    private func tell(_ state: State) {
        let held = Set((state.shared + state.cache.manifests).suffix(Self.mostTold))
        told.withLock { $0 = held }
    }

    // MARK: Fetching

    /// There may be room for what found none.
    private func fetchBlocked(_ state: inout State) {
        state.blocked = 0
        fetchNext(&state)
    }

    private func fetchNext(_ state: inout State) {
        guard state.current == nil, state.blocked < state.line.count else { return }
        let manifest = state.line.remove(at: state.blocked)
        let began = now
        logger.info("fetching data from the coordinator", metadata: ["data": "\(manifest.short)"])
        if let files = state.cache.manifest(of: manifest) {
            state.current = Fetching(manifest: manifest, fetch: DataFetch([]), began: began)
            begin(files, &state)
        } else {
            let blob = DataFetch.Blob(hash: manifest, byteCount: nil)
            let fetch = DataFetch([blob], largestUnknown: DataManifest.largestBytes)
            state.current = Fetching(manifest: manifest, fetch: fetch, manifestBytes: Data(), began: began)
            pump(&state)
        }
    }

    /// The manifest is known: now its files.
    private func begin(_ files: DataManifest, _ state: inout State) {
        guard let manifest = state.current?.manifest else { return }
        let missing = state.cache.missing(of: files)
        let bytes = missing.reduce(0) { $0 + ($1.byteCount ?? 0) - $1.have }
        do {
            try state.cache.makeRoom(for: bytes, sparing: state.used, wanted: Set(files.files.map(\.hash)))
        } catch {
            return error.isPassing ? block(&state) : fail("\(error)", &state)
        }
        tell(state)
        state.current?.files = files
        state.current?.manifestBytes = nil
        // Room may have been made with beginnings of files.
        state.current?.fetch = DataFetch(state.cache.missing(of: files))
        let isPartial = missing.contains { $0.have > 0 }
        logger.info(
            isPartial ? "going on with data that was cut" : "data to fetch",
            metadata: ["data": "\(manifest.short)", "files": "\(missing.count)", "bytes": "\(bytes)"])
        perform(state.current?.fetch.start() ?? [], &state)
        pump(&state)
    }

    /// What is fetched finds no room before a job ends: until then others may go before it.
    private func block(_ state: inout State) {
        guard let manifest = state.current?.manifest else { return }
        logger.info("data waits for room that running jobs use", metadata: ["data": "\(manifest.short)"])
        state.current = nil
        state.line.insert(manifest, at: state.blocked)
        state.blocked += 1
        fetchNext(&state)
    }

    private func take(_ chunk: DataChunk, _ state: inout State) {
        // Whoever waits for it: the coordinator sends only so much that is not confirmed, and no more is on the way.
        state.receipts = (state.receipts + [chunk.receipt]).suffix(dataRequestPieces)
        guard state.current?.manifest == chunk.manifest else { return }
        let steps = state.current?.fetch.receive(chunk.piece, total: chunk.total, chunk.content, at: now) ?? []
        perform(steps, &state)
        pump(&state)
    }

    private func perform(_ steps: [DataFetch.Step], _ state: inout State) {
        for step in steps where state.current != nil {
            do {
                try perform(step, &state)
            } catch {
                // The other steps are not the next fetch's.
                return fail("the worker cannot write its cache: \(error)", &state)
            }
        }
    }

    private func perform(_ step: DataFetch.Step, _ state: inout State) throws {
        let isManifest = state.current?.manifestBytes != nil
        switch step {
        case .append(_, let bytes) where isManifest: state.current?.manifestBytes?.append(bytes)
        case .append(let blob, let bytes): try write(&state) { try $0.append(bytes, to: blob) }
        case .discard where isManifest: state.current?.manifestBytes = Data()
        case .discard(let blob): state.cache.discard(blob)
        case .check(let manifest) where isManifest: try checkManifest(manifest, &state)
        case .check(let blob):
            let isRight = try write(&state) { try $0.check(blob) }
            if !isRight { logger.warning("a file arrived damaged", metadata: ["file": "\(blob.short)"]) }
            state.current?.fetch.checked(blob, isRight: isRight)
        }
    }

    /// Writes to the cache; where the disk is full, once more when all is removed that is not used.
    private func write<Result>(
        _ state: inout State, _ body: (inout DataCache) throws -> Result
    ) throws -> Result {
        do {
            return try body(&state.cache)
        } catch  where DataCache.isFull(error) {
            let wanted = Set((state.current?.files?.files ?? []).map(\.hash))
            logger.warning("the disk is full: data that no job uses is removed")
            state.cache.removeAll(sparing: state.used, wanted: wanted)
            tell(state)
            return try body(&state.cache)
        }
    }

    private func checkManifest(_ manifest: ContentHash, _ state: inout State) throws {
        let bytes = state.current?.manifestBytes ?? Data()
        guard Hashing.hash(bytes) == manifest else {
            state.current?.manifestBytes = Data()
            state.current?.fetch.checked(manifest, isRight: false)
            return
        }
        do {
            let files = try DataManifest(decoding: Array(bytes))
            try write(&state) { try $0.keep(bytes, of: manifest) }
            begin(files, &state)
        } catch let error as ManifestError {
            fail("the coordinator's data is refused: \(error)", &state)
        }
    }

    /// Asks for what is due, or ends the fetch.
    private func pump(_ state: inout State) {
        // Never held beside the state: what is changed would be copied, for each piece of many thousand files.
        guard state.current != nil else { return }
        if let failure = state.current?.fetch.failure { return fail(failure, &state) }
        if state.current?.isComplete == true { return finish(&state) }
        let pieces = state.current?.fetch.ask(at: now) ?? []
        if !pieces.isEmpty || state.receipts.count >= dataRequestPieces / 2 { ask(for: pieces, &state) }
        tick(&state)
    }

    private func ask(for pieces: [DataPiece], _ state: inout State) {
        guard let current = state.current, let waiter = state.entries[current.manifest]?.waiters.first else { return }
        for start in stride(from: 0, to: max(1, pieces.count), by: dataRequestPieces) {
            let some = Array(pieces[start..<min(pieces.count, start + dataRequestPieces)])
            send(
                DataRequest(
                    attempt: waiter.attempt, manifest: current.manifest, pieces: some,
                    receipts: state.receipts))
            state.receipts = []
        }
    }

    /// While something is on the way, looks twice a second whether it stays away.
    private func tick(_ state: inout State) {
        guard !state.isTicking else { return }
        state.isTicking = true
        queue.asyncAfter(deadline: .now() + .milliseconds(500)) { [weak self] in
            guard let self else { return }
            self.state.withLock { state in
                state.isTicking = false
                self.pump(&state)
            }
        }
    }

    private func finish(_ state: inout State) {
        guard let current = state.current, let files = current.files else { return }
        do {
            let path = try write(&state) { try $0.build(files, as: current.manifest) }
            proofs.note(path, current.manifest)
            ask(for: [], &state)  // the last receipts
            logger.info(
                "data is here",
                metadata: ["data": "\(current.manifest.short)", "seconds": "\((now - current.began).seconds)"])
            state.current = nil
            give(path, current.manifest, &state)
            fetchNext(&state)
        } catch {
            fail("the worker cannot write its cache: \(error)", &state)
        }
    }

    private func fail(_ reason: String, _ state: inout State) {
        guard let manifest = state.current?.manifest else { return }
        logger.error("data cannot be had", metadata: ["data": "\(manifest.short)", "why": "\(reason)"])
        state.current = nil
        for waiter in state.entries.removeValue(forKey: manifest)?.waiters ?? [] {
            waiter.continuation.resume(returning: .missing(reason))
        }
        fetchNext(&state)
    }
}

extension DataKeeper.State {
    fileprivate mutating func share(_ manifest: ContentHash) {
        shared.removeAll { $0 == manifest }
        shared = Array((shared + [manifest]).suffix(1_000))
    }
}
