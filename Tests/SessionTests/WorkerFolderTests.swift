import Foundation
import Session
import TestKit
import Testing

@Suite("The folder of a worker that does not come again", .timeLimit(.minutes(5)))
struct WorkerFolderTests {
    @Test("it is removed with everything in it when all was handed in, and stays as it is until then")
    func removal() throws {
        let folder = try TemporaryFolder()
        let worker = "\(folder.path)/worker"
        try folder.write("rows", to: "worker/data/blobs/a")
        try folder.write("outcome", to: "worker/outbox/a-1.outcome")
        #expect(!WorkerFolder.removeWhenHandedIn(worker))
        #expect(FileManager.default.fileExists(atPath: "\(worker)/data/blobs/a"))
        unlink("\(worker)/outbox/a-1.outcome")
        #expect(WorkerFolder.removeWhenHandedIn(worker))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}
