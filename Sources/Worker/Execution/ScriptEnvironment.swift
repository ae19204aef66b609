import Vocabulary

/// Where a script finds itself.
struct ScriptPlace: Hashable {
    /// Its working folder.
    let box: String
    /// Weights of pretrained models, if it has any.
    let weights: String?

    /// The working folder in a room of bubblewrap's.
    static let inside = "/job"

    init(_ folder: JobFolder, _ sandbox: Sandbox, weights: String?) {
        box = sandbox == .bubblewrap ? Self.inside : folder.box
        self.weights = weights.map { sandbox == .bubblewrap ? "/weights" : $0 }
    }

    /// How CUDA finds a processor here: by a name that is the same everywhere, or else by its number among those in sight.
    func cudaName(of device: GraphicsDevice, position: Int) -> String {
        device.uuid ?? (box == Self.inside ? "\(position)" : device.processor.id)
    }
}

/// The environment variables a script sees: nothing of the worker's own.
enum ScriptEnvironment {
    ///
    /// - Parameter gpus: the processors it has to itself.
    static func variables(for job: Job, in place: ScriptPlace, gpus: [GraphicsDevice]) -> [String: String] {
        let cores = String(job.cores)
        var variables = [
            "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "\(place.box)/working",
            "TMPDIR": "\(place.box)/working", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg", "MLESTAR_SEED": String(job.seed), "MLESTAR_CORES": cores,
            secondsLeft: String(Int(job.limits.wall.seconds)), "MLESTAR_GPUS": String(gpus.count),
            gpuNames: gpus.map(\.processor.id).joined(separator: ","),
            visibleDevices: gpus.enumerated().map { place.cudaName(of: $1, position: $0) }.joined(separator: ","),
            // Hash order is random otherwise, and with it the order of sets of feature names.
            "PYTHONHASHSEED": String(job.seed % 4_294_967_296),
        ]
        // Every numerical library has a name of its own for the number of threads.
        for name in [
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS",
            "LOKY_MAX_CPU_COUNT", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
        ] {
            variables[name] = cores
        }
        if job.kind.keepsModel { variables[keepModel] = "1" }
        if job.deliverable != .scoreLine { variables[scoreLine] = "optional" }
        if let weights = place.weights {
            variables["HF_HOME"] = "\(weights)/huggingface"
            variables["HF_HUB_OFFLINE"] = "1"
            variables["TORCH_HOME"] = "\(weights)/torch"
        }
        return variables
    }

    static let secondsLeft = "MLESTAR_SECONDS_LEFT"
    static let keepModel = "MLESTAR_KEEP_MODEL"
    static let scoreLine = "MLESTAR_SCORE_LINE"
    /// What differs from job to job of a run.
    static let ofOneJob = [secondsLeft, keepModel, scoreLine]
    static let gpuNames = "MLESTAR_GPU_NAMES"
    static let visibleDevices = "CUDA_VISIBLE_DEVICES"
}
