import ArgumentParser
import Execution
import Foundation
import Vocabulary

/// Lists the graphics processors that scripts could use here; `mlestar run` asks, too.
struct GraphicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gpus",
        abstract: "Lists the graphics processors that --gpus auto takes: index or MIG id, memory in MiB.")

    func run() async throws {
        let devices = try await GraphicsDevice.Choice("auto").devices(
            environment: ProcessInfo.processInfo.environment)
        for processor in devices.map(\.processor) { print("\(processor.id)\t\(processor.memoryBytes >> 20)") }
    }
}
