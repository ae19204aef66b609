public import Foundation

/// Where both programs keep files that nobody named a place for.
public enum HomeFolder {
    /// `MLESTAR_HOME`, else `.mlestar` in the user's home folder.
    public static func path(_ variables: [String: String] = ProcessInfo.processInfo.environment) -> String {
        variables["MLESTAR_HOME"] ?? "\(variables["HOME"] ?? NSHomeDirectory())/.mlestar"
    }
}
