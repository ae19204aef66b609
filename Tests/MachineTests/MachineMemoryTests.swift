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
