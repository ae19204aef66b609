import Synchronization

/// Graphics processors, dealt out to the jobs that run at once.
final class DeviceShelf: Sendable {
    private let free: Mutex<[Int]>
    private let share: Int

    /// - Parameter slots: jobs that run at once; each gets an equal share, at least one if there is any.
    init(gpus: [Int], slots: Int) {
        free = Mutex(gpus)
        share = gpus.isEmpty ? 0 : max(1, gpus.count / max(1, slots))
    }

    /// Takes a job's share, or what is left of it.
    func take() -> [Int] {
        free.withLock { free in
            defer { free.removeFirst(min(share, free.count)) }
            return Array(free.prefix(share))
        }
    }

    /// Puts a share back.
    func give(_ gpus: [Int]) { free.withLock { $0 += gpus } }

    /// The device files that a script needs for some processors: NVIDIA's, and AMD's where those are.
    static func files(for gpus: [Int]) -> [String] {
        guard !gpus.isEmpty else { return [] }
        return ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/kfd"]
            + gpus.map { "/dev/nvidia\($0)" } + gpus.map { "/dev/dri/renderD\(128 + $0)" }
    }
}
