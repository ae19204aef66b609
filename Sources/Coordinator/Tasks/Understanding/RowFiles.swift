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
        var partial = Set<String>()
        var first: String?
        var hits = 0
        for file in files {
            let last = FileNames.last(file)
            let stem = last.split(separator: ".", omittingEmptySubsequences: false).first.map(String.init) ?? last
            let whole = [last, stem, file, folder + "/" + file]
            if whole.contains(where: { ids.contains($0) || names.contains(Self.hash($0)) }) { return file }
            guard let part = Self.parts(of: file, stem: stem).first(where: ids.contains) else { continue }
            if partial.isEmpty { first = file }
            partial.insert(part)
            hits += 1
        }
        // A number in a file's name is often no id; many different ones in most names are.
        let isEnough = ids.areNumbers ? partial.count >= 3 && hits * 2 >= files.count : hits > 0
        return isEnough ? first : nil
    }

    /// The folders of a path, and what its name begins with up to each separator: of `a/p5_left.png` `a` and `p5`.
    private static func parts(of file: String, stem: String) -> [String] {
        let folders = file.split(separator: "/").dropLast().map(String.init)
        let ends = stem.indices.filter { !stem[$0].isLetter && !stem[$0].isNumber && $0 > stem.startIndex }
        return folders + ends.map { String(stem[..<$0]) }
    }

    private static func hash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8(ColumnProfiler.hash)
    }
}
