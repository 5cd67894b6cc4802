//! Which names of environment variables look like secrets.

/// Words that alone make a name look secret.
const SECRET: &[&str] = &[
    "PASSWORD",
    "PASSWORDS",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "SECRETKEY",
    "PRIVATEKEY",
    "ACCESSKEY",
    "AUTHTOKEN",
];
/// Words that do so before KEY: a key alone may be public.
const KEYS: &[&str] = &["API", "PRIVATE", "ACCESS", "SECRET", "SIGNING", "ENCRYPTION", "MASTER", "ACCOUNT"];
/// Short words that do so at the end, after another word: PWD alone is the working directory.
const ENDINGS: &[&str] = &["PASS", "PWD"];
/// A name that ends so tells where the secret is, or something about it.
const HARMLESS_ENDINGS: &[&str] = &[
    "FILE",
    "PATH",
    "DIR",
    "URL",
    "URI",
    "ENDPOINT",
    "TTL",
    "LENGTH",
    "EXPIRY",
    "TIMEOUT",
    "LIFETIME",
    "ALGORITHM",
    "NAME",
    "TYPE",
    "ENABLED",
    "REQUIRED",
];

/// Does the name of an environment variable look like a password, a token or a key? Whole words count, parted by `_`, by
/// other signs or by a capital after a small letter: `dbPassword` and `API_KEY_2` do; `TOKENIZER` and `PASSWORD_FILE` do
/// not.
pub fn looks_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((last, before)) = words.split_last() else { return false };
    if HARMLESS_ENDINGS.contains(last) {
        return false;
    }
    let pair = |pair: &[&str]| KEYS.contains(&pair[0]) && matches!(pair[1], "KEY" | "KEYS");
    words.iter().any(|word| SECRET.contains(word))
        || words.windows(2).any(pair)
        || !before.is_empty() && ENDINGS.contains(last)
}

/// The words of a name in capitals, digits at their ends left out.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for c in name.chars().take(256) {
        let parted = !c.is_ascii_alphanumeric() || small_before && c.is_ascii_uppercase();
        if parted {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_uppercase());
        }
        small_before = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    let bare = words.iter().map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned());
    bare.filter(|word| !word.is_empty()).collect()
}
