import Foundation
import Testing

@testable import Machine

@Suite("Memory of the machine")
struct MachineMemoryTests {
    @Test("there is some, and no more than is installed")
    func bounds() {
        #expect((1 << 20...Int(clamping: ProcessInfo.processInfo.physicalMemory)).contains(MachineMemory.available))
    }

    @Test("the tightest limit on the way up counts, in either version of control groups")
    func limits() {
        func bytes(_ membership: String, _ files: [String: String]) -> Int? {
            MachineMemory.limit(membership: membership) { files[$0] }
        }
        let unified = [
            "/sys/fs/cgroup/job/step/memory.max": "max\n", "/sys/fs/cgroup/job/memory.max": "17179869184\n",
            "/sys/fs/cgroup/memory.max": "34359738368\n",
        ]
        #expect(bytes("0::/job/step\n", unified) == 16 << 30)
        #expect(bytes("0::/other\n", unified) == 32 << 30)
        let none = "9223372036854771712\n"
        let first = [
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1073741824\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": none, "/sys/fs/cgroup/cpu/a/memory.limit_in_bytes": "1\n",
        ]
        #expect(bytes("9:cpu,cpuacct:/a\n4:memory:/a\n", first) == 1 << 30)
        #expect(bytes("4:memory:/\n", first).map { $0 > 1 << 60 } == true)
        #expect(bytes("4:cpu:/a\n", first) == nil && bytes("nonsense", first) == nil)
    }

    @Test(
        "what is free is what the machine has, and no more than the tightest group leaves, without files it would give up"
    )
    func free() {
        #expect((1...Int(clamping: ProcessInfo.processInfo.physicalMemory)).contains(MachineMemory.free))
        var files = ["/proc/meminfo": "MemTotal:       32505856 kB\nMemAvailable:   16777216 kB\n"]
        func bytes(_ membership: String?) -> Int { MachineMemory.free(membership: membership) { files[$0] } }
        #expect(bytes(nil) == 16 << 30 && bytes("0::/pod\n") == 16 << 30)

        let pod = "/sys/fs/cgroup/pod"
        files["\(pod)/memory.max"] = "\(4 << 30)\n"
        files["\(pod)/memory.current"] = "\(3 << 30)\n"
        files["\(pod)/box/memory.max"] = "max\n"
        files["\(pod)/box/memory.current"] = "\(2 << 30)\n"
        #expect(bytes("0::/pod/box\n") == 1 << 30)
        files["\(pod)/memory.stat"] = "anon 5\nfile 6\nactive_file 7\ninactive_file \(1 << 29)\n"
        #expect(bytes("0::/pod/box\n") == 3 << 29)
        files["\(pod)/memory.current"] = "\(5 << 30)\n"
        #expect(bytes("0::/pod/box\n") == 0)
        #expect(bytes("0::/other\n") == 16 << 30)

        let first = "/sys/fs/cgroup/memory"
        files["\(first)/a/memory.limit_in_bytes"] = "\(2 << 30)\n"
        files["\(first)/a/memory.usage_in_bytes"] = "\(1 << 30)\n"
        files["\(first)/a/memory.stat"] = "inactive_file 1\ntotal_inactive_file \(1 << 28)\n"
        files["\(first)/memory.limit_in_bytes"] = "9223372036854771712\n"
        files["\(first)/memory.usage_in_bytes"] = "\(20 << 30)\n"
        #expect(bytes("4:memory:/a\n") == 5 << 28)
        #expect(bytes("4:memory:/\n") == 16 << 30)
        files["/proc/meminfo"] = nil
        #expect(bytes("4:memory:/a\n") == 0)
    }

    @Test("as many scripts have room as cores and memory allow, and one always")
    func room() {
        let room = MachineRoom(cores: 8, memoryBytes: 24 << 30)
        #expect(room.scripts(cores: 0, memoryBytes: 0) == 8)
        #expect(room.scripts(cores: 4, memoryBytes: 0) == 2)
        #expect(room.scripts(cores: 1, memoryBytes: 5 << 30) == 4)
        #expect(room.scripts(cores: 1, memoryBytes: 0, shares: 2) == 2)
        #expect(room.scripts(cores: 1, memoryBytes: 0, shares: 0) == 1)
        #expect(room.scripts(cores: 16, memoryBytes: 0) == 1 && room.scripts(cores: 1, memoryBytes: 25 << 30) == 1)
    }
}
