/// Finds the packed tables of a competition's folder, as download pages hand them out.
public enum PackedTables {
    /// The archives that hold tables, relative to the folder, sorted: `train.csv.zip`, `input/test.csv.gz`, `train.zip`.
    /// Those whose table lies beside them are left out.
    public static func archives(in folder: String) -> [String] {
        var found: [String] = []
        for place in [""] + TaskLayoutFinder.usualFolders {
            let path = place.isEmpty ? folder : folder + "/" + place
            guard FolderListing.isFolder(path), let entries = try? FolderListing.entries(of: path) else { continue }
            let names = entries.filter { !$0.isFolder }.map(\.name)
            let present = Set(names.map { $0.lowercased() })
            for name in names {
                guard let table = table(of: name), !present.contains(table) else { continue }
                found.append(place.isEmpty ? name : place + "/" + name)
            }
        }
        return found.sorted()
    }

    /// Whether a file with that name would be the training table, the test table or the sample submission.
    public static func isTable(_ name: String) -> Bool {
        FileNames.isTrain(name) || FileNames.isTest(name) || FileNames.isSample(name)
    }

    /// The table in an archive, in small letters, or `nil` when its name speaks of none.
    private static func table(of archive: String) -> String? {
        let name = archive.lowercased()
        for ending in [".csv.zip", ".csv.gz"] where name.hasSuffix(ending) {
            return String(name.dropLast(ending.count - 4))
        }
        return name.hasSuffix(".zip") && FileNames.isPackedTable(name) ? name.dropLast(4) + ".csv" : nil
    }
}
