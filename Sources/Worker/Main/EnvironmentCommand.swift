import ArgumentParser
import Execution
import Foundation
import Vocabulary

/// Python environments by name.
struct EnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Lists, checks and makes Python environments.",
        subcommands: [List.self, Check.self, Create.self])

    /// Environments that are there and such that could be made.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the environments that are there, with their fingerprints, and those that could be made.")

        func run() async throws {
            let known = NamedEnvironments(variables: ProcessInfo.processInfo.environment)
            for name in known.installed {
                do {
                    let found = try await PythonEnvironment.inspect(
                        interpreter: known.interpreter(of: name), requiring: [])
                    print("\(name)\t\(found.fingerprint.short)\t\(found.packages.count) packages\t\(found.interpreter)")
                } catch {
                    print("\(name)\tbroken: \(error)")
                }
            }
            for name in known.unfinished {
                print("\(name)\tbroken off; `mlestar-worker env create \(name)` makes the rest")
            }
            for (name, file) in known.available where !(known.installed + known.unfinished).contains(name) {
                print("\(name)\tnot made yet; `mlestar-worker env create \(name)` makes it from \(file)")
            }
        }
    }

    /// One environment in full.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints an environment's fingerprint, interpreter and packages, or what is wrong with it.")

        @OptionGroup var python: PythonOptions

        @Flag(help: "Also see whether a sandbox works with it.")
        var trySandbox = false

        @OptionGroup var sandbox: SandboxOptions

        func run() async throws {
            let environment = try await python.environment()
            if trySandbox {
                let folder =
                    FileManager.default.temporaryDirectory.path + "/mlestar-check-\(UUID().uuidString.prefix(8))"
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let policy = try await sandbox.policy(slots: 1)
                _ = try await JobRunner(environment: environment, root: folder, policy: policy)
            }
            print(environment.fingerprint)
            print(environment.interpreter)
            for package in environment.packages { print(package) }
        }
    }

    /// Makes an environment.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an environment from a file of pinned requirements (configs/environments/NAME.txt).")

        @Argument(help: "The environment's name.")
        var name: String

        @Option(help: "Requirement file in which every version is pinned.")
        var requirements: String?

        @Option(help: "Interpreter to make it from.")
        var python = "python3"

        func run() async throws {
            let variables = ProcessInfo.processInfo.environment
            let known = NamedEnvironments(variables: variables)
            let base = PythonEnvironment.locate(named: python, environment: variables)
            let interpreter = try await known.create(name, requirements: requirements, python: base)
            let environment = try await PythonEnvironment.inspect(interpreter: interpreter, requiring: [])
            print("\(name)\t\(environment.fingerprint.short)\t\(environment.packages.count) packages\t\(interpreter)")
        }
    }
}
