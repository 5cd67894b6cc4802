//! The program `wharfinger`.

/// Rendering a page is mostly allocation: half as many pages again per second.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::cli::run()
}
