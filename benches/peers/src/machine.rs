//! The machine of a run: processor, cores, memory, compiler's target. No host names.

use std::fs;

/// The machine in one line.
#[must_use]
pub fn describe() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let all = |member: &str| -> Vec<String> {
        let lines = processors.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(name, _)| name.trim() == member).map(|(_, value)| value.trim().to_owned()).collect()
    };
    let model = all("model name").into_iter().next().unwrap_or_else(|| "unknown processor".to_owned());
    let cache = all("cache size").into_iter().next().unwrap_or_else(|| "unknown".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let gib = kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / (1 << 20) as f64;
    let huge = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    let huge = huge.split(['[', ']']).nth(1).unwrap_or("unknown");
    format!(
        "{model}, {cores} cores, {cache} of cache, {gib:.0} GiB, huge pages: {huge}, built for {} without extensions",
        std::env::consts::ARCH
    )
}
