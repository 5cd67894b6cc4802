//! Prints the permission table of the documentation: `cargo xtask permissions` puts it into README.md.

fn main() {
    print!("{}", domain::access::table::markdown());
}
