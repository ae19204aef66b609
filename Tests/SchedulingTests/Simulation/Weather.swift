import Vocabulary

/// What befalls a simulated cluster while the storm lasts. Probabilities are per message or per minute.
struct Weather {
    var loss: Double
    var duplication: Double
    /// Share of messages that take up to `longestDelay` instead of a fraction of a second; others overtake them.
    var delay: Double
    var longestDelay: Int
    var workerCrashesPerMinute: Double
    var diskLoss: Double
    var drainsPerMinute: Double
    var partitionsPerMinute: Double
    /// How often somebody pauses a run, for a minute at most.
    var pausesPerMinute: Double
    /// In milliseconds; the longest outlast a lease.
    var longestPartition: Int
    var coordinatorCrashesPerMinute: Double
    /// Chance that the coordinator dies between committing a batch and sending it.
    var crashAfterCommit: Double
    var withdrawals: Double
    var interruptions: Double
    var unavailability: Double
    var longestScript: Int
    /// Chance that a machine, any but the first, ends for good some time.
    var fires: Double
    /// How much faster or slower than it should a clock goes at most, as a share.
    var skew: Double

    /// Nothing goes wrong, and one slot is enough to end everything within the simulation's patience.
    static let calm = Weather(
        loss: 0, duplication: 0, delay: 0, longestDelay: 1, workerCrashesPerMinute: 0, diskLoss: 0, drainsPerMinute: 0,
        partitionsPerMinute: 0, pausesPerMinute: 0, longestPartition: 1, coordinatorCrashesPerMinute: 0,
        crashAfterCommit: 0, withdrawals: 0, interruptions: 0, unavailability: 0, longestScript: 15_000, fires: 0,
        skew: 0)

    /// Every kind of trouble, each of a strength of its own, many of them absent in one storm.
    static func storm(_ dice: inout Dice) -> Weather {
        func some(_ most: Double) -> Double { dice.chance(0.3) ? 0 : most * Double(dice.pick(0...100)) / 100 }
        return Weather(
            loss: some(0.2), duplication: some(0.2), delay: some(0.2), longestDelay: dice.pick(1_000...20_000),
            workerCrashesPerMinute: some(1.5), diskLoss: some(0.5), drainsPerMinute: some(0.3),
            partitionsPerMinute: some(0.5), pausesPerMinute: some(0.7), longestPartition: dice.pick(5_000...80_000),
            coordinatorCrashesPerMinute: some(1), crashAfterCommit: some(0.01), withdrawals: some(0.3),
            interruptions: some(0.2), unavailability: some(0.1), longestScript: dice.pick(2_000...90_000),
            fires: some(0.5), skew: some(0.5))
    }

    /// The pace of a clock.
    func pace(_ dice: inout Dice) -> Double { 1 + skew * Double(dice.pick(-100...100)) / 100 }
}

extension Resources {
    /// A machine: 1 to 4 slots, up to 4 processors of two sizes, one of two environments.
    static func some(_ dice: inout Dice) -> Resources {
        let slots = dice.pick(1...4)
        let gpus = (0..<(dice.chance(0.5) ? 0 : dice.pick(1...4))).map { number in
            GraphicsProcessor(id: "\(number)", memoryBytes: dice.pick(1...2) * 10)
        }
        return Resources(
            slots: slots, coresPerSlot: dice.pick(1...4), memoryBytes: dice.pick(1...4) * 100, gpus: gpus,
            environments: ["env\(dice.pick(1...2))"])
    }
}

extension Needs {
    /// What a job asks for, at most all that a machine has; most jobs ask for a slot alone.
    static func some(_ dice: inout Dice, within machine: Resources) -> Needs {
        var needs = Needs()
        guard dice.chance(0.5) else { return needs }
        if !machine.gpus.isEmpty, dice.chance(0.6) {
            needs.gpus = dice.pick(1...machine.gpus.count)
            let sizes = machine.gpus.map(\.memoryBytes).sorted(by: >)
            if dice.chance(0.5) { needs.gpuMemoryBytes = sizes[needs.gpus - 1] }
        }
        if dice.chance(0.3) { needs.cores = dice.pick(1...machine.cores) }
        if dice.chance(0.3) { needs.memoryBytes = dice.pick(1...machine.memoryBytes) }
        if dice.chance(0.2) { needs.environment = machine.environments[0] }
        return needs
    }
}
