import Vocabulary

/// The environment variables a script sees: nothing of the worker's own.
enum ScriptEnvironment {
    static func variables(for job: Job, in folder: JobFolder) -> [String: String] {
        let cores = String(job.cores)
        var variables = [
            "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "\(folder.box)/working",
            "TMPDIR": "\(folder.box)/working", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg", "MLESTAR_SEED": String(job.seed), "MLESTAR_CORES": cores,
            "MLESTAR_SECONDS_LEFT": String(Int(job.limits.wall.seconds)),
            // Hash order is random otherwise, and with it the order of sets of feature names.
            "PYTHONHASHSEED": String(job.seed % 4_294_967_296),
        ]
        // Every numerical library has a name of its own for the number of threads.
        for name in [
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS",
            "LOKY_MAX_CPU_COUNT", "POLARS_MAX_THREADS",
        ] {
            variables[name] = cores
        }
        return variables
    }
}
