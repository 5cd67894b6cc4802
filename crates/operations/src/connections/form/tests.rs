use super::*;

fn fields(form: &ConnectionForm) -> Vec<String> {
    form.read(Stored::default()).err().unwrap_or_default().into_iter().map(|f| f.field).collect()
}

#[test]
fn all_that_is_wrong_comes_back_at_once() {
    let form = ConnectionForm {
        name: "Not Good".into(),
        address: "ftp://x".into(),
        sign_in: "basic".into(),
        trust: "authority".into(),
        client_certificate: "x".into(),
        proxy: "x".into(),
        concurrency: "0".into(),
        realm_host: "https://auth.example.com".into(),
        ..ConnectionForm::empty()
    };
    let expected = [
        "name",
        "address",
        "username",
        "password",
        "authority",
        "client_certificate",
        "client_key",
        "proxy",
        "realm_host",
        "concurrency",
    ];
    assert_eq!(fields(&form), expected);
}

#[test]
fn a_stored_secret_need_not_be_typed_again() {
    let form = ConnectionForm {
        name: "production".into(),
        address: "registry.example.com".into(),
        sign_in: "token".into(),
        username: "wharfinger".into(),
        ..ConnectionForm::empty()
    };
    assert_eq!(fields(&form), ["password"]);
    let meant = form.read(Stored { password: true, ..Stored::default() }).unwrap_or_else(|_| panic!("it is right"));
    assert_eq!(meant.connection.address.to_string(), "https://registry.example.com");
    assert_eq!(secrets_edit(&meant).password, SecretEdit::Keep);
    assert_eq!(secrets_edit(&meant).identity_token, SecretEdit::Clear);
}

#[test]
fn nothing_secret_is_shown_or_told() {
    let form = ConnectionForm { password: "hunter2".into(), client_key: "k".into(), ..ConnectionForm::empty() };
    assert!(!format!("{form:?}").contains("hunter2"));
    assert_eq!(form.shown().held(), Stored::default());
    let former = form.clone();
    assert_eq!(form.shown().with_secrets_of(&former).password, "hunter2");
}

#[test]
fn our_own_tokens_need_no_secret_and_leave_none_behind() {
    let form = ConnectionForm {
        name: "production".into(),
        address: "registry.example.com".into(),
        sign_in: "token-server".into(),
        ..ConnectionForm::empty()
    };
    let meant = form.read(Stored::default()).map_err(|wrong| format!("{wrong:?}")).expect("nothing is missing");
    assert_eq!(meant.connection.sign_in, SignIn::TokenServer);
    let edit = secrets_edit(&meant);
    assert!(matches!((edit.password, edit.identity_token), (SecretEdit::Clear, SecretEdit::Clear)));
}
