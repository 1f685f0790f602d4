//! One line a step on standard error: what a person who waits wants to read.

/// Says one line about `subject`, such as `envoy 1.40.0: downloading 37 MB`.
pub fn say(subject: &str, line: &str) {
    eprintln!("  {subject}: {line}");
}
