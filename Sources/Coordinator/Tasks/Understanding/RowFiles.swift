import Vocabulary

/// Finds files that are named after rows: they would have to be renamed with them.
struct RowFiles {
    let tables: TaskTables
    let layout: TaskLayout
    let identity: RowIdentity

    /// A sentence about the first such file, or `nil`.
    func reason() throws(TaskError) -> String? {
        guard let test = tables.test, !layout.folders.isEmpty || !layout.extras.isEmpty else { return nil }
        let names = fileNames(test)
        let ids = RowIDs(tables: tables, column: identity.tableColumn)
        for folder in layout.folders {
            let files = try FolderListing.files(below: layout.absolute(folder))
            if let hit = hit(among: files, in: folder, names, ids) {
                return "the folder '\(folder)' has a file for each row, such as \(hit)"
            }
        }
        let root = layout.extras.map(FileNames.last)
        return hit(among: root, in: layout.dataFolder, names, ids).map { "there is a file for each row, such as \($0)" }
    }

    /// The fields of columns that may hold the names of files.
    private func fileNames(_ test: CSVFile) -> Set<UInt64> {
        var names = Set<UInt64>()
        for (place, name) in test.names.enumerated() where name != identity.tableColumn {
            let count = tables.testCounts[place]
            guard count.content != .text, count.distinct.count > 5 else { continue }
            // Numbers that are no ids would meet names of files by chance, so only a few are looked at.
            let rows = count.isNumeric ? 0..<min(100, test.rowCount) : 0..<test.rowCount
            test.forEachRow(of: rows) { _, fields in names.insert(fields.withValue(place, ColumnProfiler.hash)) }
            guard !count.isNumeric, let own = tables.train.names.firstIndex(of: name) else { continue }
            tables.train.forEachRow { _, fields in names.insert(fields.withValue(own, ColumnProfiler.hash)) }
        }
        let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        names.remove(ColumnProfiler.hash(empty))
        return names
    }

    private func hit(among files: [String], in folder: String, _ names: Set<UInt64>, _ ids: RowIDs) -> String? {
        var tallies: [String: Tally] = [:]
        var partial = Tally()
        for file in files {
            let last = FileNames.last(file)
            let stem = last.split(separator: ".", omittingEmptySubsequences: false).first.map(String.init) ?? last
            let whole = [last, stem, file, folder + "/" + file]
            let key = whole.first { ids.contains($0) || names.contains(RowIDs.hash($0)) }
            let part = key == nil ? Self.parts(of: file, stem: stem).first(where: ids.contains) : nil
            if FileKind.isMedia(file), key != nil || (part != nil && !ids.areNumbers) { return file }
            let isChance = ids.areNumbers || !(key.map(ids.contains) ?? true)
            tallies[String(file.dropLast(last.count)), default: Tally()].add(file, key: key, isChance: isChance)
            partial.add(file, key: part, isChance: isChance && !FileKind.isMedia(file))
        }
        let first = tallies.sorted { $0.key < $1.key }.lazy.compactMap { $0.value.hit(rows: ids.leastCount) }.first
        return first ?? partial.hit(rows: ids.leastCount)
    }

    /// Counts files that seem to be named after rows.
    ///
    /// A table's name often meets an id by chance, as `2019.csv`; many different ones in most names do not.
    private struct Tally {
        private var files = 0
        private var hits = 0
        private var keys = Set<String>()
        private var first: String?
        /// Whether the names are numbers, or fields that need not name rows.
        private var mayBeChance = false

        mutating func add(_ file: String, key: String?, isChance: Bool) {
            files += 1
            guard let key else { return }
            first = first ?? file
            hits += 1
            keys.insert(key)
            if isChance { mayBeChance = true }
        }

        /// The first such file, where they are enough.
        func hit(rows: Int) -> String? {
            keys.count >= 3 && hits * 2 >= files && (!mayBeChance || keys.count * 10 >= rows) ? first : nil
        }
    }

    /// The folders of a path, and what its name begins with up to each separator: of `a/p5_left.png` `a` and `p5`.
    private static func parts(of file: String, stem: String) -> [String] {
        let folders = file.split(separator: "/").dropLast().map(String.init)
        let ends = stem.indices.filter { !stem[$0].isLetter && !stem[$0].isNumber && $0 > stem.startIndex }
        return folders + ends.map { String(stem[..<$0]) }
    }
}
