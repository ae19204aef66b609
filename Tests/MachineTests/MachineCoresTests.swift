import Foundation
import Testing

@testable import Machine

@Suite("Cores of the machine")
struct MachineCoresTests {
    @Test("there is at least one, and no more than are installed")
    func bounds() {
        #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(MachineCores.available))
    }

    @Test("an affinity mask is counted, however wide it is")
    func masks() {
        #expect(MachineCores.mask(status: "Name:\tx\nCpus_allowed:\t5\nCpus_allowed_list:\t0,2\n") == 2)
        #expect(MachineCores.mask(status: "Cpus_allowed:\tffffffff,0000000f\n") == 36)
        #expect(MachineCores.mask(status: "Name:\tx\n") == nil)
    }

    @Test("the tightest quota on the way up counts, in either version of control groups, rounded up")
    func quotas() {
        func cores(_ membership: String, _ files: [String: String]) -> Int? {
            MachineCores.quota(membership: membership) { files[$0] }
        }
        let unified = [
            "/sys/fs/cgroup/pod/box/cpu.max": "max 100000\n", "/sys/fs/cgroup/pod/cpu.max": "250000 100000\n",
        ]
        #expect(cores("0::/pod/box\n", unified) == 3)
        let first = [
            "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "50000\n", "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ]
        #expect(cores("9:memory:/m\n4:cpu,cpuacct:/a\n", first) == 1)
        #expect(cores("4:cpu,cpuacct:/\n", first) == nil)
        #expect(cores("nonsense", first) == nil)
    }
}
