use super::*;

fn refused(password: &str, name: &str) -> bool {
    check("password", password, name).is_err_and(|error| error.field == "password")
}

#[test]
fn length_is_counted_in_characters() {
    assert!(refused("kX9vQ2mLp7w", "ada"));
    assert!(!refused("kX9vQ2mLp7wz", "ada"));
    assert!(!refused("ßüöäñéçåøżłđ", "ada"), "twelve characters, however many bytes");
    assert!(refused(&"xy9-K".repeat(26), "ada"));
}

#[test]
fn common_and_monotonous_passwords_are_refused() {
    let bad = [
        "password1234",
        "Password123456!",
        "P@ssw0rd1234",
        "qwertyuiop123",
        "correct horse battery staple",
        "correct-horse-battery-staple",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "987654321098",
        "abcdefghijklm",
        "!!!!password!!!!",
        "adminpassword",
        "Welcome2026!!",
        "changemechangeme",
        "1qaz2wsx3edc4rfv",
        "trustno1trustno1",
        "welcomeadmin1",
        "Summer2026!!",
        "asdfghjklasdfghjkl",
    ];
    for password in bad {
        assert!(refused(password, "ada"), "{password}");
    }
}

/// Put together as those who guess do it: from words, years, rows and signs, in every order.
#[test]
fn what_is_put_together_by_rule_is_refused() {
    let words = ["docker", "Registry", "H4rbor", "summer", "kubernetes", "Pr0duction", "november"];
    let years = ["1999", "2024", "2026", "123", "!!", "qwe"];
    for (a, b) in words.iter().flat_map(|a| words.iter().map(move |b| (a, b))) {
        for (year, parting) in years.iter().flat_map(|year| ["", "-", "_", "!"].map(|parting| (year, parting))) {
            for password in [format!("{a}{parting}{b}{year}"), format!("{year}{a}{parting}{b}")] {
                assert!(password.chars().count() < FEWEST || refused(&password, "ada"), "{password}");
            }
        }
    }
    for password in [
        "qweasdzxc123!",
        "1qaz2wsx3edc!",
        "zaq1xsw2cde3",
        "poiuytrewq2026",
        "!@#$%^qwerty",
        "yxcvbnm12345",
        "azertyqsdfgh",
        "abcdef123456",
        "31121999admin",
        "adaadaada2026",
        "lovelace-docker-2026",
    ] {
        assert!(refused(password, "ada.lovelace"), "{password}");
    }
}

#[test]
fn the_name_is_no_password() {
    assert!(refused("Ada.Lovelace", "ada.lovelace"));
    assert!(refused("adalovelace1815!", "adalovelace"));
    assert!(!refused("adalovelace-engine-notes", "adalovelace"));
    assert!(!refused("7381-9264-5507", "007"), "a name without letters is not in every number");
}

#[test]
fn good_passwords_pass() {
    let good = [
        "tramway violin sugar otter",
        "kX9vQ2mLp7wz",
        "The harbour closes at nine",
        "nine-lanterns-by-the-quay",
        "J'aime les trains de nuit",
        "zebra55Quilt!mop",
        "正しい馬の電池のホチキスです",
        "xkcd says otherwise 936",
    ];
    for password in good {
        assert_eq!(check("password", password, "ada"), Ok(()), "{password}");
    }
}

#[test]
fn the_list_is_of_use() {
    let words: Vec<_> = COMMON.split_ascii_whitespace().collect();
    assert!(words.len() >= 500);
    assert!(words.iter().all(|word| word.chars().count() >= 8 && *word == word.to_lowercase()));
}
