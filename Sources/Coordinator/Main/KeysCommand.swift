import ArgumentParser
import Dispatching
import Foundation
import Keys
import Vocabulary

/// Who may connect over TCP.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes, lists and revokes the keys of workers on other hosts.",
        subcommands: [New.self, List.self, Revoke.self])

    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key for the workers named NAME or NAME-….",
            discussion: """
                Writes the worker's key file, to be copied to the worker's host and nowhere else. A coordinator that serves \
                with keys lets it in from now on.
                """)

        @Argument(help: "The key's name, such as the host's.")
        var name: String

        @Option(help: "The file to write (default: ./NAME.key).")
        var out: String?

        @OptionGroup var state: StateOption

        func run() async throws {
            let file = URL(fileURLWithPath: out ?? "\(name).key").path
            let folder = KeyFolder(state: try StateFolder(named: state.folder).path)
            let isFirst = !folder.isMade
            let key = try folder.make(name, writingTo: file, at: Date())
            print(
                """
                wrote \(file): the secret of \(key.name), mode 0600
                Copy it to the worker's host, delete it here, and start there:
                  mlestar-worker --coordinator tcp://THIS-HOST:5555 --key \(key.name).key --slots 1
                """)
            if isFirst { print("A `mlestar serve` that is running without keys must be started again.") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the keys, good ones and revoked ones.")

        @OptionGroup var state: StateOption

        func run() async throws {
            let folder = KeyFolder(state: try StateFolder(named: state.folder).path)
            let (listed, defects) = try folder.listed()
            let (revoked, others) = try folder.revoked()
            if listed.isEmpty, revoked.isEmpty { print("no keys; `mlestar keys new NAME` makes one") }
            for key in listed + revoked {
                let made = key.made.formatted(.iso8601)
                let end = key.revoked.map { "revoked \($0.formatted(.iso8601))" } ?? "let in"
                print("\(key.name)  \(key.publicText)  made \(made)  \(end)")
            }
            for defect in defects + others { tell(defect) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a key in no more, and ends what its workers have under way.")

        @Argument(help: "The key's name.")
        var name: String

        @OptionGroup var state: StateOption

        func run() async throws {
            let key = try KeyFolder(state: try StateFolder(named: state.folder).path).revoke(name, at: Date())
            print("revoked \(key.name) (\(key.publicText)); a running coordinator refuses it from now on")
        }
    }
}

/// What a `--bind` needs.
enum Binding {
    /// Checks an endpoint's form.
    static func check(_ endpoint: String) throws {
        guard Endpoint(endpoint) != nil else {
            throw ValidationError("--bind \(Endpoint.form), not '\(endpoint)'")
        }
    }

    /// The keys an endpoint is served with; `nil` where none are needed: `ipc://`, or loopback before any key was made.
    static func keys(for endpoint: String, in state: StateFolder) throws -> KeyFolder? {
        let place = Endpoint(endpoint)
        if place?.isFile == true { return nil }
        let folder = KeyFolder(state: state.path)
        guard folder.isMade else {
            if place?.isOnThisMachine == true { return nil }
            throw ValidationError(
                "--bind '\(endpoint)': without keys only loopback (tcp://127.0.0.1:PORT) and ipc:// are allowed; "
                    + "`mlestar keys new NAME --state \(state.path)` makes a key")
        }
        let (listed, defects) = try folder.listed()
        for defect in defects { tell(defect) }
        guard !listed.isEmpty else {
            throw InputError(
                "--bind '\(endpoint)': every key in \(folder.path) was revoked, nobody could connect; make one with "
                    + "`mlestar keys new NAME`, or delete the folder to serve loopback without keys")
        }
        return folder
    }
}
