import Blobs
import Foundation
import Vocabulary

/// Keeps the secret key of a prepared task: a folder for its owner only. `state.json` is written last and says that
/// all is there.
struct KeyStore {
    let folder: String

    /// What `state.json` holds.
    struct State: Codable, Equatable {
        static let currentLayout = 1

        var layout = currentLayout
        var fingerprint: ContentHash
        var settings: SplitSettings
        var split: String
        var idColumn: String
        var testIDCount: Int
        var searchMounts: [Mount]
        var fullMount: Mount
        /// What the mounts leave out or call by another name; `nil` is as good as empty.
        var view: String?
    }

    private var statePath: String { folder + "/state.json" }

    /// The state, or `nil` when nothing was finished here.
    func state() throws(TaskError) -> State? {
        guard let content = FileManager.default.contents(atPath: statePath) else { return nil }
        guard let state = try? JSONDecoder().decode(State.self, from: content), state.layout == State.currentLayout
        else {
            throw TaskError(
                .impossibleSplit,
                "\(statePath) is damaged or was written by another version. Delete \(folder) and prepare the task "
                    + "again."
            )
        }
        return state
    }

    // MARK: Writing

    func write(_ state: State, keys: [FoldKey], testIDs: [String]) throws(TaskError) {
        try MountBuilder.makeFolder(folder, mode: 0o700)
        let test = Table(names: ["id"], columns: [testIDs])
        try write(CSVWriter.bytes(of: test), to: "test-ids.csv")
        for (fold, key) in keys.enumerated() {
            try write(CSVWriter.bytes(of: Self.table(of: key)), to: Self.name(fold))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let content = try? encoder.encode(state) else {
            throw TaskError(.inaccessibleFile, "\(statePath) cannot be written.")
        }
        try write(Array(content), to: "state.json")
    }

    private func write(_ bytes: [UInt8], to name: String) throws(TaskError) {
        do {
            try DurableFile.write(bytes, to: folder + "/" + name)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/" + name)
        } catch {
            throw TaskError(.inaccessibleFile, "\(folder)/\(name) cannot be written: check free space and rights.")
        }
    }

    private static func name(_ fold: Int) -> String { "fold-\(fold).csv" }

    /// One record a row of the submission: its id, what it is, its place among those, and the labels.
    private static func table(of key: FoldKey) -> Table {
        var places: [String: (part: String, place: Int)] = [:]
        for (place, id) in key.search.ids.enumerated() { places[id] = (HeldOutPart.search.rawValue, place) }
        for (place, id) in key.judge.ids.enumerated() { places[id] = (HeldOutPart.judge.rawValue, place) }
        for (place, id) in key.testRows.enumerated() { places[id] = ("test", place) }
        let rows = key.submissionIDs.map { places[$0] ?? ("test", 0) }
        let truth = key.search.truth.names.indices.map { column in
            rows.map { row in
                switch row.part {
                case HeldOutPart.search.rawValue: key.search.truth.columns[column][row.place]
                case HeldOutPart.judge.rawValue: key.judge.truth.columns[column][row.place]
                default: ""
                }
            }
        }
        return Table(
            names: ["id", "part", "place"] + key.search.truth.names.map { "truth:" + $0 },
            columns: [key.submissionIDs, rows.map(\.part), rows.map { String($0.place) }] + truth)
    }

    // MARK: Reading

    /// The evaluation, with its mounts where the directory is now: a run's directory may have been moved.
    func read(_ state: State, directory: String) throws(TaskError) -> HiddenEvaluation {
        let testIDs = try CSVFile(path: folder + "/test-ids.csv").column("id") ?? []
        var keys: [FoldKey] = []
        for fold in state.searchMounts.indices {
            keys.append(try key(CSVFile(path: folder + "/" + Self.name(fold)).table(), testCount: state.testIDCount))
        }
        guard testIDs.count == state.testIDCount else { throw damaged() }
        return HiddenEvaluation(
            searchMounts: state.searchMounts.enumerated().map { fold, mount in
                Mount(manifest: mount.manifest, path: directory + "/search-\(fold)")
            }, fullMount: Mount(manifest: state.fullMount.manifest, path: directory + "/full"), testIDs: testIDs,
            idColumn: state.idColumn,
            keys: keys)
    }

    private func key(_ table: Table, testCount: Int) throws(TaskError) -> FoldKey {
        guard let ids = table["id"], let parts = table["part"], let places = table["place"]?.map({ Int($0) ?? -1 })
        else {
            throw damaged()
        }
        func rows(_ part: String) -> [Int] {
            parts.indices.filter { parts[$0] == part }.sorted { places[$0] < places[$1] }
        }
        func heldOut(_ part: HeldOutPart) -> HeldOutRows {
            let own = rows(part.rawValue)
            let truth = table.names.filter { $0.hasPrefix("truth:") }
            let cut = table.selecting(columns: truth).selecting(rows: own)
            return HeldOutRows(
                ids: own.map { ids[$0] },
                truth: Table(names: truth.map { String($0.dropFirst("truth:".count)) }, columns: cut.columns))
        }
        let testRows = rows("test").map { ids[$0] }
        guard testRows.count == testCount else { throw damaged() }
        return FoldKey(submissionIDs: ids, search: heldOut(.search), judge: heldOut(.judge), testRows: testRows)
    }

    private func damaged() -> TaskError {
        TaskError(.impossibleSplit, "\(folder) is damaged. Delete it and prepare the task again.")
    }
}
