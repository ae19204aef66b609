import Blobs
import Foundation
import Vocabulary
import Wire

/// Hands the data of mounts to workers that do not see the coordinator's file system.
///
/// Workers pull: each asks for pieces of files, and is answered one piece at a time in turn with all others, a bounded
/// number of pieces in each turn of the dispatcher. What was sent and not confirmed is bounded for each worker, so that
/// one that asks and does not read costs bounded memory.
struct DataDesk {
    /// Pieces sent in one turn of the dispatcher: what else has arrived waits no longer than for these.
    static let piecesPerTurn = 8
    /// Pieces of one worker that wait; what is asked beyond is dropped, and asked again.
    static let waitingPerWorker = 128
    /// Chunks on the way to one worker.
    static let unconfirmedPerWorker = 64
    /// When a chunk whose receipt does not come counts as lost. A connection that carries nothing ends sooner.
    static let patience = Duration.seconds(30)
    /// Chunks that may be lost one after the other: then nothing is sent until something is confirmed or the worker says hello.
    static let lostPerWorker = 192
    /// Mounts whose files are known at once.
    private static let knownMounts = 32

    private struct Want: Hashable {
        let manifest: ContentHash
        let piece: DataPiece
    }

    private struct Customer {
        var wants: [Want] = []
        var unconfirmed: [UInt64: Instant] = [:]
        /// Chunks that count as lost since the last receipt.
        var lost = 0
    }

    private enum Source {
        /// Its files are being hashed.
        case awaited
        case ready(MountIndex)
        case failed(String)
    }

    private var customers: [Incarnation: Customer] = [:]
    /// Workers with pieces that wait, in the order in which they are served.
    private var line: [Incarnation] = []
    private var sources: [ContentHash: Source] = [:]
    /// Mounts by their last use, the latest last.
    private var uses: [ContentHash] = []

    /// What a request means for others.
    struct Taken: Hashable {
        /// It shows that something has arrived, so it was worth its message.
        var confirms = false
        /// Somebody must look at the mount's files first, and tell by `know`.
        var needsLook = false
    }

    /// What a worker is sent.
    enum Answer {
        case chunk(ChunkFrame)
        case refusal(DataRefusal)
    }

    /// Takes a request in.
    mutating func take(_ request: DataRequest, from sender: Incarnation) -> Taken {
        var taken = Taken()
        // All who waited have been told; the next request looks at the files anew.
        if case .failed? = sources[request.manifest], !isWanted(request.manifest) { forget(request.manifest) }
        var customer = customers[sender] ?? Customer()
        for receipt in request.receipts where customer.unconfirmed.removeValue(forKey: receipt) != nil {
            taken.confirms = true
            customer.lost = 0
        }
        for piece in request.pieces where customer.wants.count < Self.waitingPerWorker {
            let want = Want(manifest: request.manifest, piece: piece)
            if !customer.wants.contains(want) { customer.wants.append(want) }
        }
        customers[sender] = customer
        if !customer.wants.isEmpty, !line.contains(sender) { line.append(sender) }
        guard !request.pieces.isEmpty, sources[request.manifest] == nil else { return taken }
        sources[request.manifest] = .awaited
        taken.needsLook = true
        return taken
    }

    /// A mount's files have been looked at.
    mutating func know(_ manifest: ContentHash, _ found: Result<MountIndex, ManifestMismatch>) {
        switch found {
        case .success(let index): sources[manifest] = .ready(index)
        case .failure(let mismatch): sources[manifest] = .failed(mismatch.description)
        }
        use(manifest)
        while uses.count > Self.knownMounts { sources[uses.removeFirst()] = nil }
    }

    /// The next answer to send, and to whom; `nil` when nothing can be sent now.
    mutating func next(at now: Instant) -> (Incarnation, Answer)? {
        for _ in 0..<line.count {
            let incarnation = line.removeFirst()
            guard var customer = customers[incarnation], let want = customer.wants.first else { continue }
            let answer = isOpen(&customer, at: now) ? answer(to: want, of: &customer, at: now) : nil
            if answer != nil, !customer.wants.isEmpty { customer.wants.removeFirst() }
            customers[incarnation] = customer
            if !customer.wants.isEmpty { line.append(incarnation) }
            if let answer { return (incarnation, answer) }
        }
        return nil
    }

    /// Whether `next` would find something now.
    func hasWork(at now: Instant) -> Bool {
        line.contains { incarnation in
            guard let customer = customers[incarnation], let want = customer.wants.first else { return false }
            if case .awaited? = sources[want.manifest] { return false }
            return customer.unconfirmed.count < Self.unconfirmedPerWorker
                || customer.lost < Self.lostPerWorker
                    && customer.unconfirmed.values.contains { now - $0 >= Self.patience }
        }
    }

    /// A worker has said hello: its connection may have been cut. What is on the way is waited for all the same, or a peer
    /// that reads nothing could have any number of chunks by saying hello again and again.
    mutating func greet(_ incarnation: Incarnation) { customers[incarnation]?.lost = 0 }

    /// A worker cannot be reached: what it waits for it will ask again.
    mutating func forgetWants(of incarnation: Incarnation) { customers[incarnation]?.wants = [] }

    /// Forgets workers that are not among these.
    mutating func forget(allBut known: Set<Incarnation>) {
        customers = customers.filter { known.contains($0.key) }
    }

    private func isOpen(_ customer: inout Customer, at now: Instant) -> Bool {
        guard customer.unconfirmed.count >= Self.unconfirmedPerWorker else { return true }
        guard customer.lost < Self.lostPerWorker else { return false }
        let left = customer.unconfirmed.filter { now - $0.value < Self.patience }
        customer.lost += customer.unconfirmed.count - left.count
        customer.unconfirmed = left
        return left.count < Self.unconfirmedPerWorker
    }

    private mutating func answer(
        to want: Want, of customer: inout Customer, at now: Instant
    ) -> Answer? {
        switch sources[want.manifest] {
        case .awaited: return nil
        case .ready(let index):
            use(want.manifest)
            do {
                let receipt = UInt64.random(in: 1...UInt64.max)
                guard let chunk = try index.chunk(want.piece, of: want.manifest, receipt: receipt) else {
                    return refuse(
                        want.manifest,
                        "the data \(want.manifest.short) has no such piece of a file \(want.piece.blob.short)",
                        &customer)
                }
                customer.unconfirmed[receipt] = now
                return .chunk(chunk)
            } catch {
                sources[want.manifest] = .failed("\(error)")
                return refuse(want.manifest, "\(error)", &customer)
            }
        case .failed(let reason): return refuse(want.manifest, reason, &customer)
        // Forgotten while it waited, because others were wanted more: the worker asks again.
        case nil:
            customer.wants.removeAll { $0.manifest == want.manifest }
            return nil
        }
    }

    private func isWanted(_ manifest: ContentHash) -> Bool {
        customers.values.contains { $0.wants.contains { $0.manifest == manifest } }
    }

    private mutating func forget(_ manifest: ContentHash) {
        sources[manifest] = nil
        uses.removeAll { $0 == manifest }
    }

    private func refuse(
        _ manifest: ContentHash, _ reason: String, _ customer: inout Customer
    ) -> Answer {
        // One answer for all: the first want is taken away by who asked.
        let first = customer.wants.first
        customer.wants.removeAll { $0.manifest == manifest && $0 != first }
        return .refusal(DataRefusal(manifest: manifest, reason: reason))
    }

    private mutating func use(_ manifest: ContentHash) {
        guard uses.last != manifest else { return }
        uses.removeAll { $0 == manifest }
        uses.append(manifest)
    }
}
